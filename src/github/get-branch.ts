import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import { githubStatus } from './github-error.ts'
import type { RepoRef } from './repo-ref.ts'

/**
 * The commit that a branch points at; undefined when there is no such branch.
 *
 * @throws {BackspaceError} `repository_empty` when there is no commit at all.
 */
export async function getBranch(
  octokit: GitHubClient,
  { repository, branch }: { repository: RepoRef; branch: string },
): Promise<string | undefined> {
  try {
    const { data } = await askGitHub(
      `read branch ${branch} of ${repository.owner}/${repository.name}`,
      octokit.rest.git.getRef({
        owner: repository.owner,
        repo: repository.name,
        ref: `heads/${branch}`,
      }),
    )
    return data.object.sha
  } catch (error) {
    if (githubStatus(error) === 404) return undefined
    throw error
  }
}
