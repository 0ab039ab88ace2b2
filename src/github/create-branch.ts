import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

/**
 * Makes a branch that does not exist yet.
 *
 * @throws {BackspaceError} `conflict` when it exists.
 */
export async function createBranch(
  octokit: GitHubClient,
  { repository, branch, sha }: { repository: RepoRef; branch: string; sha: string },
): Promise<void> {
  await askGitHub(
    `make branch ${branch} in ${repository.owner}/${repository.name}`,
    octokit.rest.git.createRef({
      owner: repository.owner,
      repo: repository.name,
      ref: `refs/heads/${branch}`,
      sha,
    }),
  )
}
