import { Hono } from 'hono'
import { notFound } from '../api-error.ts'
import { isoSeconds } from '../git/commit-object.ts'
import type { DeliveryRecord } from '../records.ts'
import { deliver } from '../webhooks/deliver.ts'
import { inBackground, type World } from '../world.ts'
import { type ApiContext, type ApiEnv, numberParam, param } from './api-context.ts'
import { requireApp } from './app-routes.ts'

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
