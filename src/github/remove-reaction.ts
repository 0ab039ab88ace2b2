import type { Reaction, ReactionTarget } from './add-reaction.ts'
import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

export interface RemoveReactionRequest {
  readonly repository: RepoRef
  readonly target: ReactionTarget
  readonly reaction: Reaction
  /** Whose reaction: ours. Nobody else's can be removed. */
  readonly login: string
}

/** Takes our reaction back; nothing happens when there is none. */
export async function removeReaction(octokit: GitHubClient, request: RemoveReactionRequest): Promise<void> {
  await askGitHub(
    `take back a reaction in ${request.repository.owner}/${request.repository.name}`,
    remove(octokit, request),
  )
}

async function remove(octokit: GitHubClient, request: RemoveReactionRequest): Promise<void> {
  const { repository, target, reaction } = request
  const place = { owner: repository.owner, repo: repository.name }
  const list = { ...place, content: reaction, per_page: 100 }
  const { reactions } = octokit.rest
  switch (target.kind) {
    case 'issue_comment': {
      const all = await octokit.paginate(reactions.listForIssueComment, { ...list, comment_id: target.id })
      for (const id of ownIds(all, request)) {
        await reactions.deleteForIssueComment({ ...place, comment_id: target.id, reaction_id: id })
      }
      return
    }
    case 'review_comment': {
      const all = await octokit.paginate(reactions.listForPullRequestReviewComment, {
        ...list,
        comment_id: target.id,
      })
      for (const id of ownIds(all, request)) {
        await reactions.deleteForPullRequestComment({ ...place, comment_id: target.id, reaction_id: id })
      }
      return
    }
    case 'issue': {
      const all = await octokit.paginate(reactions.listForIssue, { ...list, issue_number: target.number })
      for (const id of ownIds(all, request)) {
        await reactions.deleteForIssue({ ...place, issue_number: target.number, reaction_id: id })
      }
    }
  }
}

/** Some servers ignore the filter; what was asked for is looked at again, so that no other one goes. */
function ownIds(
  reactions: readonly {
    readonly id: number
    readonly content: string
    readonly user: { readonly login: string } | null
  }[],
  { login, reaction }: RemoveReactionRequest,
): number[] {
  return reactions
    .filter(({ user, content }) => user?.login === login && content === reaction)
    .map(({ id }) => id)
}
