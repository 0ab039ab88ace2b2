import { notFound } from '../api-error.ts'
import type { DeliveryRecord } from '../records.ts'
import { redeliver } from '../webhooks.ts'
import { isoSeconds, type World } from '../world.ts'
import { appRoute, type Call, type Route } from './route.ts'

/** The App's webhook: where it goes, what was delivered, and delivering it again. */
export function hookRoutes(world: World): readonly Route[] {
  return [
    appRoute('GET /app/hook/config', () => ({
      content_type: 'json',
      insecure_ssl: '0',
      secret: '********',
      url: world.webhookTarget,
    })),
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
