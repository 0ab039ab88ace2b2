import { continueOptions, continueRun } from './continue-run.ts'
import { isTerminal, type Requester, type Run, type RunRequest } from './run.ts'
import type { Outcome } from './run-event.ts'
import { hasAgent } from './settings-request.ts'

/**
 * What a person with write access may do to a run, in the thread, on its page and over the API. For a run that asked a
 * question, `answer` takes the place of `continue`.
 */
export const RUN_ACTIONS = ['stop', 'note', 'approve', 'answer', 'continue', 'retry'] as const
export type RunAction = (typeof RUN_ACTIONS)[number]

interface ActedOn extends Pick<Run, 'status'> {
  readonly outcome: Outcome | null
  readonly options: { readonly prove?: boolean | undefined; readonly setup?: boolean | undefined }
}

/** The actions that the run allows now, with the one that most people want first. */
export function actionsOf({ status, outcome, options }: ActedOn): readonly RunAction[] {
  const isAgents = hasAgent({ options })
  if (!isTerminal(status)) return isAgents ? ['note', 'stop'] : ['stop']
  if (outcome === 'plan') return ['approve', 'continue']
  if (outcome === 'question') return ['answer']
  return isAgents ? ['retry', 'continue'] : ['retry']
}

/** Who asks for a run that is based on another run, and where they ask. */
export interface AskedAgain extends Pick<RunRequest, 'trigger' | 'comment'> {
  readonly requester: Requester
}

/** A request to do the same as an earlier run did. */
export function retryRequest(
  { request }: Pick<Run, 'request'>,
  { trigger, comment, requester, agent }: AskedAgain & Pick<RunRequest['options'], 'agent'>,
): RunRequest {
  const options = continueOptions(request.options, { agent: hasAgent(request) ? agent : undefined })
  return { ...request, trigger, comment, requester, options }
}

/** A request with a new prompt that continues a run, in the same thread and with the same options. */
export function continueRequest(
  run: Pick<Run, 'id' | 'request'>,
  { trigger, comment, requester, text }: AskedAgain & { readonly text: string },
): RunRequest {
  const { adopts: _whole, ...request } = run.request
  return continueRun(run, { ...request, trigger, comment, requester, prompt: text })
}

export function mayAct(
  { status, ending, request }: Pick<Run, 'status' | 'ending' | 'request'>,
  action: RunAction,
): boolean {
  return actionsOf({ status, outcome: ending?.outcome ?? null, options: request.options }).includes(action)
}
