import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

/**
 * Brings a branch of a fork up to the repository that it was forked from.
 *
 * @throws {BackspaceError} `conflict` when the fork's branch went another way.
 */
export async function syncFork(
  octokit: GitHubClient,
  { fork, branch }: { fork: RepoRef; branch: string },
): Promise<void> {
  await askGitHub(
    `update branch ${branch} of the fork ${fork.owner}/${fork.name}`,
    octokit.rest.repos.mergeUpstream({ owner: fork.owner, repo: fork.name, branch }),
  )
}
