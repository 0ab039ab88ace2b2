import { BackspaceError } from '../errors.ts'
import type { AgentName } from '../text/agent-name.ts'
import { continueOptions } from './continue-run.ts'
import type { Requester, Run, RunRequest } from './run.ts'
import type { SubmitRunInput } from './submit-run.ts'

/** Who approves a plan, and in which words. */
export interface Approval {
  readonly trigger: RunRequest['trigger']
  readonly requester: Requester
  readonly comment?: RunRequest['comment'] | undefined
  /** The agent that is to carry out the plan; default: the agent that the first request asked for. */
  readonly agent?: AgentName | undefined
  /** Changes to the plan, if any. */
  readonly text?: string | undefined
  /** The whole plan as the person edited it; default: the plan as the agent wrote it. */
  readonly edited?: string | undefined
}

/** True when the run ended with a plan, which a person may approve. */
export function isPlan({ ending }: Pick<Run, 'ending'>): boolean {
  return ending?.outcome === 'plan'
}

/**
 * The run that carries out a plan. It continues from the transcript of the run that made the plan; the request repeats
 * the plan, in case that transcript is gone. Approving a plan twice finds the same run.
 */
export function approvedRun(plan: Run, approval: Approval): SubmitRunInput {
  const { trigger, requester, comment, agent, text = '' } = approval
  const made = plan.ending?.message ?? ''
  const { edited = made } = approval
  const { comment: _asked, options, ...request } = plan.request
  const { plan: _only, ...others } = options
  const parts = [
    request.prompt,
    edited === made
      ? 'The plan for this is approved. Carry out the plan:'
      : 'The plan for this is approved in an edited form, which replaces the one above. Carry out this plan:',
    edited,
    text === '' ? '' : `The approval came with these words, which take precedence over the plan:\n\n${text}`,
  ]
  return {
    key: `approve:${plan.id}`,
    request: {
      ...request,
      comment,
      trigger,
      requester,
      prompt: parts.filter((part) => part !== '').join('\n\n'),
      options: continueOptions(others, { agent }),
      parentRunId: plan.id,
    },
  }
}

/**
 * Refuses a second approval that says something else than the first one, so that its words are not lost silently.
 *
 * @param found the run that `submitRun` returned for the approval.
 * @throws {BackspaceError} `conflict` if the plan was approved before in other words.
 */
export function requireSameApproval(found: Pick<Run, 'id' | 'request'>, { request }: SubmitRunInput): void {
  if (found.request.prompt === request.prompt) return
  throw new BackspaceError(
    'conflict',
    `This plan was approved before, in other words. /runs/${found.id} carries it out: add a note there.`,
    { facts: { runId: found.id } },
  )
}
