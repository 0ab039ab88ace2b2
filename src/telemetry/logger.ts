import { AsyncLocalStorage } from 'node:async_hooks'
import pino, { type Logger as PinoLogger } from 'pino'
import { knownError } from '../errors.ts'
import { type Redact, redactDeep } from '../secrets/redact.ts'
import { withoutBrokenEnd } from '../text/cut-text.ts'

export type Logger = PinoLogger

/**
 * What the work in progress is about. With `workInProgress.run({ runId }, work)`, every log line of that work carries
 * the run's id, even a line that a library writes.
 */
export const workInProgress = new AsyncLocalStorage<{
  readonly runId?: string
  readonly deliveryId?: string
}>()

/**
 * Structured logs on standard output: one JSON object per line, or a readable line if standard output is a terminal.
 * Secrets are masked in names and values of fields, in messages and in texts of errors, before they become JSON: in
 * JSON, the `n` of a `
 * ` would look like the first letter of a token after it.
 *
 * @param options.contextOf what else to add to lines about a run, such as its trace.
 * @param options.write receives each finished line; default: standard output.
 */
export function createLogger(options: {
  readonly level: string
  readonly redact: Redact
  readonly contextOf?: (runId: string) => object | undefined
  readonly write?: (line: string) => void
}): Logger {
  const write = options.write ?? writeToStandardOutput
  return pino(
    {
      level: options.level,
      base: null,
      mixin(facts) {
        const work = {
          ...workInProgress.getStore(),
          ...('runId' in facts ? { runId: facts.runId } : undefined),
        }
        const { runId } = work
        return { ...work, ...(typeof runId === 'string' ? options.contextOf?.(runId) : undefined) }
      },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError, error: describeError },
    },
    { write: (line: string) => write(maskLine(line, options.redact)) },
  )
}

/**
 * Most characters of one text in a log, cut before it is masked, since an error may repeat what a repository printed.
 */
const LONGEST_TEXT = 8192

/** Masks the decoded values of a line from pino, which ends with a line break. */
function maskLine(line: string, redact: Redact): string {
  const record = parse(line)
  if (record === undefined) return redact(line)
  return `${JSON.stringify(redactDeep(record, (text) => redact(boundLogText(text))))}\n`
}

function boundLogText(text: string): string {
  if (text.length <= LONGEST_TEXT) return text
  const start = withoutBrokenEnd(text.slice(0, LONGEST_TEXT))
  return `${start}… (${text.length - start.length} more characters)`
}

function writeToStandardOutput(line: string): void {
  process.stdout.write(process.stdout.isTTY ? humanLine(line) : line)
}

/** An error in a log: its type, text and cause. The stack is left out, since it contains paths of this machine. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { name, cause } = error
  const code = 'code' in error ? error.code : undefined
  const status = 'status' in error ? error.status : undefined
  return {
    type: name,
    message: withoutPaths(error.message),
    code,
    status,
    cause: describeError(cause),
  }
}

/** Removes absolute paths, which reveal this machine to outsiders and do not help the operator. */
function withoutPaths(message: string): string {
  return message.replace(/(?<![\w:/.])\/(?:home|root|work|tmp|usr|var|opt|etc|Users)\/[^\s'":]*/g, '[path]')
}

/** Fields that come first in a line, and are not repeated among the others. */
const SHOWN_FIRST = ['level', 'time', 'msg']
const SIGNS: Readonly<Record<string, string>> = { warn: '! ', error: '✗ ', fatal: '✗ ' }

/** Turns a line from pino into a readable one for a terminal: time, message, then the other fields. */
export function humanLine(line: string): string {
  const record = parse(line)
  if (record === undefined) return line
  const message = String(record.msg ?? '')
  const facts = Object.entries(record)
    .filter(([name, value]) => !SHOWN_FIRST.includes(name) && !message.includes(String(value)))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const time = String(record.time ?? '').slice(11, 19)
  const shown = [time, `${SIGNS[String(record.level)] ?? ''}${message}`, ...facts].join('  ')
  // What repository code printed must not control the terminal.
  return `${shown.replace(/\p{Cc}/gu, ' ')}\n`
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}

/** Logs failures that end no run, such as that of a chore or of a progress comment. */
type LogError = (error: unknown, facts?: object) => void

/** Logs a known error as a warning that says what to do, and any other error for a developer. */
export function createLogError(logger: Pick<Logger, 'warn' | 'error'>): LogError {
  return (error, facts = {}) => {
    const known = knownError(error)
    if (known) logger.warn({ err: error, ...facts }, known.userMessage)
    else logger.error({ err: error, ...facts }, 'internal error')
  }
}

/** Logs when the operator pauses all runs, and when the pause ends. */
export function logPauses(
  logger: Pick<Logger, 'warn'>,
): (pause: { readonly reason: string } | undefined) => void {
  return (pause) => {
    if (pause) logger.warn({ reason: pause.reason }, 'paused by the operator: no run starts')
    else logger.warn('the pause is over: runs start again')
  }
}
