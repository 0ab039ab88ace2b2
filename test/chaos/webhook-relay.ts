import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from './random.ts'

/** What happens to webhooks between GitHub and the service. */
export const DELIVERY_FATES = {
  passed: 60,
  'twice, same id': 9,
  'twice, new id': 9,
  'late, out of order': 8,
  lost: 7,
  'answer lost': 7,
} as const
export type DeliveryFate = keyof typeof DELIVERY_FATES

export interface WebhookRelay {
  /** The address that GitHub delivers to. */
  readonly url: string
  /** While it is calm, everything is passed on as it comes. */
  calm(on: boolean): void
  close(): Promise<void>
}

/** Lies between GitHub and the service, and passes webhooks on badly. GitHub sees a failure as 502. */
export async function startWebhookRelay(options: {
  readonly random: Random
  readonly webUrls: () => readonly string[]
  readonly path: string
  readonly onFate: (fate: DeliveryFate) => void
}): Promise<WebhookRelay> {
  const { random } = options
  let calm = false

  async function send(headers: Readonly<Record<string, string>>, body: Uint8Array): Promise<number> {
    const urls = options.webUrls()
    if (urls.length === 0) return 502
    const target = `${random.pick(urls)}${options.path}`
    const signal = AbortSignal.timeout(8000)
    const answer = await fetch(target, { method: 'POST', headers, body, signal }).catch(() => undefined)
    await answer?.body?.cancel()
    return answer?.status ?? 502
  }

  async function relay(request: IncomingMessage): Promise<number> {
    const body = Buffer.concat(await request.toArray())
    const headers = headersOf(request)
    const fate = calm ? 'passed' : random.weighted(DELIVERY_FATES)
    options.onFate(fate)
    switch (fate) {
      case 'passed':
        return await send(headers, body)
      case 'twice, same id':
        return Math.max(...(await Promise.all([send(headers, body), send(headers, body)])))
      case 'twice, new id':
        await send({ ...headers, 'x-github-delivery': randomUUID() }, body)
        return await send(headers, body)
      case 'late, out of order':
        await delay(random.between(500, 4000))
        return await send(headers, body)
      case 'lost':
        return 502
      case 'answer lost':
        await send(headers, body)
        return 502
    }
  }

  const server = createServer((request, response) => {
    relay(request).then(
      (status) => response.writeHead(status).end(),
      () => response.destroy(),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${options.path}`,
    calm(on) {
      calm = on
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** What GitHub signed and named; the rest belongs to the connection. */
function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => /^(content-type|x-github-|x-hub-)/.test(name))
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]))
}
