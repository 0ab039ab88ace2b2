import { knownError } from '../../errors.ts'
import { createRedact } from '../../secrets/redact.ts'
import { forTerminal } from '../../text/terminal-text.ts'

/**
 * What a command says that failed: how it is used when it was called wrongly, else what went wrong, without secrets and
 * without anything that steers a terminal.
 */
export function explainFailure(error: unknown, usage: string): string {
  // Of a program that failed, it is a number.
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code.startsWith('ERR_PARSE_ARGS')) return usage
  const said = knownError(error)?.userMessage ?? (error instanceof Error ? error.message : String(error))
  // Servers, files and repositories have a say in it.
  return forTerminal(createRedact([])(said))
}

/** What Node says about an option that a command does not take, without its advice, which does not fit here. */
export function wrongOption(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error)
  return said.replace(/[.:] .*|\n.*/s, '.')
}
