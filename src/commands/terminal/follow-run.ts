import { durationText } from '../../text/amounts.ts'
import { createPaint } from './paint.ts'
import type { ReceivedFrame } from './received-frame.ts'
import { runFrames } from './run-frames.ts'
import { createTerminalView } from './terminal-view.ts'

/** A reader who sees nothing for this long wonders whether anything is going on. */
const QUIET_MS = 15_000

/**
 * Prints a run as it happens, and says what it waits for when nothing happens: a long command, a service that does
 * not answer.
 *
 * @param eventsUrl the run's `eventsUrl`.
 * @param options.quietMs how long nothing may be printed, in milliseconds.
 * @returns the last frame; undefined when the run had nothing to read.
 * @throws {Error} when the service refuses, or is away for too long.
 */
export async function followRun(
  eventsUrl: string,
  options: {
    /** A terminal, or where its output goes instead. */
    readonly output: NodeJS.WritableStream & { readonly columns?: number }
    readonly token?: string | undefined
    readonly quietMs?: number | undefined
  },
): Promise<ReceivedFrame | undefined> {
  const { output, token, quietMs = QUIET_MS } = options
  const paint = createPaint(output)
  const print = (text: string) => void output.write(text)
  // Zero columns is a terminal that does not know its width.
  const show = createTerminalView(paint, { width: output.columns || undefined })
  const frames = runFrames(eventsUrl, {
    token,
    onRetry: ({ reason, attempt, attempts }) =>
      print(paint('yellow', `  ${reason} Trying again (${attempt} of ${attempts}).\n`)),
  })
  let last: ReceivedFrame | undefined
  for (;;) {
    const startedAt = Date.now()
    const waitingFor = last?.message ?? 'Waiting for the first event'
    const reminder = setInterval(
      () => print(paint('dim', `  … ${waitingFor} (${durationText(Date.now() - startedAt)})\n`)),
      quietMs,
    )
    const { done, value } = await frames.next().finally(() => clearInterval(reminder))
    if (done) return last
    print(show(value))
    last = value
  }
}
