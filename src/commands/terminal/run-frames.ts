import { createParser, type EventSourceMessage } from 'eventsource-parser'
import type { WireEvent } from '../../web/stream/wire-event.ts'

/**
 * Reads a run's frames from its event stream to the end, and comes back after `Last-Event-ID` when the connection
 * is cut.
 *
 * @param eventsUrl the run's `eventsUrl`.
 * @throws {Error} when the service answers with an error, or is away for more than ten tries.
 */
export async function* runFrames(
  eventsUrl: string,
  options: { readonly token?: string; readonly signal?: AbortSignal } = {},
): AsyncGenerator<WireEvent> {
  let last = 0
  for (let failures = 0; failures < 10; failures++) {
    const response = await open(eventsUrl, { ...options, last })
    if (response?.status === 204) return
    if (!response?.body) {
      await new Promise((resolve) => setTimeout(resolve, 1000))
      continue
    }
    for await (const frame of parse(response.body)) {
      failures = 0
      last = frame.seq
      yield frame
      if (frame.type === 'success' || frame.type === 'error') return
    }
  }
  throw new Error('The event stream was cut and could not be opened again.')
}

async function open(
  eventsUrl: string,
  { token, signal, last }: { readonly token?: string; readonly signal?: AbortSignal; readonly last: number },
): Promise<Response | undefined> {
  const response = await fetch(eventsUrl, {
    headers: {
      accept: 'text/event-stream',
      ...(last > 0 ? { 'last-event-id': String(last) } : {}),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(signal ? { signal } : {}),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error
    return undefined
  })
  if (response === undefined || response.status >= 500) return undefined
  if (!response.ok) throw new Error(`${eventsUrl} answers ${response.status}: ${await response.text()}`)
  return response
}

/** A stream that is cut simply ends. */
async function* parse(body: ReadableStream<Uint8Array>): AsyncGenerator<WireEvent> {
  const messages: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (message) => void messages.push(message) })
  const decoder = new TextDecoder()
  try {
    for await (const chunk of body) {
      parser.feed(decoder.decode(chunk, { stream: true }))
      for (const { data } of messages.splice(0)) yield JSON.parse(data) as WireEvent
    }
  } catch (error) {
    if (error instanceof SyntaxError) throw error
  }
}
