import { UNFIT_EXIT_CODE } from './claude-command.ts'
import type { CliLine } from './read-line.ts'

type ResultLine = Extract<CliLine, { type: 'result' }>

/** What is known once Claude Code has exited or reported the end of its turn. */
export interface CliEnd {
  /** The last result that it printed after the last input. */
  readonly result: ResultLine | undefined
  /** Undefined while it still runs. */
  readonly exitCode: number | undefined
  /** The last line that it wrote to stderr. */
  readonly complaint?: string | undefined
  /** Whether the gateway refused a request because of a limit of the run. */
  readonly isRefused: boolean
}

/**
 * - `done`: the model says that it is done.
 * - `reached`: the run has reached a limit.
 * - `elsewhere`: Claude or Claude Code cannot continue, but another agent can.
 */
export type CliVerdict =
  | { readonly kind: 'done' | 'reached' }
  | { readonly kind: 'elsewhere'; readonly reason: string }

const INTERRUPTED = 'Claude Code was interrupted.'

/** Judges by `is_error` and `terminal_reason`, because `subtype` is "success" even for a refused request. */
export function judgeEnd({ result, exitCode, complaint = '', isRefused }: CliEnd): CliVerdict {
  if (result?.is_error === false) return { kind: 'done' }
  if (isRefused) return { kind: 'reached' }
  if (!result) return elsewhere(withoutResult(exitCode, complaint))
  const { terminal_reason: why, api_error_status: status, stop_reason: stop, subtype } = result
  if (why === 'max_turns' || why === 'budget_exhausted' || /^error_max_/.test(subtype))
    return { kind: 'reached' }
  if (stop === 'refusal') return elsewhere('Claude declined to continue.')
  if (why === 'prompt_too_long') return elsewhere('The conversation became too long for Claude.')
  if (subtype === 'error_during_execution' && typeof status !== 'number') return elsewhere(INTERRUPTED)
  const answered = typeof status === 'number' ? ` (status ${status})` : ''
  return elsewhere(`Claude ${STATUS[status ?? 0] ?? 'could not be asked'}${answered}.`)
}

function withoutResult(exitCode: number | undefined, complaint: string): string {
  if (exitCode === UNFIT_EXIT_CODE)
    return 'Claude Code was not started: /etc/claude-code in the sandbox would steer it.'
  if (exitCode === 127) return 'Claude Code is not installed in the sandbox.'
  // After SIGINT Claude Code exits with 0, about one time in twenty before it has printed its result.
  if (exitCode === 0) return INTERRUPTED
  const end = exitCode === undefined ? '' : ` (exit code ${exitCode})`
  const said = complaint === '' ? '.' : `: ${complaint}`
  return `Claude Code ended without a result${end}${said}`
}

const STATUS: Readonly<Record<number, string>> = {
  400: 'did not take the request, or the account has no credit',
  401: 'refused the key',
  402: 'wants payment',
  403: 'refused the key',
  404: 'does not know the model',
  413: 'found the request too large',
  429: 'has reached its rate limit',
  529: 'is overloaded',
}

function elsewhere(reason: string): CliVerdict {
  return { kind: 'elsewhere', reason }
}
