import pino, { type Logger as PinoLogger } from 'pino'
import { knownError } from '../errors.ts'
import type { Redact } from '../redaction.ts'

export type Logger = PinoLogger

/**
 * Structured logs on standard output, one JSON object a line; at a terminal, a line for people. Every line passes `redact` as a whole, so a secret is
 * masked wherever it stands: message, field, error text.
 *
 * @param options.write receives each finished line; default: standard output.
 */
export function createLogger(options: {
  readonly level: string
  readonly redact: Redact
  readonly write?: (line: string) => void
}): Logger {
  const write = options.write ?? writeToStandardOutput
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError, error: describeError },
    },
    { write: (line: string) => write(options.redact(line)) },
  )
}

function writeToStandardOutput(line: string): void {
  process.stdout.write(process.stdout.isTTY ? humanLine(line) : line)
}

/** What a log says of an error: its kind, text and cause. No stack: it holds paths of this machine. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { name, cause } = error
  const code = 'code' in error ? error.code : undefined
  const status = 'status' in error ? error.status : undefined
  return {
    type: name,
    message: withoutPaths(error.message),
    ...(code === undefined ? {} : { code }),
    ...(status === undefined ? {} : { status }),
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  }
}

/** Absolute paths of this machine tell an outsider about it and an operator nothing. */
function withoutPaths(message: string): string {
  return message.replace(/(?<![\w:/.])\/(?:home|root|work|tmp|usr|var|opt|etc|Users)\/[^\s'":]*/g, '[path]')
}

const SHOWN_BY_ITSELF = ['level', 'time', 'msg']
const SIGNS: Readonly<Record<string, string>> = { warn: '! ', error: '✗ ', fatal: '✗ ' }

/** One line of the log for a person at a terminal: time, what happened, then its facts; `line` is as pino writes it. */
export function humanLine(line: string): string {
  const record = parse(line)
  if (record === undefined) return line
  const message = String(record.msg ?? '')
  const facts = Object.entries(record)
    .filter(([name, value]) => !SHOWN_BY_ITSELF.includes(name) && !message.includes(String(value)))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const time = String(record.time ?? '').slice(11, 19)
  const shown = [time, `${SIGNS[String(record.level)] ?? ''}${message}`, ...facts].join('  ')
  // What a repository printed must not steer the terminal.
  return `${shown.replace(/\p{Cc}/gu, ' ')}\n`
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}

/** Takes what went wrong beside the main road: a chore, a comment that could not be written. */
type LogError = (error: unknown, facts?: object) => void

/** What we understand is a warning that says what to do; anything else is an error that needs a developer. */
export function createLogError(logger: Pick<Logger, 'warn' | 'error'>): LogError {
  return (error, facts = {}) => {
    const known = knownError(error)
    if (known) logger.warn({ err: error, ...facts }, known.userMessage)
    else logger.error({ err: error, ...facts }, 'internal error')
  }
}
