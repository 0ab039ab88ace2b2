import { addReaction, type Reaction, type ReactionTarget } from './add-reaction.ts'
import type { GitHubClient } from './github-client.ts'
import { removeReaction } from './remove-reaction.ts'
import type { RepoRef } from './repo-ref.ts'

export interface SwapEyesRequest {
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
