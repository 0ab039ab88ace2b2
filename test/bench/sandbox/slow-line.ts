import { createServer, request as openRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A request as it crossed the line; times in milliseconds since the epoch. */
export interface LineRequest {
  /** `POST /process.Process/Start`, without ids and queries. */
  readonly call: string
  readonly startedAt: number
  endedAt: number
}

/** The line between the service and its sandboxes: each request waits before it arrives. */
export interface SlowLine {
  readonly url: string
  /** Every request so far. */
  readonly requests: readonly LineRequest[]
  /** Milliseconds that each request waits from now on. */
  setDelay(ms: number): void
  close(): Promise<void>
}

/** @param target `http://host:port` */
export async function openSlowLine(target: string): Promise<SlowLine> {
  const { hostname, port } = new URL(target)
  const requests: LineRequest[] = []
  let delayMs = 0
  const server = createServer((incoming, response) => {
    const path = (incoming.url ?? '').replace(/\?.*$/, '').replace(/(\/sandboxes)\/[^/]+/, '$1/:id')
    const request = { call: `${incoming.method} ${path}`, startedAt: Date.now(), endedAt: Number.NaN }
    requests.push(request)
    response.on('close', () => {
      request.endedAt = Date.now()
    })
    void delay(delayMs).then(() => {
      const { method, url: asked, headers } = incoming
      const forward = openRequest({ hostname, port, method, path: asked, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        response.flushHeaders()
        answer.on('error', () => response.destroy())
        answer.pipe(response)
      })
      forward.on('error', () => response.destroy())
      response.on('close', () => forward.destroy())
      incoming.pipe(forward)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    setDelay(ms) {
      delayMs = ms
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** How many requests at least came one after the other: the longest row in which no two overlap. */
export function sequentialCount(requests: readonly LineRequest[]): number {
  let count = 0
  let free = Number.NEGATIVE_INFINITY
  for (const { startedAt, endedAt } of requests.toSorted((a, b) => a.endedAt - b.endedAt)) {
    if (startedAt < free) continue
    count++
    free = endedAt
  }
  return count
}
