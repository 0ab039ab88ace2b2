import type { RunStatus } from '../run.ts'
import type { Outcome } from '../run-event.ts'

interface EndedRun {
  readonly id: string
  readonly status: RunStatus
  readonly outcome: Outcome | null
  /** The options of the run, as the API shows them. */
  readonly options?:
    | { readonly prove?: boolean | undefined; readonly setup?: boolean | undefined }
    | undefined
}

/** What a person may do about a run that has ended, as Markdown; empty when there is nothing to do. */
export interface NextSteps {
  /** How to do it with a comment in the run's thread. */
  readonly inThread: string
  /** How to do it with a request to the API. */
  readonly byApi: string
}

export function nextSteps({ id, status, outcome, options }: EndedRun): NextSteps {
  if (status === 'failed' || status === 'cancelled') {
    const inThread = 'Comment `/backspace retry` to run the request again.'
    if (options?.setup) return { inThread, byApi: inThread }
    if (options?.prove) return { inThread, byApi: 'Send the request again with `POST /prove`.' }
    return {
      inThread,
      byApi: `Send the request again with \`POST /code\`; \`"parentRunId":"${id}"\` continues from this run's conversation.`,
    }
  }
  switch (outcome) {
    case 'plan':
      return {
        inThread:
          'Comment `/backspace approve` to carry out this plan; words after `approve` are added to it. `/backspace --plan <what to change>` makes a new plan from this one.',
        byApi: `Carry out this plan with \`POST /runs/${id}/approve\`; the body \`{"text":"…"}\` adds to it.`,
      }
    case 'question':
      return {
        inThread: 'Comment `/backspace <your answer>` to continue from here.',
        byApi: `Answer with \`POST /code\`: the same \`repoUrl\`, your answer as \`prompt\`, and \`"parentRunId":"${id}"\`.`,
      }
    default:
      return { inThread: '', byApi: '' }
  }
}
