import { z } from 'zod'
import { findOnGitHub } from './github-call.ts'
import type { GitHubClient } from './github-client.ts'
import { githubError, githubFailure, rateLimitWaitMs } from './github-error.ts'
import { fullName, inRepository, type RepoRef } from './repo-ref.ts'
import { accessOf, type permissionOf, type RepositoryInfo } from './repositories.ts'

type Permission = Awaited<ReturnType<typeof permissionOf>>

/**
 * What the owner of an account may do in a repository. It follows the account's id, so it stays right when the account
 * gets another login, or when another account takes its old one.
 *
 * @returns the permission, with the login that the account has now.
 */
export async function permissionOfAccount(
  octokit: GitHubClient,
  ref: RepoRef,
  account: { readonly id: number; readonly login: string },
): Promise<{ readonly permission: Permission; readonly login: string }> {
  const asKnown = await accessOf(octokit, ref, account.login)
  if (asKnown.userId === account.id) return { ...account, permission: asKnown.permission }
  const found = await findOnGitHub(
    `look up the account ${account.id}`,
    octokit.request('GET /user/{account_id}', { account_id: account.id }),
  )
  const { login } = z.object({ login: z.string() }).safeParse(found?.data).data ?? account
  const asRenamed = await accessOf(octokit, ref, login)
  return { login, permission: asRenamed.userId === account.id ? asRenamed.permission : 'none' }
}

interface Collaborator {
  readonly id: number
  readonly login: string
  readonly permission: Permission
}

const PER_PAGE = 100
/** In a repository with more people than this, GitHub is asked about one person at a time. */
const MOST = 500

/**
 * The people who have access of their own: collaborators, and members of the organization who have it by a team, by the
 * organization's default, or as owners.
 *
 * @returns undefined where GitHub does not list everyone who can read: above 500 people, in a repository that a whole
 * enterprise sees, or for a token without push access.
 * @throws {BackspaceError} if GitHub does not answer.
 */
export async function listCollaborators(
  octokit: GitHubClient,
  repository: RepoRef & Pick<RepositoryInfo, 'isInternal'>,
): Promise<readonly Collaborator[] | undefined> {
  if (repository.isInternal) return undefined
  const people: Collaborator[] = []
  for (let page = 1; people.length === (page - 1) * PER_PAGE; page++) {
    const listed = people.length < MOST ? await readPage(octokit, repository, page) : undefined
    if (!listed) return undefined
    people.push(...listed)
  }
  return people
}

async function readPage(
  octokit: GitHubClient,
  repository: RepoRef,
  page: number,
): Promise<readonly Collaborator[] | undefined> {
  try {
    const place = inRepository(repository)
    const { data } = await octokit.rest.repos.listCollaborators({ ...place, per_page: PER_PAGE, page })
    return data.map(({ id, login, permissions }) => ({ id, login, permission: levelOf(permissions) }))
  } catch (error) {
    const failure = githubFailure(error)
    const isRefused = failure?.status === 403 && rateLimitWaitMs(failure, Date.now()) === undefined
    if (isRefused) return undefined
    throw githubError(error, `list the people of ${fullName(repository)}`)
  }
}

function levelOf(permissions: { admin: boolean; push: boolean; pull: boolean } | undefined): Permission {
  if (permissions?.admin) return 'admin'
  if (permissions?.push) return 'write'
  return permissions?.pull ? 'read' : 'none'
}
