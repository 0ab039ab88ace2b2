import { addReaction, type Reaction, type ReactionTarget } from '../github/add-reaction.ts'
import type { GitHubClient } from '../github/github-client.ts'
import type { RepositoryAccess } from '../github/octokit.ts'
import { removeReaction } from '../github/remove-reaction.ts'
import type { RepoRef } from '../github/repo-ref.ts'

/**
 * Says with 👀 that a request was seen. Only a courtesy: where reactions are refused (a locked thread, an App
 * without that permission, a server that has none), the request is carried out all the same.
 */
export async function acknowledge(
  octokit: GitHubClient,
  seen: { readonly repository: RepoRef; readonly target: ReactionTarget },
): Promise<void> {
  await addReaction(octokit, { ...seen, reaction: 'eyes' }).catch(() => undefined)
}

/**
 * Says with another reaction what came of it, instead of 👀. A courtesy too: what was answered stands, and a reaction
 * that fails must not have it answered again.
 *
 * @param answered.keepEyes something else that was asked for in the same place may need them still.
 */
export async function acknowledgeWith(
  { octokit, botLogin: login }: Pick<RepositoryAccess, 'octokit' | 'botLogin'>,
  answered: {
    readonly repository: RepoRef
    readonly target: ReactionTarget
    readonly reaction: Reaction
    readonly keepEyes?: boolean
  },
): Promise<void> {
  const { repository, target, reaction, keepEyes = false } = answered
  await addReaction(octokit, { repository, target, reaction }).catch(() => undefined)
  if (keepEyes) return
  await removeReaction(octokit, { repository, target, reaction: 'eyes', login }).catch(() => undefined)
}
