import { z } from 'zod'
import { ApiError, notFound } from '../api-error.ts'
import { isoSeconds } from '../git/commits.ts'
import { mintInstallationToken } from '../identity/caller.ts'
import type { DeliveryRecord, InstallationRecord } from '../records.ts'
import { renderApp, renderInstallation, renderInstallationToken } from '../render/render-account.ts'
import { renderRepository } from '../render/render-repository.ts'
import { redeliver } from '../webhooks.ts'
import { findRepository, installationFor, repositoriesOf, type World } from '../world.ts'
import { appRoute, type Call, openRoute, REPOSITORY, type Route } from './route.ts'

const TokenRequest = z.object({
  repositories: z.array(z.string()).optional(),
  repository_ids: z.array(z.number()).optional(),
  permissions: z.record(z.string(), z.string()).optional(),
})

/** What an App asks about itself and its installations. */
export function appRoutes(world: World): readonly Route[] {
  return [
    ...deliveryRoutes(world),
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

/** The App's webhook deliveries: list, look at, send again. */
function deliveryRoutes(world: World): readonly Route[] {
  return [
    appRoute('GET /app/hook/deliveries', (call) =>
      pageByCursor(call, [...world.deliveries].reverse()).map(renderItem),
    ),
    appRoute('GET /app/hook/deliveries/:id', (call) => renderDelivery(deliveryIn(call))),
    appRoute('POST /app/hook/deliveries/:id/attempts', (call) => {
      void redeliver(world, deliveryIn(call))
      return call.json({}, 202)
    }),
  ]
}

/** This list has no page numbers: `cursor` names the first delivery of the next page. */
function pageByCursor(call: Call, all: readonly DeliveryRecord[]): readonly DeliveryRecord[] {
  const size = Math.min(100, Number(call.query('per_page') ?? 30) || 30)
  const cursor = call.query('cursor')
  const start = cursor === undefined ? 0 : all.findIndex(({ id }) => id === Number(cursor))
  if (start < 0) return []
  const next = all[start + size]
  if (next) call.header('link', call.link({ cursor: next.id }, 'next'))
  return all.slice(start, start + size)
}

function deliveryIn(call: Call): DeliveryRecord {
  const delivery = call.world.deliveries.find(
    ({ id }) => String(id) === call.param('id') && id === call.number('id'),
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
