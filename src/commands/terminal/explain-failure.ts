import { knownError } from '../../errors.ts'

/** What a command says that failed: how it is used when it was called wrongly, else what went wrong. */
export function explainFailure(error: unknown, usage: string): string {
  const { code } = error as NodeJS.ErrnoException
  if (code?.startsWith('ERR_PARSE_ARGS')) return usage
  return knownError(error)?.userMessage ?? (error instanceof Error ? error.message : String(error))
}
