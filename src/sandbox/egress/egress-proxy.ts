import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { RefusedHost } from '../refused-host.ts'
import { createAddressBook } from './address-book.ts'
import { isHostAllowed, isHostNamed, resolveAllowedAddress } from './allowed-hosts.ts'
import { passTls } from './pass-tls.ts'

/**
 * The only way out of a local sandbox: a proxy on the host that tunnels TLS to allowed host names. It forwards no plain
 * HTTP, whose Host header could name any other site of the same server.
 */
export interface EgressProxy {
  /**
   * Replaces the lists, and cuts connections to hosts that are on neither.
   *
   * @param publicHosts see `EgressPolicy.publicHosts`.
   */
  allow(hosts: readonly string[], publicHosts?: readonly string[]): void
  /** The first 100 hosts that could not be reached, each once. */
  refused(): readonly RefusedHost[]
  close(): Promise<void>
}

interface EgressProxyOptions {
  /** Unix socket to listen on. */
  readonly socketPath: string
  /** Finds the address to connect to; default: `resolveAllowedAddress`. */
  readonly resolveAddress?: typeof resolveAllowedAddress | undefined
  /** Allowed ports; default: 443. */
  readonly ports?: readonly number[] | undefined
}

interface Target {
  readonly host: string
  readonly port: number
}

const CONNECT_TIMEOUT_MS = 10_000
/** How long a client may take to send its request. */
const REQUEST_TIMEOUT_MS = 10_000
/** Longer than a server takes to prepare a download. */
const IDLE_TIMEOUT_MS = 5 * 60_000
/** Most connections of one box at a time. Each takes two descriptors of the host. Package managers use 16 to 64. */
const MAX_CONNECTIONS = 256
/** Limits memory, since untrusted code chooses the names. */
const MAX_REFUSED = 100
/**
 * How many refused tunnels per host are answered with the reason. npm takes the answer for one of the host and never
 * returns the connection to its pool, so after 15 of them it would wait forever. It gives up on a tunnel that is closed
 * silently.
 */
const MAX_EXPLAINED = 5
const NOT_LISTED = 'is not in BACKSPACE_EGRESS.'

/**
 * Starts the proxy. Its clients are untrusted code, so it checks the names, and resolves and checks the addresses
 * itself.
 */
export async function startEgressProxy(options: EgressProxyOptions): Promise<EgressProxy> {
  const { socketPath, resolveAddress = resolveAllowedAddress, ports = [443] } = options
  let allowed: readonly string[] = []
  let mayBeInternal: readonly string[] = []
  const addresses = createAddressBook(resolveAddress)
  const open = new Map<Duplex, string>()
  const refused = new Map<string, RefusedHost>()
  const explained = new Map<string, number>()

  function refuse(host: string, reason: RefusedHost['reason'], why: string): string {
    if (refused.size < MAX_REFUSED && /^[a-z0-9._:[\]-]{1,253}$/.test(host)) {
      refused.set(`${host} ${reason}`, { host, reason })
    }
    return `${host} ${why}`
  }

  /** @returns the connection, or the reason why there is none. */
  async function reach(target: Target): Promise<Socket | string> {
    const { host, port } = target
    if (!isHostAllowed(host, allowed)) return refuse(host, 'not_listed', NOT_LISTED)
    if (!ports.includes(port)) {
      return refuse(
        host,
        'not_https',
        `is reached by https on port ${ports.join(' or ')} only, not on port ${port}.`,
      )
    }
    const named = isHostNamed(host, mayBeInternal)
    const address = await addresses.find(host, { named })
    if (address === undefined) return refuse(host, 'no_address', 'has no public address.')
    const connection = await openConnection(address, port)
    if (connection) return connection
    addresses.forget(host)
    return refuse(host, 'no_answer', 'did not answer.')
  }

  function shouldExplain(target: Target | undefined): boolean {
    const times = (explained.get(target?.host ?? '') ?? 0) + 1
    if (times > 1 || explained.size < MAX_REFUSED) explained.set(target?.host ?? '', times)
    return times <= MAX_EXPLAINED
  }

  function track(connection: Duplex, host: string): void {
    open.set(connection, host)
    connection.on('error', () => connection.destroy())
    connection.on('close', () => open.delete(connection))
  }

  async function tunnel(message: IncomingMessage, inside: Duplex, head: Buffer): Promise<void> {
    const target = parseTarget(`http://${message.url ?? ''}`, 443)
    track(inside, target?.host ?? '')
    message.socket.setTimeout(IDLE_TIMEOUT_MS, () => inside.destroy())
    const outside = target ? await reach(target) : 'The address is not of the form host:port.'
    if (typeof outside === 'string') return refuseTunnel(inside, shouldExplain(target) ? outside : undefined)
    const host = target?.host ?? ''
    track(outside, host)
    // The host may have left the list in the meantime.
    if (inside.destroyed) return void outside.destroy()
    inside.on('close', () => outside.destroy())
    outside.on('close', () => outside.readableEnded || inside.destroy())
    inside.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    if (head.length > 0) inside.unshift(head)
    const refusal = await passTls({ host, inside, outside })
    if (refusal) refuse(refusal.reason === 'other_name' ? refusal.name : host, refusal.reason, '')
  }

  function refusePlain(message: IncomingMessage, response: ServerResponse): void {
    response.writeHead(403, { 'content-type': 'text/plain', connection: 'close' })
    response.end(`${explainPlain(parseTarget(message.url ?? '', 80)?.host)}\n`)
  }

  function explainPlain(host: string | undefined): string {
    if (host === undefined) return 'This is a proxy for https: open a tunnel with CONNECT.'
    if (!isHostAllowed(host, allowed)) return refuse(host, 'not_listed', NOT_LISTED)
    return refuse(host, 'not_https', `is reached by https only: use https://${host}/.`)
  }

  const server = createServer(
    {
      headersTimeout: REQUEST_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: REQUEST_TIMEOUT_MS / 4,
    },
    refusePlain,
  )
  server.maxConnections = MAX_CONNECTIONS
  server.on('connect', (message, socket, head) => void tunnel(message, socket, head))
  server.on('clientError', (_error, socket) => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, resolve)
  })
  return {
    allow(hosts, publicHosts = []) {
      allowed = [...hosts, ...publicHosts]
      mayBeInternal = hosts
      for (const [connection, host] of open) if (!isHostAllowed(host, allowed)) connection.destroy()
    },
    refused: () => [...refused.values()],
    close() {
      for (const connection of open.keys()) connection.destroy()
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function parseTarget(url: string, defaultPort: number): Target | undefined {
  if (!URL.canParse(url)) return undefined
  const { protocol, hostname, port } = new URL(url)
  if (protocol !== 'http:' || hostname === '') return undefined
  // `new URL` drops port 80, which is not the default for a tunnel, so it is looked for in the text.
  const explicit = /:(\d+)(?:\/|$)/.exec(url.slice('http://'.length))?.[1]
  return { host: hostname, port: Number(port || explicit || defaultPort) }
}

function openConnection(address: string, port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: CONNECT_TIMEOUT_MS, allowHalfOpen: true })
    const fail = () => {
      socket.destroy()
      resolve(undefined)
    }
    socket.once('timeout', fail)
    socket.once('error', fail)
    socket.once('connect', () => {
      socket.off('error', fail)
      socket.setTimeout(0)
      resolve(socket)
    })
  })
}

function refuseTunnel(socket: Duplex, why: string | undefined): void {
  if (why === undefined) return void socket.destroy()
  socket.end(`HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n${why}\n`)
}

/** Port of the host's proxy inside a box. The box has a network of its own, so the port is always free. */
export const RELAY_PORT = 3128

/** Environment variables that point the usual tools to the proxy; none if no host is allowed. */
export function egressEnvironment(allowHosts: readonly string[]): Readonly<Record<string, string>> {
  if (allowHosts.length === 0) return {}
  const proxy = `http://127.0.0.1:${RELAY_PORT}`
  const local = 'localhost,127.0.0.1,::1'
  const java = ['http', 'https']
    .map((kind) => `-D${kind}.proxyHost=127.0.0.1 -D${kind}.proxyPort=${RELAY_PORT}`)
    .join(' ')
  return {
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    http_proxy: proxy,
    https_proxy: proxy,
    NO_PROXY: local,
    no_proxy: local,
    npm_config_proxy: proxy,
    npm_config_https_proxy: proxy,
    YARN_HTTP_PROXY: proxy,
    YARN_HTTPS_PROXY: proxy,
    CARGO_HTTP_PROXY: proxy,
    // Maven 3.9 ignores the properties of Java without this one; older and newer versions do not know it.
    MAVEN_OPTS: `${java} -Daether.connector.http.useSystemProperties=true`,
    GRADLE_OPTS: java,
    // Node's own fetch and http ignore the variables above without this one.
    NODE_USE_ENV_PROXY: '1',
  }
}
