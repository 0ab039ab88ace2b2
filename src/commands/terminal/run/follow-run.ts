import { forTerminalDeep } from '../../../text/terminal-text.ts'
import { createPaint } from '../views/paint.ts'
import type { ServiceRetry } from '../views/patience.ts'
import { createScreen, type Output, type Screen } from '../views/screen.ts'
import { createTerminalView } from '../views/terminal-view.ts'
import { createWaits, elapsedText, retryText, type Wait, waitText } from '../views/waits.ts'
import type { ReceivedFrame } from './received-frame.ts'
import { streamFrames } from './run-frames.ts'

/** Without a terminal, how often a line says what the run waits for. All times are in milliseconds. */
const QUIET = 30_000
/** On a terminal, how long nothing happens before the last line says what the run waits for. */
const LIVE_QUIET = 1_000
const ASK_AGAIN = 5_000

export interface FollowOptions {
  readonly output: Output
  readonly token?: string | undefined
  /** Whether to print frames as the service sent them, one JSON object per line. */
  readonly json?: boolean | undefined
  /** Where everything but frames is printed. Default: `output`. */
  readonly screen?: Screen | undefined
  /** Stops following the run. */
  readonly signal?: AbortSignal | undefined
  readonly firstPatience?: number | undefined
  /** A question that is shown instead of what the run waits for; undefined without one. */
  readonly question?: (() => string | undefined) | undefined
  /** Asks the service what a queued run waits for. */
  readonly readWaiting?: (() => Promise<Parameters<ReturnType<typeof createWaits>['inLine']>[0]>) | undefined
  /** How long to print nothing before saying what the run waits for, in milliseconds. */
  readonly quietMs?: number | undefined
}

/**
 * Prints a run as it happens. When nothing happens, says what the run waits for, and since when.
 *
 * @param eventsUrl the run's `eventsUrl`.
 * @returns the last frame; undefined if the stream had none.
 * @throws {BackspaceError} if the service refuses, or is away for too long.
 */
export async function followRun(
  eventsUrl: string,
  options: FollowOptions,
): Promise<ReceivedFrame | undefined> {
  const { output, token, json = false, signal, firstPatience, readWaiting } = options
  const paint = createPaint(output)
  const screen = options.screen ?? createScreen(output, (text) => paint('dim', text))
  // A terminal that does not know its width reports zero columns.
  const show = createTerminalView(paint, () => output.columns || undefined)
  const waits = createWaits()
  const quiet = createQuiet(screen, { ...options, current: () => waits.current() })
  let aheadMs = 0
  let last: ReceivedFrame | undefined
  let askedAt = Date.now()
  const timer = setInterval(
    () => {
      quiet.tick()
      if (!readWaiting || !waits.isInLine || Date.now() - askedAt < ASK_AGAIN) return
      askedAt = Date.now()
      void readWaiting().then(waits.inLine, () => undefined)
    },
    Math.min(LIVE_QUIET, options.quietMs ?? QUIET),
  )
  try {
    const frames = streamFrames(eventsUrl, {
      token,
      signal,
      firstPatience,
      onOutput: (text) => waits.output(text, Date.now()),
      onRetry: quiet.lost,
      onOpen(clock) {
        aheadMs = clock.aheadMs
        quiet.found()
      },
    })
    for await (const { frame, sent } of frames) {
      last = frame
      waits.see(frame, Math.min(Date.now(), timeOf(frame) - aheadMs))
      if (json) {
        output.write(jsonLine(sent))
        quiet.heard()
      } else quiet.print(show(forTerminalDeep(frame)))
    }
    return last
  } finally {
    clearInterval(timer)
    screen.status('')
  }
}

interface QuietOptions extends Pick<FollowOptions, 'question' | 'quietMs'> {
  readonly current: () => Wait
}

/** Says what the run waits for. */
function createQuiet(screen: Screen, { question, quietMs = QUIET, current }: QuietOptions) {
  let saidAt = Date.now()
  let retry: ServiceRetry | undefined
  const textAt = (now: number) => (retry ? retryText(retry, now) : waitText(current(), now))
  function printWait(): void {
    const { what, times } = textAt(Date.now())
    print(`  … ${what}${times}\n`)
  }
  function print(lines: string): void {
    if (lines === '') return
    // A new frame arrived, so the wait is over.
    screen.status(question?.() ?? '')
    screen.print(lines)
    saidAt = Date.now()
  }
  function tick(): void {
    const now = Date.now()
    const asked = question?.()
    if (!screen.isLive) {
      if (now - saidAt >= quietMs) printWait()
    } else if (asked !== undefined) screen.status(asked)
    else if (retry || now - saidAt >= LIVE_QUIET) {
      const { what, times } = textAt(now)
      screen.status(`  … ${what}`, times)
    } else screen.status('')
  }
  return {
    print,
    tick,
    heard() {
      saidAt = Date.now()
    },
    lost(next: ServiceRetry) {
      const isNew = retry === undefined
      retry = next
      if (screen.isLive) tick()
      else if (isNew) printWait()
    },
    found() {
      if (!retry) return
      print(`  Connected to ${retry.host} after ${elapsedText(Date.now() - retry.since)}.\n`)
      retry = undefined
    },
  }
}

/** JSON in which characters that control terminals, or that some readers take for the end of a line, are escaped. */
function jsonLine(sent: unknown): string {
  const json = JSON.stringify(sent).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `${json}\n`
}

function timeOf({ at }: ReceivedFrame): number {
  const time = Date.parse(at)
  return Number.isNaN(time) ? Date.now() : time
}
