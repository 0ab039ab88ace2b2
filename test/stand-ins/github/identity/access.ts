import { ApiError, notFound } from '../api-error.ts'
import type { Account, Level, RepositoryRecord, Role } from '../records.ts'
import { findRepository, installationFor, type World } from '../world.ts'
import { type Caller, covers } from './caller.ts'

const ROLES: readonly Role[] = ['read', 'triage', 'write', 'maintain', 'admin']

/** What a request needs: a permission of the App, and the role that a user must have for the same. */
export interface Need {
  /** Any one of these permissions will do. */
  readonly permissions: readonly string[]
  readonly level: Exclude<Level, 'none'>
  readonly role: Role
}

/** A user's role in a repository; undefined for a stranger. */
export function roleOf(repository: RepositoryRecord, account: Account): Role | undefined {
  if (repository.owner === account) return 'admin'
  return repository.collaborators.get(account.login.toLowerCase())
}

export function hasRole(repository: RepositoryRecord, account: Account, role: Role): boolean {
  const actual = roleOf(repository, account) ?? (repository.private ? undefined : 'read')
  return actual !== undefined && ROLES.indexOf(actual) >= ROLES.indexOf(role)
}

/** May the caller know that the repository exists? */
export function isVisible(world: World, caller: Caller, repository: RepositoryRecord): boolean {
  if (repository.readyAt > world.now() && world.fork.until === 'missing') return false
  if (!repository.private) return true
  switch (caller.kind) {
    case 'anonymous':
    case 'app':
      return false
    case 'installation':
      return isCovered(world, caller, repository)
    case 'user':
      return hasRole(repository, caller.account, 'read') && caller.token.scopes.includes('repo')
  }
}

/** Finds a repository for a caller. @throws {ApiError} 404 when it does not exist or may not be known. */
export function visibleRepository(
  world: World,
  caller: Caller,
  { owner, name }: { readonly owner: string; readonly name: string },
): RepositoryRecord {
  const repository = findRepository(world, owner, name)
  if (!repository || !isVisible(world, caller, repository)) throw notFound()
  return repository
}

/**
 * Checks that a caller may do something to a repository it can see.
 *
 * @throws {ApiError} 401 without credentials; 403 `Resource not accessible by integration` for a token without the
 * permission; 404 for a user without the role or scope, as GitHub hides what one may not do; 403 when archived.
 */
export function requireNeed(world: World, caller: Caller, { repository, need }: NeedOf): void {
  if (!isAllowed(world, caller, { repository, need })) throw refusal(caller, need)
  if (need.level === 'write' && repository.archived) {
    throw new ApiError(403, 'Repository was archived so is read-only.')
  }
}

interface NeedOf {
  readonly repository: RepositoryRecord
  readonly need: Need
}

/** The same question as a yes or no, for git over HTTP. */
export function isAllowed(world: World, caller: Caller, { repository, need }: NeedOf): boolean {
  const reading = need.level === 'read'
  switch (caller.kind) {
    case 'anonymous':
    case 'app':
      return reading && !repository.private
    case 'installation':
      if (reading && !repository.private) return true
      return (
        isCovered(world, caller, repository) &&
        need.permissions.some((name) => covers(caller.token.permissions[name], need.level))
      )
    case 'user': {
      const scopes = repository.private ? ['repo'] : ['repo', 'public_repo']
      const scoped =
        (reading && !repository.private) || scopes.some((scope) => caller.token.scopes.includes(scope))
      return scoped && hasRole(repository, caller.account, need.role)
    }
  }
}

function isCovered(
  world: World,
  caller: Extract<Caller, { token: unknown }>,
  repository: RepositoryRecord,
): boolean {
  const { installation, repositoryIds } = caller.token
  if (installation === undefined || installationFor(world, repository) !== installation) return false
  return repositoryIds === undefined || repositoryIds.includes(repository.id)
}

function refusal(caller: Caller, need: Need): ApiError {
  switch (caller.kind) {
    case 'anonymous':
      return new ApiError(401, 'Requires authentication')
    case 'app':
    case 'installation':
      return new ApiError(
        403,
        'Resource not accessible by integration',
        {},
        // Alternatives, as GitHub names what would have done.
        {
          'x-accepted-github-permissions': need.permissions.map((name) => `${name}=${need.level}`).join('; '),
        },
      )
    case 'user':
      return new ApiError(404, 'Not Found', {}, { 'x-accepted-oauth-scopes': 'public_repo, repo' })
  }
}
