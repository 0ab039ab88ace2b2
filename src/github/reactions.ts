import { askGitHub } from './github-call.ts'
import type { GitHubClient } from './github-client.ts'
import { fullName, inRepository, type RepoRef } from './repo-ref.ts'

/** 👀 `eyes`, 🚀 `rocket`, 😕 `confused`, 👍 `+1`. */
export type Reaction = 'eyes' | 'rocket' | 'confused' | '+1'

/** A comment by its id, or an issue or pull request by its number. */
export type ReactionTarget =
  | { readonly kind: 'issue_comment' | 'review_comment' | 'review'; readonly id: number }
  | { readonly kind: 'issue'; readonly number: number }

interface ReactionRequest {
  readonly repository: RepoRef
  readonly target: ReactionTarget
  readonly reaction: Reaction
}

interface OwnReaction extends ReactionRequest {
  /** Login under which Backspace acts: GitHub lets an account remove only its own reactions. */
  readonly login: string
}

/** Adds a reaction. Adding the same one twice makes no difference. */
export async function addReaction(
  octokit: GitHubClient,
  { repository, target, reaction }: ReactionRequest,
): Promise<void> {
  const { create } = reactionsOf(octokit, { repository, target })
  await askGitHub(`react in ${fullName(repository)}`, create(reaction))
}

/** Removes Backspace's own reaction; does nothing if there is none. */
export async function removeReaction(
  octokit: GitHubClient,
  { repository, target, reaction, login }: OwnReaction,
): Promise<void> {
  const { list, remove } = reactionsOf(octokit, { repository, target })
  const all = await askGitHub(`read the reactions in ${fullName(repository)}`, list(reaction))
  for (const { id, user, content } of all) {
    // Some servers ignore the filter of the list, so it is checked again here; no other reaction may be removed.
    if (user?.login !== login || content !== reaction) continue
    await askGitHub(`remove a reaction in ${fullName(repository)}`, remove(id))
  }
}

/** Replaces Backspace's 👀 by another reaction. */
export async function swapEyes(octokit: GitHubClient, swap: OwnReaction): Promise<void> {
  await addReaction(octokit, swap)
  await removeReaction(octokit, { ...swap, reaction: 'eyes' })
}

interface ReactionRoutes {
  readonly create: (content: Reaction) => Promise<unknown>
  readonly list: (content: Reaction) => Promise<readonly GivenReaction[]>
  readonly remove: (id: number) => Promise<unknown>
}

interface GivenReaction {
  readonly id: number
  readonly content: string
  readonly user: { readonly login: string } | null
}

/** The three routes that GitHub has for each kind of target. */
function reactionsOf(
  octokit: GitHubClient,
  { repository, target }: Omit<ReactionRequest, 'reaction'>,
): ReactionRoutes {
  const { paginate } = octokit
  const { reactions } = octokit.rest
  const place = inRepository(repository)
  switch (target.kind) {
    case 'issue_comment': {
      const on = { ...place, comment_id: target.id }
      return {
        create: (content) => reactions.createForIssueComment({ ...on, content }),
        list: (content) => paginate(reactions.listForIssueComment, { ...on, content, per_page: 100 }),
        remove: (id) => reactions.deleteForIssueComment({ ...on, reaction_id: id }),
      }
    }
    case 'review_comment': {
      const on = { ...place, comment_id: target.id }
      return {
        create: (content) => reactions.createForPullRequestReviewComment({ ...on, content }),
        list: (content) =>
          paginate(reactions.listForPullRequestReviewComment, { ...on, content, per_page: 100 }),
        remove: (id) => reactions.deleteForPullRequestComment({ ...on, reaction_id: id }),
      }
    }
    // GitHub's REST API has no reactions to reviews.
    case 'review':
      return { create: async () => {}, list: async () => [], remove: async () => {} }
    case 'issue': {
      const on = { ...place, issue_number: target.number }
      return {
        create: (content) => reactions.createForIssue({ ...on, content }),
        list: (content) => paginate(reactions.listForIssue, { ...on, content, per_page: 100 }),
        remove: (id) => reactions.deleteForIssue({ ...on, reaction_id: id }),
      }
    }
  }
}
