import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type ServerType } from '@hono/node-server'
import type { Hono } from 'hono'
import { BackspaceError } from '../errors.ts'
import type { WebEnv } from './web-env.ts'

export interface WebServer {
  /** The address at which this machine reaches the service. */
  readonly url: string
  /** Holds new requests until the next app answers them. Requests that are being answered continue. */
  hold(): void
  /** Lets another app answer from now on, waiting requests included. */
  serve(app: Hono<WebEnv>): void
  /** Accepts no new connection; waits up to `graceMs` for open ones, then closes them. */
  close(graceMs: number): Promise<void>
}

/**
 * How long a client may take to send its headers, and its whole request, in milliseconds. Answers may take any time. Proxies and
 * load balancers keep idle connections for 60 seconds: one that we closed earlier would cost them the request that they just sent.
 */
const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 75_000,
}

/**
 * Serves the app over HTTP.
 *
 * @param listening a server that is already listening, which serves this app from now on.
 * @throws {BackspaceError} `unavailable` if the address is in use or does not exist.
 */
export async function serveApp(
  app: Hono<WebEnv>,
  { host, port }: { readonly host: string; readonly port: number },
  listening?: WebServer,
): Promise<WebServer> {
  if (listening) {
    listening.serve(app)
    return listening
  }
  let current = app.fetch
  let held: PromiseWithResolvers<void> | undefined
  const server = createAdaptorServer({
    fetch: (...asked) => (held ? held.promise.then(() => current(...asked)) : current(...asked)),
    overrideGlobalObjects: false,
    serverOptions: TIMEOUTS,
  })
  await listen(server, { host, port })
  const address = server.address() as AddressInfo
  return {
    url: `http://${nameOf(host)}:${address.port}`,
    hold() {
      held ??= Promise.withResolvers()
    },
    serve(next) {
      current = next.fetch
      held?.resolve()
      held = undefined
    },
    close(graceMs) {
      held?.resolve()
      return closeServer(server, graceMs)
    },
  }
}

/** A browser cannot open an address that means "every interface". */
function nameOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

function listen(server: ServerType, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'another program already listens there' : String(cause.code)
      const advice = 'Set HOST and PORT to a free address.'
      reject(
        new BackspaceError('unavailable', `Cannot listen on ${host}:${port}: ${why}. ${advice}`, { cause }),
      )
    })
    server.listen(port, host, resolve)
  })
}

async function closeServer(server: ServerType, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  if ('closeIdleConnections' in server) server.closeIdleConnections()
  const cut = setTimeout(() => {
    if ('closeAllConnections' in server) server.closeAllConnections()
  }, graceMs)
  await closed
  clearTimeout(cut)
}
