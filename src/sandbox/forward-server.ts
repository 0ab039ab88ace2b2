import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { type ForwardHandler, MAX_FORWARD_CONNECTIONS } from './forwarding.ts'

const HEADER_BYTES = 32 * 1024
/** For a program to send its headers, and its whole request: through a slow line a large one takes minutes. */
const HEADERS_TIMEOUT_MS = 60_000
const REQUEST_TIMEOUT_MS = 10 * 60_000
/** Long, because a program that reuses a connection in the moment of its end has to ask again. */
const KEEP_ALIVE_MS = 10 * 60_000

/**
 * Speaks HTTP for a handler. It does not listen yet: give it a place to listen, or connections by its `connection` event.
 * Whatever fails in the handler stays here: programs get 500, or an answer that breaks off.
 */
export function createForwardServer(handler: ForwardHandler): Server {
  /** The signal of a request that nothing else holds would never abort. */
  const inProgress = new Set<Request>()
  const listener = getRequestListener(
    async (received, { outgoing }) => {
      try {
        const request = realRequest(received)
        inProgress.add(request)
        outgoing.once('close', () => inProgress.delete(request))
        const response = await handler(request)
        const { status, statusText, headers } = response
        // `Response.error()`. Whether another Response takes its status depends on whose class is the global one.
        if (status < 200) return new Response(null, { status: 500 })
        // Otherwise the library would send the error's message, and print it.
        const body = response.body && untilFailure(response.body, () => outgoing.destroy())
        return new Response(body, { status, statusText, headers })
      } catch {
        return new Response(null, { status: 500 })
      }
    },
    { overrideGlobalObjects: false, errorHandler: () => new Response(null, { status: 400 }) },
  )
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    listener,
  )
  server.maxConnections = MAX_FORWARD_CONNECTIONS
  return server
}

/** The library's own is no `Request` for the platform: `fetch` refuses it, and not all of its methods work. */
function realRequest({ url, method, headers, body, signal }: Request): Request {
  return new Request(url, { method, headers, body, signal, duplex: 'half' })
}

/** The same bytes. A failure ends them, after `onFailure`. */
function untilFailure(body: ReadableStream<Uint8Array>, onFailure: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch {
          onFailure()
          controller.close()
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
