import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { normaliseHost } from './host-name.ts'
import { joinStreams } from './join-streams.ts'
import type { SocketPair } from './socket-relay.ts'

/** The key and certificate with which a box poses as a host to its own programs. PEM. */
export interface BoxIdentity {
  readonly key: string
  readonly certificate: string
}

/** Ends the TLS connections of those programs in a box that hide the name of the host. */
export interface HiddenTls {
  /** Whether there is a certificate for this host. */
  covers(host: string): boolean
  /**
   * Answers the program's TLS inside the box, and asks the host by new TLS that shows the host's name. Node.js verifies
   * the host's certificate as usual.
   *
   * @param tunnel.inside still has the program's ClientHello to be read.
   * @param tunnel.outside leads to the host, and has carried nothing yet.
   */
  join(tunnel: SocketPair & { readonly host: string }): Promise<void>
}

/** The one protocol that can be offered without knowing what the program wants to speak. */
const ALPNProtocols = ['http/1.1']

/**
 * Loads Node's modules for TLS here, since hardly any box needs them.
 *
 * @param trusted certificates that the operator's Node.js trusts besides its own. PEM.
 */
export async function openHiddenTls(identity: BoxIdentity, trusted: readonly string[]): Promise<HiddenTls> {
  const { X509Certificate } = await import('node:crypto')
  const { connect, createSecureContext, rootCertificates, TLSSocket } = await import('node:tls')
  const certificate = new X509Certificate(identity.certificate)
  const shown = createSecureContext({ key: identity.key, cert: identity.certificate })
  const verifying = createSecureContext({ ca: [...rootCertificates, ...trusted] })

  /** @returns the connection, or the reason why there is none. */
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

/** An explanation as an HTTP answer, since nearly all programs that get here speak HTTP. */
function explain(host: string, error: Error & { readonly code?: string }): string {
  const why = error.code ?? error.message
  const text = `No secure connection to ${host} is possible: ${why}. Node.js verifies the certificate; the operator of Backspace can name more authorities in NODE_EXTRA_CA_CERTS.\n`
  const head = ['HTTP/1.1 502 Bad Gateway', 'Connection: close', 'Content-Type: text/plain']
  return [...head, `Content-Length: ${Buffer.byteLength(text)}`, '', text].join('\r\n')
}
