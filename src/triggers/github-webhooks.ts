import type { Probot } from 'probot'
import { commentTrigger } from './comment-trigger.ts'
import { labelTrigger } from './label-trigger.ts'
import type { TriggerDeps } from './trigger-deps.ts'
import { fromIssueComment, fromLabel, fromReviewComment } from './trigger-event.ts'

/** The Probot app: which webhook goes to which trigger. Every other event is acknowledged and left alone. */
export function githubWebhooks(deps: TriggerDeps): (probot: Probot) => void {
  return (probot) => {
    probot.on('issue_comment.created', ({ payload }) => commentTrigger(deps, fromIssueComment(payload)))
    probot.on('pull_request_review_comment.created', ({ payload }) =>
      commentTrigger(deps, fromReviewComment(payload)),
    )
    probot.on('issues.labeled', ({ payload }) => labelTrigger(deps, fromLabel(payload)))
  }
}
