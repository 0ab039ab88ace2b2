import { BackspaceError } from '../errors.ts'
import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import { githubStatus } from './github-error.ts'
import type { RepoRef } from './repo-ref.ts'

export interface RepositoryInfo {
  readonly id: number
  readonly owner: string
  readonly name: string
  readonly private: boolean
  readonly archived: boolean
  readonly disabled: boolean
  readonly defaultBranch: string
  readonly htmlUrl: string
  /** False only when GitHub says that this credential may not push; then a fork is used. */
  readonly canPush: boolean
}

/** Follows renames. A name that meanwhile belongs to another repository than the one meant is not found. */
export async function readRepository(octokit: GitHubClient, ref: RepoRef): Promise<RepositoryInfo> {
  const name = `${ref.owner}/${ref.name}`
  const request = octokit.rest.repos.get({ owner: ref.owner, repo: ref.name })
  const { data } = await askGitHub(`read ${name}`, request).catch((error: unknown) => {
    if (githubStatus(error) !== 404) throw error
    throw new BackspaceError(
      'repository_not_found',
      `${name} does not exist, or Backspace's credential cannot see it. Check the name and the credential's access.`,
      { cause: error },
    )
  })
  if (ref.id !== undefined && ref.id !== data.id) {
    throw new BackspaceError(
      'repository_not_found',
      `${name} is not the repository that this run was asked for any more: it was renamed or deleted, and the name was used again.`,
    )
  }
  return {
    id: data.id,
    owner: data.owner.login,
    name: data.name,
    private: data.private,
    archived: data.archived,
    disabled: data.disabled,
    defaultBranch: data.default_branch,
    htmlUrl: data.html_url,
    canPush: data.permissions?.push !== false,
  }
}
