import { randomBytes } from 'node:crypto'
import { ApiError } from '../api-error.ts'
import type { Account, InstallationRecord, Level, Permissions, TokenRecord } from '../records.ts'
import { repositoriesOf, type World } from '../world.ts'

const HOUR = 60 * 60 * 1000

export interface TokenRequest {
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
export function isAlive(world: World, token: TokenRecord): boolean {
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
