import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

/** Forks a repository into the account of the token; the same fork when it exists. It may take a while to fill. */
export async function createFork(octokit: GitHubClient, repository: RepoRef): Promise<RepoRef> {
  const { data } = await askGitHub(
    `fork ${repository.owner}/${repository.name}`,
    octokit.rest.repos.createFork({
      owner: repository.owner,
      repo: repository.name,
      default_branch_only: false,
    }),
  )
  return { owner: data.owner.login, name: data.name, id: data.id }
}
