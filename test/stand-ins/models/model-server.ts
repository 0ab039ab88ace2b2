import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { goOn, type WatchRequests } from '../watch-requests.ts'
import { type RecordedRequest, type ScriptedFault, type Step, tokensIn } from './script.ts'

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

/** Starts a loopback server that records requests and hands them on. `watch` is called when the end was sent. */
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

/**
 * Streams an answer, or as much of it as the step's fault lets through.
 *
 * @param errorEvent what is sent for `in-stream-error` and `failed`.
 */
export async function streamEvents(
  response: ServerResponse,
  {
    events,
    step,
    errorEvent,
    headers,
  }: {
    events: readonly WireEvent[]
    step: Step
    errorEvent: WireEvent
    headers: Readonly<Record<string, string>>
  },
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', ...headers })
  response.flushHeaders()
  const broken = 'fault' in step && typeof step.fault === 'string' && step.fault !== 'refusal'
  const sent = broken ? events.slice(0, lengthBefore(step, events)) : events
  for (const { event, data } of sent) {
    response.write(write(event, data))
    // Each event leaves on its own, so that a reader sees them one by one.
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
  if (!broken) response.end()
  else if (step.fault === 'cut') response.destroy()
  else if (step.fault !== 'stall') {
    response.end(write(errorEvent.event, errorEvent.data))
  }
}

/** An event of the usual kind has no name; what is no JSON is written as it is. */
function write(event: string, data: unknown): string {
  const name = event === 'message' ? '' : `event: ${event}\n`
  return `${name}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
}

/** How many events go out before the fault. */
function lengthBefore({ at = 'text' }: ScriptedFault, events: readonly WireEvent[]): number {
  if (at === 'start') return 0
  if (at === 'end') return events.length - 1
  const marked = events.findIndex(({ mark }) => mark === at)
  return marked === -1 ? 1 : marked + 1
}

/** Remembers beginnings of requests, as a provider's prompt cache does. */
export interface PromptCache {
  /**
   * @param blocks the request in order, each block canonical.
   * @param breakpoints after which blocks (by index) the beginning is kept for later requests.
   * @returns tokens in all, and how many of them an earlier request had already stored.
   */
  measure(blocks: readonly string[], breakpoints: readonly number[]): { total: number; read: number }
}

export function createPromptCache(): PromptCache {
  const stored = new Set<string>()
  return {
    measure(blocks, breakpoints) {
      const hash = createHash('sha256')
      const beginnings = blocks.map((block) => hash.update(`${block}\u0000`).copy().digest('hex'))
      const sizes = blocks.map(tokensIn)
      const hit = beginnings.findLastIndex((beginning) => stored.has(beginning))
      for (const index of breakpoints) {
        const beginning = beginnings[index]
        if (beginning !== undefined) stored.add(beginning)
      }
      return { total: sum(sizes), read: sum(sizes.slice(0, hit + 1)) }
    },
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
