import { createPublicKey, verify } from 'node:crypto'
import { z } from 'zod'
import { ApiError, notFound } from './api-error.ts'
import type { Account, Actor, Level, RepositoryRecord, Role, TokenRecord } from './records.ts'
import { findRepository, installationFor, type World } from './world.ts'

/** Who makes a request. `account` is the App's bot for an installation token. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'app' }
  | { readonly kind: 'installation' | 'user'; readonly token: TokenRecord; readonly account: Account }

/**
 * Reads the `Authorization` header.
 *
 * @param basic accept `Basic` (git over HTTP); the API takes `Bearer` and `token` only for App tokens.
 * @throws {ApiError} 401 for anything unknown, expired or revoked.
 */
export function readCaller(world: World, authorization: string | undefined): Caller {
  if (authorization === undefined || authorization === '') return { kind: 'anonymous' }
  const token = tokenIn(authorization)
  if (looksLikeJwt(token)) {
    checkAppJwt(world, token)
    return { kind: 'app' }
  }
  const record = world.tokens.get(token)
  if (!record || !isAlive(world, record)) throw new ApiError(401, 'Bad credentials')
  if (record.installation?.suspended) throw new ApiError(403, 'This installation has been suspended')
  return { kind: record.kind, token: record, account: record.account }
}

/** The person or bot for whom a caller acts. @throws {ApiError} 401 for an anonymous caller, 403 for the App. */
export function actorOf(caller: Caller): Actor {
  switch (caller.kind) {
    case 'anonymous':
      throw new ApiError(401, 'Requires authentication')
    case 'app':
      throw new ApiError(403, 'Resource not accessible by integration')
    case 'installation':
    case 'user':
      return { account: caller.account, viaApp: caller.kind === 'installation' }
  }
}

/** Notes what a token was used for, in the order of all requests. */
export function noteUse(caller: Caller, use: { order: number; method: string; path: string }): void {
  if (caller.kind === 'installation' || caller.kind === 'user') caller.token.uses.push(use)
}

function tokenIn(authorization: string): string {
  const [scheme = '', value = ''] = authorization.split(/\s+/)
  if (!/^(basic|bearer|token)$/i.test(scheme)) throw new ApiError(401, 'Bad credentials')
  if (scheme.toLowerCase() !== 'basic') return value
  const [user = '', password = ''] = Buffer.from(value, 'base64').toString().split(':')
  return password === '' || password === 'x-oauth-basic' ? user : password
}

const Claims = z.object({ iat: z.number(), exp: z.number(), iss: z.union([z.string(), z.number()]) })

/** Does this bearer value look like a JSON web token of an App? */
function looksLikeJwt(token: string): boolean {
  return token.startsWith('eyJ') && token.split('.').length === 3
}

/**
 * Checks an App's JSON web token as GitHub does: RS256 signature, `iat` not in the future, `exp` not past and at
 * most ten minutes ahead, `iss` the App's id or client id.
 *
 * @throws {ApiError} 401 or 404 with the words that Octokit looks for.
 */
function checkAppJwt(world: World, token: string): void {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const key = createPublicKey(world.app.publicKey)
  const signed = verify(
    'RSA-SHA256',
    Buffer.from(`${header}.${payload}`),
    key,
    Buffer.from(signature, 'base64url'),
  )
  const claims = Claims.safeParse(decode(payload))
  if (!signed || decode(header)?.alg !== 'RS256' || !claims.success) {
    throw new ApiError(401, 'A JSON web token could not be decoded')
  }
  const now = world.now() / 1000
  const { iat, exp, iss } = claims.data
  if (iat > now + 5) {
    throw new ApiError(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    )
  }
  if (exp <= now) {
    throw new ApiError(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    )
  }
  if (exp > now + 605) {
    throw new ApiError(401, "'Expiration time' claim ('exp') is too far in the future")
  }
  if (String(iss) !== String(world.app.id) && iss !== world.app.clientId) {
    throw new ApiError(404, 'Integration not found')
  }
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(Buffer.from(part, 'base64url').toString()))
  } catch {
    return undefined
  }
}

/** Is the token usable now? */
function isAlive(world: World, token: TokenRecord): boolean {
  return token.revokedAt === undefined && (token.expiresAt === undefined || token.expiresAt > world.now())
}

/** Does having `granted` include `wanted`? */
export function covers(granted: Level | undefined, wanted: Level): boolean {
  const order = ['none', 'read', 'write']
  return order.indexOf(granted ?? 'none') >= order.indexOf(wanted)
}

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
