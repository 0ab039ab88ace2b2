import pino, { type Logger as PinoLogger } from 'pino'
import type { Redact } from '../redaction.ts'
import { humanLine } from './human-line.ts'

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
