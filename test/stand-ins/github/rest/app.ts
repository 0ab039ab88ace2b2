import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { ApiError, notFound } from '../api-error.ts'
import { covers } from '../caller.ts'
import type { Account, InstallationRecord, Level, Permissions, TokenRecord } from '../records.ts'
import { findRepository, installationFor, isoSeconds, repositoriesOf, type World } from '../world.ts'
import { nodeId, renderAccount, renderRepository } from './render-repository.ts'
import { appRoute, type Call, openRoute, REPOSITORY, type Route } from './route.ts'

const TokenRequest = z.object({
  repositories: z.array(z.string()).optional(),
  repository_ids: z.array(z.number()).optional(),
  permissions: z.record(z.string(), z.string()).optional(),
})

type TokenRequest = z.infer<typeof TokenRequest>

/** What an App asks about itself and its installations. */
export function appRoutes(world: World): readonly Route[] {
  return [
    appRoute('GET /app', () => ({ ...renderApp(world), installations_count: world.installations.size })),
    appRoute('GET /app/installations', (call) => {
      const all = [...world.installations.values()]
      return call.page(all).map((installation) => renderInstallation(world, installation))
    }),
    appRoute('GET /app/installations/:id', (call) => renderInstallation(world, installationIn(call))),
    appRoute('POST /app/installations/:id/access_tokens', async (call) => {
      const installation = installationIn(call)
      const token = mintInstallationToken(world, installation, await call.body(TokenRequest))
      return call.json(renderInstallationToken(world, token, installation), 201)
    }),
    appRoute(`GET ${REPOSITORY}/installation`, (call) => {
      const repository = findRepository(world, call.param('owner'), call.param('repo'))
      const installation = repository && installationFor(world, repository)
      if (!installation) throw notFound()
      return renderInstallation(world, installation)
    }),
    appRoute('GET /users/:username/installation', (call) => ownerInstallation(call, 'username')),
    appRoute('GET /orgs/:org/installation', (call) => ownerInstallation(call, 'org')),
    openRoute('GET /installation/repositories', (call) => {
      const { caller } = call
      if (caller.kind !== 'installation' || !caller.token.installation) {
        throw new ApiError(403, 'Resource not accessible by integration')
      }
      const { repositoryIds, installation } = caller.token
      const all = repositoriesOf(world, installation).filter(({ id }) => repositoryIds?.includes(id) ?? true)
      const repositories = call.page(all).map((repository) => renderRepository(world, repository, caller))
      return { total_count: all.length, repository_selection: 'selected', repositories }
    }),
    openRoute('DELETE /installation/token', (call) => {
      const { caller } = call
      if (caller.kind !== 'installation') throw new ApiError(403, 'Resource not accessible by integration')
      caller.token.revokedAt = world.now()
      return call.noContent()
    }),
  ]
}

function installationIn(call: Call): InstallationRecord {
  const installation = call.world.installations.get(call.number('id'))
  if (!installation) throw notFound()
  return installation
}

function ownerInstallation(call: Call, name: string) {
  const login = call.param(name).toLowerCase()
  const all = [...call.world.installations.values()]
  const installation = all.find(({ account }) => account.login.toLowerCase() === login)
  if (!installation) throw notFound()
  return renderInstallation(call.world, installation)
}

const HOUR = 60 * 60 * 1000

/**
 * Mints an installation token, limited to what was asked for.
 *
 * @throws {ApiError} 403 when the installation is suspended, 422 when more is asked for than it has.
 */
function mintInstallationToken(
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

function alphanumeric(length: number): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
  return [...randomBytes(length)].map((byte) => letters[byte % letters.length]).join('')
}

/** GitHub's `integration`: the App itself. */
export function renderApp(world: World) {
  const { app } = world
  return {
    id: app.id,
    client_id: app.clientId,
    slug: app.slug,
    node_id: nodeId('A', app.id),
    owner: renderAccount(world, app.owner),
    name: app.name,
    description: '',
    external_url: 'https://example.test/',
    html_url: `${world.url}/apps/${app.slug}`,
    created_at: isoSeconds(app.createdAt),
    updated_at: isoSeconds(app.createdAt),
    permissions: app.permissions,
    events: app.events,
  }
}

/** GitHub's `installation`. */
export function renderInstallation(world: World, installation: InstallationRecord) {
  const { app } = world
  return {
    id: installation.id,
    client_id: app.clientId,
    account: renderAccount(world, installation.account),
    repository_selection: 'selected',
    access_tokens_url: `${world.apiUrl}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${world.apiUrl}/installation/repositories`,
    html_url: `${world.url}/settings/installations/${installation.id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: installation.account.id,
    target_type: installation.account.type,
    permissions: installation.permissions,
    events: app.events,
    created_at: isoSeconds(installation.createdAt),
    updated_at: isoSeconds(installation.createdAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: installation.suspended ? renderAccount(world, installation.account) : null,
    suspended_at: installation.suspended ? isoSeconds(world.now()) : null,
  }
}

/** GitHub's `installation-token`. */
function renderInstallationToken(world: World, token: TokenRecord, installation: InstallationRecord) {
  const { repositoryIds } = token
  const chosen = repositoriesOf(world, installation).filter((repository) =>
    repositoryIds?.includes(repository.id),
  )
  return {
    token: token.token,
    expires_at: isoSeconds(token.expiresAt ?? 0),
    permissions: token.permissions,
    repository_selection: 'selected',
    ...(repositoryIds === undefined
      ? {}
      : { repositories: chosen.map((repository) => renderRepository(world, repository)) }),
  }
}
