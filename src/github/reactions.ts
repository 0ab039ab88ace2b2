import type { GitHubClient } from './github-client.ts'
import { askGitHub } from './github-error.ts'
import type { RepoRef } from './repo-ref.ts'

/** 👀 `eyes`, 🚀 `rocket`, 😕 `confused`, 👍 `+1`. */
export type Reaction = 'eyes' | 'rocket' | 'confused' | '+1'

/** What is reacted to: a comment by its id, or an issue or pull request by its number. */
export type ReactionTarget =
  | { readonly kind: 'issue_comment' | 'review_comment'; readonly id: number }
  | { readonly kind: 'issue'; readonly number: number }

/** Reacts; the same reaction twice is one reaction. */
export async function addReaction(
  octokit: GitHubClient,
  { repository, target, reaction }: { repository: RepoRef; target: ReactionTarget; reaction: Reaction },
): Promise<void> {
  await askGitHub(
    `react in ${repository.owner}/${repository.name}`,
    react(octokit, { repository, target, reaction }),
  )
}

async function react(
  octokit: GitHubClient,
  { repository, target, reaction }: { repository: RepoRef; target: ReactionTarget; reaction: Reaction },
): Promise<void> {
  const place = { owner: repository.owner, repo: repository.name, content: reaction }
  switch (target.kind) {
    case 'issue_comment':
      await octokit.rest.reactions.createForIssueComment({ ...place, comment_id: target.id })
      return
    case 'review_comment':
      await octokit.rest.reactions.createForPullRequestReviewComment({ ...place, comment_id: target.id })
      return
    case 'issue':
      await octokit.rest.reactions.createForIssue({ ...place, issue_number: target.number })
  }
}

interface RemoveReactionRequest {
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

interface SwapEyesRequest {
  readonly repository: RepoRef
  readonly target: ReactionTarget
  /** What stands there instead of 👀. */
  readonly reaction: Reaction
  /** Whose reactions: ours. */
  readonly login: string
}

/** Leaves another reaction where we said with 👀 that something was seen. */
export async function swapEyes(
  octokit: GitHubClient,
  { repository, target, reaction, login }: SwapEyesRequest,
): Promise<void> {
  await addReaction(octokit, { repository, target, reaction })
  await removeReaction(octokit, { repository, target, reaction: 'eyes', login })
}
