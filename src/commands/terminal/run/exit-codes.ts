import { type ErrorCode, knownError } from '../../../errors.ts'
import type { ReceivedFrame } from './received-frame.ts'

/** Exit codes of `npm run code` and `npm run watch`. Scripts rely on each number. */
export const EXIT = {
  /** The run produced a pull request, an answer, a plan or a proof. */
  done: 0,
  /** The command line is wrong. */
  usage: 2,
  failed: 3,
  cancelled: 4,
  /** A person has to do something first: answer a question, or allow what was refused. */
  refused: 5,
  /** Backspace did not answer, or stayed away for too long. */
  notReached: 6,
  /** The command detached; the run continues. */
  detached: 7,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Codes of errors that come again on every retry, until a person does something. */
const REFUSED: ReadonlySet<string> = new Set<ErrorCode>([
  'unauthorized',
  'forbidden',
  'not_found',
  'conflict',
  'config_invalid',
  'repository_not_found',
  'repository_empty',
  'repository_archived',
  'repository_disabled',
  'not_installed',
  'not_permitted',
  'permission_missing',
  'scope_missing',
  'fork_pull_request',
  'base_not_found',
  'push_forbidden',
  'branch_protected',
  'publish_blocked',
  'secret_found',
  'change_too_large',
  'model_refused',
  'rate_limited',
])

/** @param last the last frame of a run. */
export function exitCodeOf(last: ReceivedFrame | undefined): ExitCode {
  if (last?.type === 'success') return last.extra_data.outcome === 'question' ? EXIT.refused : EXIT.done
  if (last?.type === 'error') {
    if (last.code === 'cancelled') return EXIT.cancelled
    return REFUSED.has(last.code) ? EXIT.refused : EXIT.failed
  }
  return last?.type === 'newer' && last.newerType === 'success' ? EXIT.done : EXIT.failed
}

/** The exit code of a command that could not do its work. */
export function exitCodeOfError(error: unknown): ExitCode {
  const { code: ofNode } = error as NodeJS.ErrnoException
  if (ofNode?.startsWith('ERR_PARSE_ARGS')) return EXIT.usage
  // Another program sent something that is not Backspace's.
  if (error instanceof SyntaxError) return EXIT.notReached
  const code = knownError(error)?.code
  if (code === 'bad_request' || code === 'bad_repository_url') return EXIT.usage
  if (code === 'unavailable') return EXIT.notReached
  if (code === 'cancelled') return EXIT.cancelled
  return code !== undefined && REFUSED.has(code) ? EXIT.refused : EXIT.failed
}
