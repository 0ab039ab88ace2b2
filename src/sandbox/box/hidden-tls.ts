import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { normaliseHost } from './host-name.ts'
import { joinStreams } from './join-streams.ts'
import type { SocketPair } from './socket-relay.ts'

/** What a box shows to its own programs in place of a host. PEM. */
export interface BoxIdentity {
  readonly key: string
  readonly certificate: string
}

/** The end of TLS for programs of a box that hide the name of a host. */
export interface HiddenTls {
  /** Whether there is a certificate for this host. */
  covers(host: string): boolean
  /**
   * Answers the program's TLS inside the box, and asks the host again by TLS that shows its name. The host's certificate is
   * verified as Node.js does.
   *
   * @param tunnel.inside with the program's ClientHello.
   * @param tunnel.outside leads to the host, and has carried nothing yet.
   */
  join(tunnel: SocketPair & { readonly host: string }): Promise<void>
}

/** What can be said inside a tunnel without knowing what is spoken there. */
const ALPNProtocols = ['http/1.1']

/**
 * Node's modules for it are loaded here, since hardly a box needs them.
 *
 * @param trusted certificates that the operator's Node.js trusts besides its own. PEM.
 */
export async function openHiddenTls(identity: BoxIdentity, trusted: readonly string[]): Promise<HiddenTls> {
  const { X509Certificate } = await import('node:crypto')
  const { connect, createSecureContext, rootCertificates, TLSSocket } = await import('node:tls')
  const certificate = new X509Certificate(identity.certificate)
  const shown = createSecureContext({ key: identity.key, cert: identity.certificate })
  const verifying = createSecureContext({ ca: [...rootCertificates, ...trusted] })

  /** @returns the connection, or why there is none. */
  function ask(host: string, socket: Socket): Promise<TLSSocket | Error> {
    const server = connect({
      socket,
      servername: host,
      secureContext: verifying,
      ALPNProtocols,
      rejectUnauthorized: true,
    })
    return new Promise((resolve) => {
      server.once('secureConnect', () => resolve(server)).on('error', resolve)
    })
  }

  return {
    covers: (host) => certificate.checkHost(normaliseHost(host)) !== undefined,
    async join({ inside, outside, host }) {
      const name = normaliseHost(host)
      const server = await ask(name, outside)
      const program = new TLSSocket(inside, { isServer: true, secureContext: shown, ALPNProtocols })
      program.on('error', () => program.destroy())
      if (server instanceof Error) return void program.end(explain(name, server))
      joinStreams(program, server)
    },
  }
}

/** As an answer by HTTP, which nearly all programs speak that come here. */
function explain(host: string, error: Error & { readonly code?: string }): string {
  const why = error.code ?? error.message
  const text = `No secure connection to ${host} is possible: ${why}. Its certificate is verified as Node.js does; the operator of Backspace can name more authorities in NODE_EXTRA_CA_CERTS.\n`
  const head = ['HTTP/1.1 502 Bad Gateway', 'Connection: close', 'Content-Type: text/plain']
  return [...head, `Content-Length: ${Buffer.byteLength(text)}`, '', text].join('\r\n')
}
