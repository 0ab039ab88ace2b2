import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Delivery } from '../../src/runs/deliveries/delivery.ts'
import { createDeliveryStore } from '../../src/runs/deliveries/delivery-store.ts'
import { serveWeb, useDatabase } from './serve-web.ts'

const database = useDatabase()
const PATH = '/api/github/webhooks'
const SECRET = 'a webhook secret'
const PAYLOAD = JSON.stringify({ action: 'created', comment: { id: 7, body: 'Ärger – 🙂 /backspace' } })

async function serve(accept?: (delivery: Delivery) => Promise<'stored' | 'duplicate'>) {
  const accepted: Delivery[] = []
  const web = await serveWeb(database(), {
    webhook: {
      path: PATH,
      secret: SECRET,
      accept:
        accept ??
        ((delivery) => {
          accepted.push(delivery)
          return Promise.resolve('stored')
        }),
    },
  })
  return { ...web, accepted }
}

function deliver(
  url: string,
  body: string | Uint8Array<ArrayBuffer> = PAYLOAD,
  headers: Record<string, string> = {},
) {
  return fetch(`${url}${PATH}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'issue_comment',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': sign(body),
      ...headers,
    },
    body,
  })
}

function sign(body: string | Uint8Array): string {
  return `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`
}

test('a signed delivery is committed, then acknowledged', async () => {
  const { url, accepted } = await serve()
  const answer = await deliver(url, PAYLOAD, { 'x-github-delivery': 'd-1' })
  expect(answer.status).toBe(202)
  expect(accepted).toEqual([
    { deliveryId: 'd-1', event: 'issue_comment', payload: PAYLOAD, contentKey: expect.any(String) },
  ])
})

test('the same delivery twice is stored once, also under a new id', async () => {
  const web = await serveWeb(database(), {
    webhook: {
      path: PATH,
      secret: SECRET,
      accept: (delivery) => web.runs.deliveries.acceptDelivery(delivery),
    },
  })
  const status = async (answer: Response) => [answer.status, await answer.json()]
  expect(await status(await deliver(web.url))).toEqual([202, { status: 'stored' }])
  expect(await status(await deliver(web.url))).toEqual([202, { status: 'duplicate' }])
})

test('a signature that is missing, wrong or of another kind is refused, and nothing is stored or reported', async () => {
  const { url, accepted, reported } = await serve()
  const sha1 = `sha1=${createHmac('sha1', SECRET).update(PAYLOAD).digest('hex')}`
  const good = sign(PAYLOAD)
  const bad = ['', 'sha256=', sha1, good.toUpperCase(), good.slice(0, -1), `${good}0`, sign(`${PAYLOAD} `)]
  for (const signature of bad) {
    const answer = await deliver(url, PAYLOAD, { 'x-hub-signature-256': signature })
    expect(answer.status).toBe(401)
    expect(await answer.text()).not.toContain('Ärger')
  }
  expect(accepted).toEqual([])
  expect(reported).toEqual([])
})

test('any flipped byte of body or signature is noticed', async () => {
  const { url, accepted } = await serve()
  const body = new TextEncoder().encode(PAYLOAD)
  for (let index = 0; index < body.length; index += 5) {
    const changed = body.map((byte, at) => (at === index ? byte ^ 1 : byte))
    expect((await deliver(url, changed, { 'x-hub-signature-256': sign(body) })).status).toBe(401)
  }
  expect(accepted).toEqual([])
})

test('a ping is answered and not stored', async () => {
  const { url, accepted } = await serve()
  const answer = await deliver(url, '{"zen":"Keep it simple."}', { 'x-github-event': 'ping' })
  expect(answer.status).toBe(200)
  expect(accepted).toEqual([])
})

test('a commit that fails is not acknowledged', async () => {
  const { url, reported } = await serve(() => Promise.reject(new Error('disk full at /var/lib')))
  const answer = await deliver(url)
  expect(answer.status).toBe(503)
  expect(await answer.text()).not.toContain('disk')
  expect(reported).toHaveLength(1)
})

test('a delivery whose place in the queue cannot be written is not half committed, and taken when it comes again', async () => {
  const web = await serveWeb(database(), {
    webhook: { path: PATH, secret: SECRET, accept: (delivery) => store.acceptDelivery(delivery) },
  })
  let away = true
  const store = createDeliveryStore({
    db: database(),
    queue: {
      async enqueueDeliveries(tx, ids) {
        await web.runs.queue.enqueueDeliveries(tx, ids)
        if (away) throw new Error('the connection is lost')
      },
    },
  })
  const send = () => deliver(web.url, PAYLOAD, { 'x-github-delivery': 'd-again' })
  expect((await send()).status).toBe(503)
  expect(await store.missingOf('deliveryId', ['d-again'])).toEqual(new Set(['d-again']))
  away = false
  expect(await (await send()).json()).toEqual({ status: 'stored' })
  expect(await (await send()).json()).toEqual({ status: 'duplicate' })
})

test('what is not JSON is refused by its type, its size and its content', async () => {
  const { url, accepted } = await serve()
  expect((await deliver(url, PAYLOAD, { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(
    415,
  )
  expect((await deliver(url, 'not json')).status).toBe(400)
  expect((await deliver(url, new Uint8Array(randomBytes(64)))).status).toBe(400)
  expect((await deliver(url, new Uint8Array(25 * 1_048_576 + 1))).status).toBe(413)
  expect((await deliver(url, PAYLOAD, { 'x-github-delivery': 'a b' })).status).toBe(400)
  expect(accepted).toEqual([])
})

test('a delivery of many megabytes is taken', async () => {
  const { url, accepted } = await serve()
  const body = JSON.stringify({ action: 'created', comment: { id: 8, body: 'x'.repeat(20_000_000) } })
  expect((await deliver(url, body)).status).toBe(202)
  expect(accepted[0]?.payload).toBe(body)
})

test('without an App there is nothing at the path', async () => {
  const { url } = await serveWeb(database())
  expect((await deliver(url)).status).toBe(404)
})
