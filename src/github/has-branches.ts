import { BackspaceError } from '../errors.ts'
import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import { githubStatus } from './github-error.ts'
import type { RepoRef } from './repo-ref.ts'

/**
 * Whether a repository has any branch.
 *
 * @throws {BackspaceError} `repository_not_found` when it is gone or hidden meanwhile.
 */
export async function hasBranches(octokit: GitHubClient, { owner, name }: RepoRef): Promise<boolean> {
  const request = octokit.rest.repos.listBranches({ owner, repo: name, per_page: 1 })
  const { data } = await askGitHub(`list the branches of ${owner}/${name}`, request).catch(
    (error: unknown) => {
      if (githubStatus(error) !== 404) throw error
      throw new BackspaceError(
        'repository_not_found',
        `${owner}/${name} was deleted, or Backspace's credential no longer sees it. Check the name and the credential's access.`,
        { cause: error },
      )
    },
  )
  return data.length > 0
}
