import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { goOn, type WatchRequests } from '../watch-requests.ts'
import type { RecordedRequest } from './script.ts'

/** A running stand-in for a provider's API. */
export interface ModelServer {
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string
  /** Every request, in order of arrival. */
  readonly requests: readonly RecordedRequest[]
  close(): Promise<void>
}

/** One server-sent event; `mark` says what a reader has seen after it. */
export interface WireEvent {
  readonly event: string
  readonly data: unknown
  readonly mark?: 'text' | 'tool'
}

/** Starts a loopback server that records requests and hands them on. `watch` hears of the end when it was sent. */
export async function startModelServer(
  answer: (request: RecordedRequest, response: ServerResponse) => Promise<void>,
  watch: WatchRequests = goOn,
): Promise<ModelServer> {
  const requests: RecordedRequest[] = []
  const server = createServer((incoming, response) => {
    receive(incoming)
      .then(async (request) => {
        requests.push(request)
        const { method, path } = request
        const remotePort = incoming.socket.remotePort ?? 0
        const seen = { server: 'anthropic', method, path, remotePort } as const
        if ((await watch({ ...seen, when: 'before' })) === 'cut') return void response.destroy()
        await answer(request, response)
        if ((await watch({ ...seen, when: 'after' })) === 'cut') response.destroy()
      })
      .catch((error: unknown) => {
        if (!response.headersSent)
          sendJson(response, 500, { error: { type: 'api_error', message: String(error) } })
        else response.destroy()
      })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function receive(incoming: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString('utf8')
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])
  return {
    method: incoming.method ?? 'GET',
    path: (incoming.url ?? '/').split('?')[0] ?? '/',
    headers: Object.fromEntries(headers),
    body: parse(text),
  }
}

/** Undefined when it is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

/** The key that a request carries, in either of the ways in which the SDKs send it. */
export function keyOf({ headers }: RecordedRequest): string | undefined {
  return headers['x-api-key'] ?? /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
}
