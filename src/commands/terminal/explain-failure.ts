import { knownError } from '../../errors.ts'
import { createRedact } from '../../secrets/redact.ts'

/**
 * What a command says that failed: how it is used when it was called wrongly, else what went wrong, without secrets.
 */
export function explainFailure(error: unknown, usage: string): string {
  const { code } = error as NodeJS.ErrnoException
  if (code?.startsWith('ERR_PARSE_ARGS')) return usage
  const said = knownError(error)?.userMessage ?? (error instanceof Error ? error.message : String(error))
  return createRedact([])(said)
}
