import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { type ForwardHandler, MAX_FORWARD_CONNECTIONS } from './forwarding.ts'

const HEADER_BYTES = 32 * 1024
/**
 * How long a program may take to send its headers, and its whole request: over a slow line a large one takes minutes.
 */
const HEADERS_TIMEOUT_MS = 60_000
const REQUEST_TIMEOUT_MS = 10 * 60_000
/** Long, because a program that reuses a connection at the moment when it is closed has to ask again. */
const KEEP_ALIVE_MS = 10 * 60_000

/**
 * An HTTP server that passes requests to a handler. It does not listen yet: let it listen somewhere, or give it
 * connections as `connection` events. Failures of the handler stay here: the program gets 500, or an answer that breaks
 * off.
 */
export function createForwardServer(handler: ForwardHandler): Server {
  /** Holds the requests, since the signal of a request that nothing refers to would never abort. */
  const inProgress = new Set<Request>()
  const listener = getRequestListener(
    async (received, { outgoing }) => {
      try {
        const request = realRequest(received)
        inProgress.add(request)
        outgoing.once('close', () => inProgress.delete(request))
        const response = await handler(request)
        const { status, statusText, headers } = response
        // For `Response.error()`, whose status is 0. Whether a new Response accepts that depends on which class is the
        // global one.
        if (status < 200) return new Response(null, { status: 500 })
        // Without this, the library would send the error's message to the program, and print it.
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

/** Makes a `Request` of the platform from the library's, which `fetch` refuses and not all of whose methods work. */
function realRequest({ url, method, headers, body, signal }: Request): Request {
  return new Request(url, { method, headers, body, signal, duplex: 'half' })
}

/** Passes the body on. If reading it fails, calls `onFailure` and ends the stream. */
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
