import { knownError } from '../../../errors.ts'
import { createRedact } from '../../../secrets/redact.ts'
import { forTerminal } from '../../../text/terminal-text.ts'
import { WrongUsage, wrongOption } from './wrong-usage.ts'

/**
 * What a failed command prints: what went wrong, without secrets and without control sequences for the terminal. If the
 * command was called wrongly, its usage follows.
 */
export function explainFailure(error: unknown, usage: string): string {
  const option = wrongOption(error)
  const said =
    option ?? knownError(error)?.userMessage ?? (error instanceof Error ? error.message : String(error))
  // Messages can contain text from servers, files, repositories and the command line.
  const safe = forTerminal(createRedact([])(said))
  return option !== undefined || error instanceof WrongUsage ? `${safe}\n\n${usage}` : safe
}
