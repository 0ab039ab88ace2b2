import type { Outcome } from '../runs/run.ts'
import type { RunTotals } from '../runs/run-event.ts'

/** How a run ended, for the thread that it stands in. */
export interface Conclusion {
  readonly status: 'succeeded' | 'failed' | 'cancelled'
  /** Null unless it succeeded. */
  readonly outcome: Outcome | null
  /** One line for people: what happened, and for a failure what to do. */
  readonly message: string
  /** Of a failure. */
  readonly code?: string
  readonly pullRequestUrl?: string | null
  readonly draft?: boolean
  /** Markdown of the agent: the answer, the triage, the question, what the new commit does. */
  readonly text?: string
  /** Sentences of ours: why it is a draft, what was left out. */
  readonly notes?: readonly string[]
  /** Unified diff that was not published and that a person may want to apply. */
  readonly keptDiff?: string
  readonly totals?: RunTotals
}
