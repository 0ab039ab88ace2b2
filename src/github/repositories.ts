import { BackspaceError } from '../errors.ts'
import type { GitHubClient } from './github-client.ts'
import { askGitHub, githubStatus } from './github-error.ts'
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

type Permission = 'admin' | 'write' | 'read' | 'none'

/**
 * What a person may do in a repository. GitHub reports `maintain` as `write` and `triage` as `read`; anything else
 * that it may say one day counts as `none`.
 *
 * @throws {BackspaceError} when GitHub does not say. Whoever asks must not go on then.
 */
export async function permissionOf(octokit: GitHubClient, ref: RepoRef, login: string): Promise<Permission> {
  try {
    const { data } = await octokit.rest.repos.getCollaboratorPermissionLevel({
      owner: ref.owner,
      repo: ref.name,
      username: login,
    })
    return data.permission === 'admin' || data.permission === 'write' || data.permission === 'read'
      ? data.permission
      : 'none'
  } catch (error) {
    if (githubStatus(error) === 404) return 'none'
    return askGitHub(`read what ${login} may do in ${ref.owner}/${ref.name}`, Promise.reject(error))
  }
}

/** Only people who could push themselves may start a run. */
export function mayWrite(permission: Permission): boolean {
  return permission === 'admin' || permission === 'write'
}

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

/**
 * A text file as it is in a commit, links inside the repository followed; undefined when there is no such file, or
 * it is larger than GitHub hands out this way (1 MB).
 */
export async function getFile(
  octokit: GitHubClient,
  { repository, path, ref }: { repository: RepoRef; path: string; ref: string },
): Promise<string | undefined> {
  try {
    const { data } = await askGitHub(
      `read ${path} in ${repository.owner}/${repository.name}`,
      octokit.rest.repos.getContent({ owner: repository.owner, repo: repository.name, path, ref }),
    )
    if (Array.isArray(data) || data.type !== 'file' || data.encoding !== 'base64') return undefined
    return Buffer.from(data.content, 'base64').toString('utf8')
  } catch (error) {
    if (githubStatus(error) === 404) return undefined
    throw error
  }
}

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
