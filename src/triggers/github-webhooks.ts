import type { Probot } from 'probot'
import { type ErrorCode, knownError } from '../errors.ts'
import { commentTrigger } from './comment-trigger.ts'
import { labelTrigger } from './label-trigger.ts'
import { pullRequestEnded, pushed } from './outcomes/outcome-triggers.ts'
import { proveTrigger } from './prove-trigger.ts'
import type { TriggerDeps } from './trigger-deps.ts'
import {
  fromIssueComment,
  fromLabel,
  fromPullRequest,
  fromPush,
  fromReview,
  fromReviewComment,
  fromRevocation,
} from './trigger-event.ts'

/** The webhooks that may start a run, or that show what became of one. */
export const HANDLED_EVENTS = [
  'issue_comment.created',
  'pull_request_review_comment.created',
  'pull_request_review.submitted',
  'issues.labeled',
  'pull_request.opened',
  'pull_request.synchronize',
  'pull_request.reopened',
  'pull_request.ready_for_review',
  'pull_request.closed',
  'push',
] as const

/** The Probot app, which passes each webhook to its trigger. All other events are acknowledged and ignored. */
export function githubWebhooks(deps: TriggerDeps): (probot: Probot) => void {
  const outcomes = { ...deps, now: () => new Date() }
  const prove = async (payload: unknown) => proveTrigger(deps, fromPullRequest(payload))
  const triggers: Record<(typeof HANDLED_EVENTS)[number], (payload: unknown) => Promise<void>> = {
    'issue_comment.created': async (payload) => commentTrigger(deps, fromIssueComment(payload)),
    'pull_request_review_comment.created': async (payload) =>
      commentTrigger(deps, fromReviewComment(payload)),
    'pull_request_review.submitted': async (payload) => commentTrigger(deps, fromReview(payload)),
    'issues.labeled': async (payload) => labelTrigger(deps, fromLabel(payload)),
    'pull_request.opened': prove,
    'pull_request.synchronize': prove,
    'pull_request.reopened': async (payload) => {
      await pullRequestEnded(outcomes, fromPullRequest(payload))
      await prove(payload)
    },
    'pull_request.closed': async (payload) => pullRequestEnded(outcomes, fromPullRequest(payload)),
    push: async (payload) => pushed(outcomes, fromPush(payload)),
    'pull_request.ready_for_review': prove,
  }
  async function handle(deliveryId: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!isFinal(error)) throw error
      deps.onLeftAlone(error, { deliveryId })
    }
  }
  return (probot) => {
    for (const event of HANDLED_EVENTS) {
      probot.on(event, ({ id, payload }) => handle(id, () => triggers[event](payload)))
    }
    // GitHub sends this event to every App. It starts no run, and ends the logins of a person who signed in.
    probot.on('github_app_authorization.revoked', ({ id, payload }) =>
      handle(id, async () => deps.onRevoked(fromRevocation(payload))),
    )
  }
}

/** Errors that a retry cannot fix: the payload is invalid, or the repository cannot be reached. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'bad_request',
  'not_found',
  'not_installed',
  'permission_missing',
  'repository_archived',
  'repository_disabled',
  'repository_not_found',
  'scope_missing',
])

function isFinal(error: unknown): boolean {
  const code = knownError(error)?.code
  return code !== undefined && FINAL.has(code)
}
