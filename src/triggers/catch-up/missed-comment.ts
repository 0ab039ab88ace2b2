import { getIssue } from '../../github/get-issue.ts'
import type { GitHubClient } from '../../github/github-client.ts'
import type { RecentComments } from '../../github/list-comments-since.ts'
import type { Delivery } from '../../runs/deliveries/delivery.ts'
import { deliveryKey } from '../../runs/deliveries/delivery-key.ts'
import type { WatchedRepository } from '../../runs/deliveries/watched-repositories.ts'
import { isPerson } from '../authorize.ts'
import { parseCommands } from '../parse-command.ts'

type IssueComment = RecentComments['issueComments'][number]
type ReviewComment = RecentComments['reviewComments'][number]

/** A comment with a command in it, of which GitHub should have told us. */
export interface MissedComment {
  readonly event: 'issue_comment' | 'pull_request_review_comment'
  readonly comment: IssueComment | ReviewComment
  /** The same as of the webhook, if it was delivered or will be. */
  readonly contentKey: string
}

/** The comments that ask for something, were written between the two times, and not edited since. */
export function commandsAmong(
  { issueComments, reviewComments }: RecentComments,
  place: { readonly repository: WatchedRepository; readonly from: Date; readonly until: Date },
): readonly MissedComment[] {
  const { repository, from, until } = place
  const all = [
    ...issueComments.map((comment) => ({ event: 'issue_comment', comment }) as const),
    ...reviewComments.map((comment) => ({ event: 'pull_request_review_comment', comment }) as const),
  ]
  return all
    .filter(({ comment }) => {
      const written = Date.parse(comment.created_at)
      return written >= from.getTime() && written <= until.getTime() && isCommand(comment)
    })
    .map(({ event, comment }) => {
      const fact = { action: 'created', repository: { id: repository.id }, comment: { id: comment.id } }
      return { event, comment, contentKey: deliveryKey(event, fact) }
    })
}

/** Nobody can tell who wrote the present words of a comment that was edited: that is left alone. */
function isCommand({ user, body, created_at, updated_at }: IssueComment | ReviewComment): boolean {
  return (
    created_at === updated_at &&
    user !== null &&
    user !== undefined &&
    isPerson(user) &&
    parseCommands(body ?? '').length > 0
  )
}

/**
 * What GitHub would have delivered, as far as anybody reads it.
 *
 * @throws {BackspaceError} `not_found` when the thread is gone meanwhile.
 */
export async function rebuildDelivery(
  octokit: GitHubClient,
  { repository, missed }: { readonly repository: WatchedRepository; readonly missed: MissedComment },
): Promise<Delivery> {
  const { event, comment, contentKey } = missed
  const threadUrl = 'issue_url' in comment ? comment.issue_url : comment.pull_request_url
  const issue = await getIssue(octokit, { repository, number: Number(threadUrl.split('/').at(-1)) })
  const { id, owner, name, installationId } = repository
  const payload = {
    action: 'created',
    comment,
    ...(event === 'issue_comment' ? { issue } : { pull_request: issue }),
    repository: { id, name, full_name: `${owner}/${name}`, owner: { login: owner } },
    sender: comment.user,
    installation: { id: installationId },
  }
  return { deliveryId: `missed-${contentKey}`, event, payload: JSON.stringify(payload), contentKey }
}
