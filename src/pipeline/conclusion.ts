import { type ErrorCode, knownError } from '../errors.ts'
import type { Outcome } from '../runs/run.ts'
import type { RunTotals } from '../runs/run-event.ts'
import { SandboxError } from '../sandbox/sandbox.ts'

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

interface Failure {
  readonly code: ErrorCode
  /** What happened and what to do, for people. */
  readonly message: string
}

/** What people are told about something that was thrown. Unknown things are named by the run's id only. */
export function describeFailure(error: unknown, runId: string): Failure {
  const known = knownError(error)
  if (known) return { code: known.code, message: known.userMessage }
  if (error instanceof SandboxError) return sandboxFailure(error)
  const model = modelFailure(error)
  if (model) return model
  return {
    code: 'internal',
    message: `Something went wrong inside Backspace: failed, run ${runId}. Try again; the service's log has the details under that id.`,
  }
}

function sandboxFailure(error: SandboxError): Failure {
  switch (error.class) {
    case 'unavailable':
      return { code: 'sandbox_unavailable', message: error.message }
    case 'no_space':
      return {
        code: 'sandbox_lost',
        message: 'The sandbox has no disk space left. Ask for a smaller step, or use a larger template.',
      }
    case 'gone':
    case 'unreachable':
      return {
        code: 'sandbox_lost',
        message: 'The sandbox was lost.',
      }
    case 'path_not_found':
      return {
        code: 'sandbox_lost',
        message: 'A file that Backspace needs is no longer in the sandbox. Try again.',
      }
  }
}

/** Known by its shape: the pipeline does not import models. */
function modelFailure(error: unknown): Failure | undefined {
  if (!(error instanceof Error) || error.name !== 'ModelError') return undefined
  if (!('class' in error && 'userMessage' in error) || typeof error.userMessage !== 'string') return undefined
  const code = error.class === 'refusal' ? 'model_refused' : 'model_unavailable'
  return { code, message: error.userMessage }
}
