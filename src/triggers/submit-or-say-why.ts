import { BackspaceError } from '../errors.ts'
import type { ReactionTarget } from '../github/add-reaction.ts'
import type { RepositoryAccess } from '../github/octokit.ts'
import { acknowledgeWith } from './acknowledge.ts'
import { replyOnce } from './reply-once.ts'
import type { TriggerDeps } from './trigger-deps.ts'
import type { TriggerEvent } from './trigger-event.ts'

export interface Submission {
  readonly access: RepositoryAccess
  readonly event: TriggerEvent
  /** Where the request was seen with 👀. */
  readonly target: ReactionTarget
  readonly input: Parameters<TriggerDeps['submit']>[0]
  /** Another run of the same comment may need them. */
  readonly keepEyes?: boolean
}

/**
 * Submits a run; when a limit is reached, says so in the thread, instead of failing the delivery, which would be
 * tried again and again. Who asks on gets 😕 and no more than one such answer an hour in a thread.
 *
 * @returns undefined when it was refused.
 */
export async function submitOrSayWhy(deps: TriggerDeps, submission: Submission) {
  try {
    return await deps.submit(submission.input)
  } catch (error) {
    if (!(error instanceof BackspaceError) || error.code !== 'rate_limited') throw error
    await sayWhy(submission, error)
    return undefined
  }
}

async function sayWhy(submission: Submission, refusal: BackspaceError): Promise<void> {
  const { access, event, target, keepEyes = false } = submission
  const { octokit, botLogin } = access
  const { repository, sender, thread } = event
  const limit = String(refusal.facts.limit).replaceAll('_', '-')
  await replyOnce(octokit, {
    repository,
    number: thread.number,
    botLogin,
    key: `limited:${limit}:${sender.id}:${hourOf(event.at)}`,
    body: `@${sender.login}, this was not started. ${refusal.userMessage}`,
  })
  await acknowledgeWith(access, { repository, target, reaction: 'confused', keepEyes })
}

/** `2026-01-31t09`, from the event's own time, so that a repeat of the event finds the same answer. */
function hourOf(at: string): string {
  return at.slice(0, 13).toLowerCase()
}
