import { knownError } from '../errors.ts'
import type { Outcome, RunTotals, TerminalEvent } from './run-event.ts'

/**
 * How a run ended: the content of its terminal event, with every field present whatever the status. The run's row keeps
 * a copy of that event, written in the same statement, so the two never disagree.
 */
export interface Ending {
  readonly status: 'succeeded' | 'failed' | 'cancelled'
  /** Null unless the run succeeded. */
  readonly outcome: Outcome | null
  /** For people: what happened and, for a failure, what to do. */
  readonly message: string
  /** Error code of a failed run, `cancelled` for a cancelled one, null otherwise. */
  readonly code: string | null
  readonly pullRequestUrl: string | null
  /** The comment that reports the ending in the run's thread. */
  readonly commentUrl: string | null
  /** Whether the pull request is a draft. */
  readonly draft: boolean
  readonly totals: RunTotals
}

/** The Ending that a terminal event records. */
export function endingOf(event: TerminalEvent): Ending {
  const { message, totals } = event
  const nothing = { outcome: null, pullRequestUrl: null, commentUrl: null, draft: false }
  switch (event.type) {
    case 'run.succeeded': {
      const { outcome, pullRequestUrl, commentUrl, draft } = event
      return { status: 'succeeded', outcome, message, code: null, pullRequestUrl, commentUrl, draft, totals }
    }
    case 'run.failed':
      return { ...nothing, status: 'failed', message, code: event.code, totals }
    case 'run.cancelled':
      return { ...nothing, status: 'cancelled', message, code: 'cancelled', totals }
  }
}

/** How the message begins when no error code describes a failure. */
export const INTERNAL_FAILURE = 'Something went wrong inside Backspace'

/**
 * Code and message for something that was thrown. An unknown error is named by the run's id only: its own text may
 * hold secrets, and belongs in the log.
 */
export function failureOf(
  error: unknown,
  runId: string,
): Pick<Ending, 'message'> & { readonly code: string } {
  const known = knownError(error)
  if (known !== undefined) return { code: known.code, message: known.userMessage }
  return {
    code: 'internal',
    message: `${INTERNAL_FAILURE}: failed, run ${runId}. Try again; the service's log has the details under that id.`,
  }
}
