import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** What happens to one request on its way. */
export type Mischief =
  /** Cuts the connection after this many bytes of the answer's body; 0: after its head. */
  | { readonly cutAfter: number }
  /** The service never gets it. */
  | { readonly answer: number; readonly headers?: Record<string, string>; readonly body?: string }
  | 'pass'
  /** The service gets it, and its answer is lost. */
  | 'lose the answer'
  /** The connection stays open and says nothing more. */
  | { readonly silentAfter: number }

export interface CuttingProxy {
  readonly url: string
  /** Each request takes the next one; without one it passes. */
  readonly mischief: Mischief[]
  /** Method, path and `Last-Event-ID` of each request. */
  readonly seen: string[]
  /** Requests that are being answered. */
  openNow(): number
  /** Sends requests to another service from now on. */
  forwardTo(upstream: string): void
}

/** Forwards what a client and a service say to each other. */
export async function startCuttingProxy(upstream: string): Promise<CuttingProxy> {
  let target = upstream
  const mischief: Mischief[] = []
  const seen: string[] = []
  const open = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    open.add(response)
    response.once('close', () => open.delete(response))
    seen.push([request.method, request.url, request.headers['last-event-id']].filter(Boolean).join(' '))
    pass(request, response, { target, mischief: mischief.shift() }).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    mischief,
    seen,
    openNow: () => open.size,
    forwardTo(other) {
      target = other
    },
  }
}

async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  { target, mischief }: { readonly target: string; readonly mischief: Mischief | undefined },
): Promise<void> {
  if (typeof mischief === 'object' && 'answer' in mischief) {
    response.writeHead(mischief.answer, mischief.headers).end(mischief.body)
    return
  }
  const answer = await forward(request, response, target)
  if (mischief === 'lose the answer') {
    await answer.body?.cancel()
    response.destroy()
    return
  }
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  response.flushHeaders()
  const limit = typeof mischief === 'object' ? mischief : undefined
  let left = limit && ('cutAfter' in limit ? limit.cutAfter : limit.silentAfter)
  for await (const chunk of answer.body ?? []) {
    const shown = left === undefined ? chunk : chunk.subarray(0, left)
    if (shown.length > 0) await new Promise((resolve) => response.write(shown, resolve))
    if (left === undefined) continue
    left -= shown.length
    if (left > 0) continue
    if (limit && 'cutAfter' in limit) response.destroy()
    return
  }
  response.end()
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: string,
): Promise<Response> {
  const left = new AbortController()
  response.once('close', () => left.abort())
  const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers
  const body = request.method === 'POST' ? await new Response(request as never).text() : null
  return await fetch(`${target}${request.url}`, {
    method: request.method ?? 'GET',
    headers: headers as Record<string, string>,
    body,
    signal: left.signal,
  })
}
