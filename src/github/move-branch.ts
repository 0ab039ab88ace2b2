import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

/**
 * Moves a branch forward; never by force.
 *
 * @throws {BackspaceError} `head_moved` when it is not a step forward any more.
 */
export async function moveBranch(
  octokit: GitHubClient,
  { repository, branch, sha }: { repository: RepoRef; branch: string; sha: string },
): Promise<void> {
  await askGitHub(
    `push to branch ${branch} of ${repository.owner}/${repository.name}`,
    octokit.rest.git.updateRef({
      owner: repository.owner,
      repo: repository.name,
      ref: `heads/${branch}`,
      sha,
      force: false,
    }),
  )
}
