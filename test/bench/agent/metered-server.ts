import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  anthropicErrorEvent,
  anthropicEvents,
  anthropicMessage,
} from '../../stand-ins/models/anthropic-wire.ts'
import { sendJson, streamEvents, type WireEvent } from '../../stand-ins/models/model-server.ts'
import { openaiErrorEvent, openaiEvents, openaiResponse } from '../../stand-ins/models/openai-wire.ts'
import type { Json, ScriptedAnswer } from '../../stand-ins/models/script.ts'
import { asksForTurn, resultsIn } from './request-shape.ts'

/** A request as it was measured; times in milliseconds. */
export interface MeteredRequest {
  readonly text: string
  readonly body: Json
  /** Whether it asks for a turn of the task; other requests are for titles, counts and the like. */
  readonly main: boolean
  /** When all of it was here. */
  readonly arrivedAt: number
  /** When the whole answer was written; undefined while it is not. */
  finishedAt: number | undefined
}

export interface MeteredServer {
  readonly origin: string
  /** Every POST so far. */
  readonly requests: readonly MeteredRequest[]
  close(): Promise<void>
}

/**
 * Both providers' APIs without checks and without latency: whichever client and model, the same script.
 *
 * @param answer the turn after so many tool results: one script serves any number of conversations at once.
 */
export async function startMeteredServer(
  answer: (results: number) => ScriptedAnswer,
): Promise<MeteredServer> {
  const requests: MeteredRequest[] = []
  const server = createServer((incoming, response) => {
    void receive(incoming).then(async (text) => {
      const arrivedAt = performance.now()
      if (incoming.method !== 'POST') return sendJson(response, 404, { error: { message: 'Not found' } })
      const body: Json = JSON.parse(text)
      const main = asksForTurn(body)
      const request: MeteredRequest = { text, body, main, arrivedAt, finishedAt: undefined }
      requests.push(request)
      await respond({ path: incoming.url ?? '', body, index: requests.length, response }, () =>
        main ? answer(resultsIn(body).length) : { text: 'ok' },
      )
      request.finishedAt = performance.now()
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function receive(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** The same few tokens whatever was sent, so that no client comes near a limit of its own. */
const USAGE = { input: 1000, cacheRead: 0, cacheWrite: 0, output: 100 }

async function respond(
  given: {
    readonly path: string
    readonly body: Json
    readonly index: number
    readonly response: ServerResponse
  },
  answer: () => ScriptedAnswer,
): Promise<void> {
  const { path, body, index, response } = given
  if (path.includes('/count_tokens')) return sendJson(response, 200, { input_tokens: USAGE.input })
  const step = { ...answer(), usage: USAGE }
  if (path.includes('/responses')) {
    const tokens = { total: USAGE.input, read: 0 }
    const events = openaiEvents(openaiResponse(step, { body, index, tokens }))
    return stream(response, { events, step, errorEvent: openaiErrorEvent({}) })
  }
  const tokens = { input: USAGE.input, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0 }
  const events = anthropicEvents(anthropicMessage(step, { body, index, tokens }))
  return stream(response, { events, step, errorEvent: anthropicErrorEvent({}) })
}

async function stream(
  response: ServerResponse,
  answer: {
    readonly events: readonly WireEvent[]
    readonly step: ScriptedAnswer
    readonly errorEvent: WireEvent
  },
): Promise<void> {
  await streamEvents(response, { ...answer, headers: {} })
}
