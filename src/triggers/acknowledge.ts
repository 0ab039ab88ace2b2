import { addReaction, type ReactionTarget } from '../github/add-reaction.ts'
import type { GitHubClient } from '../github/github-client.ts'
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
