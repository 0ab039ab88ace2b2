import { BackspaceError } from '../errors.ts'
import { askGitHub, findOnGitHub, OPTIONAL_REQUEST } from './github-call.ts'
import type { GitHubClient } from './github-client.ts'
import { fullName, inRepository, type RepoRef } from './repo-ref.ts'

export interface RepositoryInfo {
  readonly id: number
  readonly owner: string
  readonly name: string
  readonly private: boolean
  /** True if every member of the enterprise can read it. */
  readonly isInternal?: boolean | undefined
  readonly archived: boolean
  readonly disabled: boolean
  readonly defaultBranch: string
  readonly htmlUrl: string
  readonly homepage?: string | undefined
  /** Size of the history in KiB, as GitHub last counted it. */
  readonly sizeKb: number
  /** False only if GitHub says that this credential may not push; then Backspace publishes from a fork. */
  readonly canPush: boolean
  /** - `none`: pull requests are switched off. `collaborators`: who may not push may not open one. */
  readonly pullRequests?: 'none' | 'collaborators' | undefined
}

/**
 * Reads a repository, following renames.
 *
 * @throws {BackspaceError} `repository_not_found`, also if its name now belongs to another repository.
 */
export async function readRepository(octokit: GitHubClient, ref: RepoRef): Promise<RepositoryInfo> {
  const name = fullName(ref)
  const found = await findOnGitHub(`read ${name}`, octokit.rest.repos.get(inRepository(ref)))
  if (!found) {
    throw new BackspaceError(
      'repository_not_found',
      `${name} does not exist, or Backspace's credential cannot see it. Check the name and the credential's access.`,
    )
  }
  const { data } = found
  if (ref.id !== undefined && ref.id !== data.id) {
    throw new BackspaceError(
      'repository_not_found',
      `${name} is no longer the repository that this run was asked for: that one was renamed or deleted, and another one has its name now.`,
    )
  }
  return infoOf(data)
}

type FoundRepository = Awaited<ReturnType<GitHubClient['rest']['repos']['get']>>['data']

function infoOf(data: FoundRepository): RepositoryInfo {
  return {
    id: data.id,
    owner: data.owner.login,
    name: data.name,
    private: data.private,
    isInternal: data.visibility === 'internal',
    archived: data.archived,
    disabled: data.disabled,
    defaultBranch: data.default_branch,
    htmlUrl: data.html_url,
    homepage: data.homepage ?? undefined,
    sizeKb: data.size,
    canPush: data.permissions?.push !== false,
    pullRequests: pullRequestsOf(data),
  }
}

/** Its types do not name these yet. */
function pullRequestsOf(found: FoundRepository): RepositoryInfo['pullRequests'] {
  const data: Readonly<Record<string, unknown>> = { ...found }
  if (data.has_pull_requests === false) return 'none'
  return data.pull_request_creation_policy === 'collaborators_only' ? 'collaborators' : undefined
}

type Permission = 'admin' | 'write' | 'read' | 'none'

/**
 * What a person may do in a repository. GitHub reports `maintain` as `write` and `triage` as `read`. An unknown value
 * counts as `none`.
 *
 * @throws {BackspaceError} if GitHub does not answer. The caller must then refuse.
 */
export async function permissionOf(octokit: GitHubClient, ref: RepoRef, login: string): Promise<Permission> {
  return (await accessOf(octokit, ref, login)).permission
}

/**
 * Like `permissionOf`, with the role under its name in GitHub's settings: `triage`, `maintain`, or one of the
 * organization's own.
 */
export async function accessOf(
  octokit: GitHubClient,
  ref: RepoRef,
  login: string,
): Promise<{
  readonly permission: Permission
  readonly role: string
  /** Number of the account that has this login now. */
  readonly userId: number | undefined
}> {
  const found = await findOnGitHub(
    `read the permission of ${login} in ${fullName(ref)}`,
    octokit.rest.repos.getCollaboratorPermissionLevel({ ...inRepository(ref), username: login }),
  )
  const { permission, role_name: role = '', user } = found?.data ?? {}
  const known =
    permission === 'admin' || permission === 'write' || permission === 'read' ? permission : 'none'
  return { permission: known, role: /^[\w .-]{1,40}$/.test(role) ? role : known, userId: user?.id }
}

/** Only people who could push themselves may start a run. */
export function mayWrite(permission: Permission): boolean {
  return permission === 'admin' || permission === 'write'
}

/**
 * Whether a repository has any branch.
 *
 * @throws {BackspaceError} `repository_not_found` if it was deleted or hidden in the meantime.
 */
export async function hasBranches(octokit: GitHubClient, ref: RepoRef): Promise<boolean> {
  const name = fullName(ref)
  const found = await findOnGitHub(
    `list the branches of ${name}`,
    octokit.rest.repos.listBranches({ ...inRepository(ref), per_page: 1 }),
  )
  if (found) return found.data.length > 0
  throw new BackspaceError(
    'repository_not_found',
    `${name} was deleted, or Backspace's credential no longer sees it. Check the name and the credential's access.`,
  )
}

/**
 * A text file of a commit; links inside the repository are followed. Undefined if there is no such file, or if it is
 * larger than 1 MB, the most that GitHub returns this way.
 */
export async function getFile(
  octokit: GitHubClient,
  { repository, path, ref }: { readonly repository: RepoRef; readonly path: string; readonly ref: string },
): Promise<string | undefined> {
  const found = await findOnGitHub(
    `read ${path} in ${fullName(repository)}`,
    octokit.rest.repos.getContent({ ...inRepository(repository), path, ref }),
  )
  const file = found?.data
  if (!file || Array.isArray(file) || file.type !== 'file' || file.encoding !== 'base64') return undefined
  return Buffer.from(file.content, 'base64').toString('utf8')
}

/**
 * Reads a repository that may not exist; undefined if it does not. It makes one request, which never waits for a limit.
 */
export async function findOptional(
  octokit: GitHubClient,
  repository: RepoRef,
): Promise<RepositoryInfo | undefined> {
  const found = await findOnGitHub(
    `read ${fullName(repository)}`,
    octokit.rest.repos.get({ ...inRepository(repository), ...OPTIONAL_REQUEST }),
  )
  return found && infoOf(found.data)
}

/**
 * Forks a repository into the account of the token, or finds the fork that is there. GitHub may take minutes to fill
 * it.
 */
export async function createFork(octokit: GitHubClient, repository: RepoRef): Promise<RepoRef> {
  const { data } = await askGitHub(
    `fork ${fullName(repository)}`,
    octokit.rest.repos.createFork({ ...inRepository(repository), default_branch_only: false }),
  )
  return { owner: data.owner.login, name: data.name, id: data.id }
}

/**
 * Brings a branch of a fork up to date with the repository that it was forked from.
 *
 * @throws {BackspaceError} `conflict` if the fork's branch has commits of its own.
 */
export async function syncFork(
  octokit: GitHubClient,
  { fork, branch }: { readonly fork: RepoRef; readonly branch: string },
): Promise<void> {
  await askGitHub(
    `update branch ${branch} of the fork ${fullName(fork)}`,
    octokit.rest.repos.mergeUpstream({ ...inRepository(fork), branch }),
  )
}
