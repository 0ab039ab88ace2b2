import { Hono } from 'hono'
import { z } from 'zod'
import { ApiError, notFound } from '../api-error.ts'
import { isoSeconds } from '../git/commits.ts'
import { mintInstallationToken } from '../identity/caller.ts'
import type { DeliveryRecord, InstallationRecord } from '../records.ts'
import { renderApp, renderInstallation, renderInstallationToken } from '../render/render-account.ts'
import { renderRepository } from '../render/render-repository.ts'
import { deliver } from '../webhooks.ts'
import { findRepository, inBackground, installationFor, repositoriesOf, type World } from '../world.ts'
import { type ApiContext, type ApiEnv, numberParam, onePage, param, readBody } from './route.ts'

const TokenRequest = z.object({
  repositories: z.array(z.string()).optional(),
  repository_ids: z.array(z.number()).optional(),
  permissions: z.record(z.string(), z.string()).optional(),
})

/** What an App asks about itself and its installations. */
export function appRoutes(world: World): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>()
  api.get('/app', (c) => {
    requireApp(c)
    return c.json({ ...renderApp(world), installations_count: world.installations.size })
  })
  api.get('/app/installations', (c) => {
    requireApp(c)
    const all = [...world.installations.values()]
    return c.json(onePage(c, all).map((installation) => renderInstallation(world, installation)))
  })
  api.get('/app/installations/:id', (c) => {
    requireApp(c)
    return c.json(renderInstallation(world, installationIn(world, c)))
  })
  api.post('/app/installations/:id/access_tokens', async (c) => {
    requireApp(c)
    const installation = installationIn(world, c)
    const token = mintInstallationToken(world, installation, await readBody(c, TokenRequest))
    return c.json(renderInstallationToken(world, token, installation), 201)
  })
  api.get('/repos/:owner/:repo/installation', (c) => {
    requireApp(c)
    const repository = findRepository(world, param(c, 'owner'), param(c, 'repo'))
    const installation = repository && installationFor(world, repository)
    if (!installation) throw notFound()
    return c.json(renderInstallation(world, installation))
  })
  api.get('/users/:username/installation', (c) => ownerInstallation(world, c, 'username'))
  api.get('/orgs/:org/installation', (c) => ownerInstallation(world, c, 'org'))
  api.get('/installation/repositories', (c) => {
    const caller = c.get('caller')
    if (caller.kind !== 'installation' || !caller.token.installation) {
      throw new ApiError(403, 'Resource not accessible by integration')
    }
    const { repositoryIds, installation } = caller.token
    const all = repositoriesOf(world, installation).filter(({ id }) => repositoryIds?.includes(id) ?? true)
    const repositories = onePage(c, all).map((repository) => renderRepository(world, repository, caller))
    return c.json({ total_count: all.length, repository_selection: 'selected', repositories })
  })
  api.delete('/installation/token', (c) => {
    const caller = c.get('caller')
    if (caller.kind !== 'installation') throw new ApiError(403, 'Resource not accessible by integration')
    caller.token.revokedAt = world.now()
    return c.body(null, 204)
  })
  return api
}

/** @throws {ApiError} 401 unless the caller presented the App's own JSON web token. */
function requireApp(c: ApiContext): void {
  if (c.get('caller').kind !== 'app') throw new ApiError(401, 'A JSON web token could not be decoded')
}

function installationIn(world: World, c: ApiContext): InstallationRecord {
  const installation = world.installations.get(numberParam(c, 'id'))
  if (!installation) throw notFound()
  return installation
}

function ownerInstallation(world: World, c: ApiContext, name: string) {
  requireApp(c)
  const login = param(c, name).toLowerCase()
  const all = [...world.installations.values()]
  const installation = all.find(({ account }) => account.login.toLowerCase() === login)
  if (!installation) throw notFound()
  return c.json(renderInstallation(world, installation))
}

/** The App's webhook deliveries: list, look at, send again. */
export function deliveryRoutes(world: World): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>()
  api.get('/app/hook/deliveries', (c) => {
    requireApp(c)
    return c.json(pageByCursor(c, [...world.deliveries].reverse()).map(renderItem))
  })
  api.get('/app/hook/deliveries/:id', (c) => {
    requireApp(c)
    return c.json(renderDelivery(deliveryIn(world, c)))
  })
  api.post('/app/hook/deliveries/:id/attempts', (c) => {
    requireApp(c)
    const { event, action, installationId, repositoryId, body, guid } = deliveryIn(world, c)
    inBackground(world, deliver(world, { event, action, installationId, repositoryId, body, guid }))
    return c.json({}, 202)
  })
  return api
}

/** This list has no page numbers: `cursor` names the first delivery of the next page. */
function pageByCursor(c: ApiContext, all: readonly DeliveryRecord[]): readonly DeliveryRecord[] {
  const size = Math.min(100, Number(c.req.query('per_page') ?? 30) || 30)
  const cursor = c.req.query('cursor')
  const start = cursor === undefined ? 0 : all.findIndex(({ id }) => id === Number(cursor))
  if (start < 0) return []
  const next = all[start + size]
  if (next) {
    const url = new URL(c.req.url)
    url.searchParams.set('cursor', String(next.id))
    c.header('link', `<${url.toString()}>; rel="next"`)
  }
  return all.slice(start, start + size)
}

function deliveryIn(world: World, c: ApiContext): DeliveryRecord {
  const delivery = world.deliveries.find(
    ({ id }) => String(id) === param(c, 'id') && id === numberParam(c, 'id'),
  )
  if (!delivery) throw notFound()
  return delivery
}

function renderItem(delivery: DeliveryRecord) {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: isoSeconds(delivery.deliveredAt),
    redelivery: delivery.redelivery,
    duration: 0.01,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  }
}

function renderDelivery(delivery: DeliveryRecord) {
  const payload: unknown = JSON.parse(delivery.body)
  return {
    ...renderItem(delivery),
    url: '',
    request: { headers: delivery.headers, payload },
    response: { headers: delivery.response.headers, payload: delivery.response.body },
  }
}
