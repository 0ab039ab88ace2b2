import { cutText } from '../../../text/cut-text.ts'
import type { ReceivedFrame } from '../run/received-frame.ts'
import { oneLine } from './paint.ts'
import type { ServiceRetry } from './patience.ts'

/** What a run waits for, and since when. */
export interface Wait {
  /** What the run waits for, as text without a full stop: `Waiting for the model`. */
  readonly what: string
  /** When the wait began: milliseconds since 1970, by the clock of this machine. */
  readonly since: number
  /** When the running command last printed something, if that is known. */
  readonly printedAt?: number | undefined
  /** The last line that the command printed. */
  readonly line?: string | undefined
}

/** Derives from the frames of a run what it waits for. */
export interface Waits {
  /** @param at when the frame happened, by the clock of this machine. */
  see(frame: ReceivedFrame, at: number): void
  /** Takes what the service says about a queued run; undefined if the run is not queued. */
  inLine(waiting: { readonly position: number; readonly message: string } | undefined): void
  /** Takes the end of the running command's output so far. */
  output(text: string, at: number): void
  current(): Wait
  readonly isInLine: boolean
}

const MODEL = 'Waiting for the model'
const NEXT_STEP = 'Waiting for the next step'
const LONGEST_LINE = 100

export function createWaits(now: () => number = Date.now): Waits {
  const tools = new Map<string, Wait>()
  let wait: Wait = { what: 'Waiting for the first event', since: now() }
  let isInLine = false
  let printed: { readonly text: string; readonly line?: string; readonly at?: number } = { text: '' }

  function seeInfo(frame: Extract<ReceivedFrame, { type: 'info' }>, at: number): void {
    if ('position' in frame) {
      isInLine = true
      wait = { what: `Waiting for a worker: position ${frame.position}`, since: at }
    } else if ('reason' in frame && frame.step === 'paused') {
      isInLine = true
      const what = frame.reason === null ? 'Waiting for a worker' : oneLine(frame.message)
      wait = { what, since: at }
    } else if (frame.step === 'claimed') {
      tools.clear()
      wait = { what: NEXT_STEP, since: at }
    } else if ('call_id' in frame) {
      tools.set(frame.call_id, { what: runningText(frame.tool, frame.message), since: at })
    } else if ('wait_ms' in frame) wait = { what: `${MODEL}, attempt ${frame.attempt}`, since: at }
    else if ('status' in frame) seeStep(frame, at)
    else if (frame.step === 'agent') wait = { what: MODEL, since: at }
  }

  function seeStep(
    frame: { readonly step: string; readonly status: string; readonly message: string },
    at: number,
  ): void {
    if (frame.status !== 'started') {
      tools.clear()
      wait = { what: NEXT_STEP, since: at }
    } else wait = { what: frame.step === 'agent' ? MODEL : oneLine(frame.message), since: at }
  }

  return {
    see(frame, at) {
      isInLine = false
      if ('call_id' in frame && frame.type !== 'info') {
        tools.delete(frame.call_id)
        wait = { what: MODEL, since: at }
      } else if (frame.type === 'info') seeInfo(frame, at)
      else if (frame.type === 'AI Message') wait = { ...wait, since: at }
    },
    inLine(waiting) {
      if (!waiting || !isInLine) return
      const { position, message } = waiting
      const reason = oneLine(message).replace(/\.$/, '')
      wait = { ...wait, what: `Waiting for a worker: position ${position} (${reason})` }
    },
    output(text, at) {
      const line = lastLine(text)
      if (line === undefined) printed = { text }
      else if (text !== printed.text) printed = { text, line, at }
    },
    current() {
      const [found, ...others] = tools.values()
      const { at: printedAt, line } = printed
      if (!found) return { ...wait, printedAt, line }
      const first = { ...found, printedAt, line }
      return others.length === 0 ? first : { ...first, what: `${first.what} and ${others.length} more` }
    },
    get isInLine() {
      return isInLine
    },
  }
}

/** The last line that a command printed; undefined while there are only titles of commands, such as `$ npm test (since …)`. */
function lastLine(text: string): string | undefined {
  const line = text.split('\n').findLast((one) => one.trim() !== '' && !one.startsWith('$ '))
  return line === undefined ? undefined : cutText(oneLine(line), LONGEST_LINE)
}

/** The title of a command begins with the name of its tool: `bash npm test`. */
function runningText(tool: string, title: string): string {
  const text = oneLine(title)
  const isCommand = /^bash$/i.test(tool) && text.toLowerCase().startsWith('bash ')
  return `Running ${isCommand ? text.slice('bash '.length) : text}`
}

/** A sentence for people in two parts: what the run waits for, and the times, which must stay readable in any case. */
export interface WaitText {
  readonly what: string
  readonly times: string
}

/** `Waiting for the model`, `, 42 s`. */
export function waitText({ what, since, printedAt, line }: Wait, now: number): WaitText {
  const printed = printedAt === undefined ? '' : `, last output ${elapsedText(now - printedAt)} ago`
  const shown = line === undefined ? what : `${what} · ${line}`
  return { what: shown, times: `, ${elapsedText(now - since)}${printed}` }
}

/** `Waiting for 127.0.0.1:3000 (it refuses the connection)`, `, 12 s; retry in 4 s`. */
export function retryText({ host, what, since, nextAt }: ServiceRetry, now: number): WaitText {
  const away = now - since < 500 ? '' : `, ${elapsedText(now - since)}`
  const next = nextAt - now < 500 ? 'retrying' : `retry in ${elapsedText(nextAt - now)}`
  return { what: `Waiting for ${host} (it ${what})`, times: `${away}; ${next}` }
}

/** A duration of a second or more, for people: `42 s`, `1 min 20 s`, `1 h 2 min`. */
export function elapsedText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
