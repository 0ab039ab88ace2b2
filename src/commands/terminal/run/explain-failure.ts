import { knownError } from '../../../errors.ts'
import { createRedact } from '../../../secrets/redact.ts'
import { forTerminal } from '../../../text/terminal-text.ts'

/**
 * What a failed command prints: the usage if it was called wrongly, else what went wrong, without secrets and without
 * control sequences for the terminal.
 */
export function explainFailure(error: unknown, usage: string): string {
  // Of a program that failed, it is a number.
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code.startsWith('ERR_PARSE_ARGS')) return usage
  const said = knownError(error)?.userMessage ?? (error instanceof Error ? error.message : String(error))
  // Messages can contain text from servers, files and repositories.
  return forTerminal(createRedact([])(said))
}

/** Node's message about an unknown option, without its advice, which does not fit here. */
export function wrongOption(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error)
  return said.replace(/[.:] .*|\n.*/s, '.')
}
