import { createPublicKey, randomBytes, verify } from 'node:crypto'
import { z } from 'zod'
import { ApiError } from '../api-error.ts'
import type { Account, Actor, InstallationRecord, Level, Permissions, TokenRecord } from '../records.ts'
import { repositoriesOf, type World } from '../world.ts'

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

const HOUR = 60 * 60 * 1000

interface TokenRequest {
  readonly repositories?: readonly string[] | undefined
  readonly repository_ids?: readonly number[] | undefined
  readonly permissions?: Readonly<Record<string, string>> | undefined
}

/**
 * Mints an installation token, limited to what was asked for.
 *
 * @throws {ApiError} 403 when the installation is suspended, 422 when more is asked for than it has.
 */
export function mintInstallationToken(
  world: World,
  installation: InstallationRecord,
  request: TokenRequest,
): TokenRecord {
  if (installation.suspended) throw new ApiError(403, 'This installation has been suspended')
  const record: TokenRecord = {
    token: newToken(world.app.id, installation.id),
    kind: 'installation',
    account: world.app.bot,
    installation,
    repositoryIds: chooseRepositories(world, installation, request),
    permissions: choosePermissions(installation, request),
    scopes: [],
    mintedAt: world.now(),
    expiresAt: world.now() + HOUR,
    revokedAt: undefined,
    uses: [],
  }
  world.tokens.set(record.token, record)
  return record
}

/** Makes a classic personal access token of a user. */
export function mintPersonalToken(world: World, account: Account, scopes: readonly string[]): TokenRecord {
  const record: TokenRecord = {
    token: `ghp_${alphanumeric(36)}`,
    kind: 'user',
    account,
    installation: undefined,
    repositoryIds: undefined,
    permissions: {},
    scopes,
    mintedAt: world.now(),
    expiresAt: undefined,
    revokedAt: undefined,
    uses: [],
  }
  world.tokens.set(record.token, record)
  return record
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

function chooseRepositories(
  world: World,
  installation: InstallationRecord,
  { repositories, repository_ids }: TokenRequest,
): number[] | undefined {
  if (repositories === undefined && repository_ids === undefined) return undefined
  const all = repositoriesOf(world, installation)
  const byName = (repositories ?? []).map((name) =>
    all.find((item) => item.name.toLowerCase() === name.toLowerCase()),
  )
  const byId = (repository_ids ?? []).map((id) => all.find((item) => item.id === id))
  return [...byName, ...byId].map((repository) => {
    if (repository) return repository.id
    throw new ApiError(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    )
  })
}

function choosePermissions(installation: InstallationRecord, { permissions }: TokenRequest): Permissions {
  if (permissions === undefined) return installation.permissions
  const chosen: Record<string, Level> = { metadata: 'read' }
  for (const [name, level] of Object.entries(permissions)) {
    if (level !== 'read' && level !== 'write') throw new ApiError(422, `Invalid permission level for ${name}`)
    if (!covers(installation.permissions[name], level)) {
      throw new ApiError(422, 'The permissions requested are not granted to this installation.')
    }
    chosen[name] = level
  }
  return chosen
}

/** Shaped like GitHub's installation tokens since 2026: `ghs_<app>_<three base64url parts>`, about 520 characters. */
function newToken(appId: number, installationId: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const header = part({ alg: 'RS256', typ: 'JWT' })
  const payload = part({ app: appId, installation: installationId, id: randomBytes(16).toString('hex') })
  return `ghs_${appId}_${header}.${payload}.${randomBytes(256).toString('base64url')}`
}

function alphanumeric(length: number): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
  return [...randomBytes(length)].map((byte) => letters[byte % letters.length]).join('')
}
