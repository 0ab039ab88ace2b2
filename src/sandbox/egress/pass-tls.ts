import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { isHelloRetry, MAX_HELLO_BYTES, readClientHello } from '../box/client-hello.ts'
import { isSameHost } from '../box/host-name.ts'
import { joinStreams } from '../box/join-streams.ts'
import { readStart } from '../box/read-start.ts'

/**
 * Why a tunnel was closed: it carries no TLS, or TLS for the name of another host, or for a name that cannot be read.
 */
export type TlsRefusal =
  | { readonly reason: 'not_https' | 'hidden_name' }
  | { readonly reason: 'other_name'; readonly name: string }

interface Tunnel {
  /** The name that the tunnel was opened for. */
  readonly host: string
  readonly inside: Duplex
  readonly outside: Socket
}

/** How long the client may take to ask, and the server to answer. */
const HELLO_TIMEOUT_MS = 10_000
/** Fatal TLS alert 112: unrecognized_name. */
const ALERT = Buffer.from([21, 3, 1, 0, 2, 2, 112])

/**
 * Connects both sides of a tunnel once the client has asked by TLS for the host of the tunnel. The check is needed
 * because one address often serves thousands of names that the operator has not allowed. A server may make the client
 * say the name again (HelloRetryRequest), so what follows the first hello waits until the server has answered.
 *
 * @returns why the tunnel was closed, if the client asked for something that is not allowed.
 */
export async function passTls({ host, inside, outside }: Tunnel): Promise<TlsRefusal | undefined> {
  const first = await passHello({ host, inside, outside }, { again: false })
  if (first || outside.destroyed) return first
  const { value: isRetry, bytes } = await readStart(outside, {
    maxBytes: 64 * 1024,
    timeoutMs: HELLO_TIMEOUT_MS,
    parse: isHelloRetry,
  })
  inside.write(bytes)
  if (isRetry) {
    const second = await passHello({ host, inside, outside }, { again: true })
    if (second || outside.destroyed) return second
  }
  joinStreams(inside, outside)
  return undefined
}

async function passHello(
  { host, inside, outside }: Tunnel,
  options: { readonly again: boolean },
): Promise<TlsRefusal | undefined> {
  const { value: hello, bytes } = await readStart(inside, {
    maxBytes: 2 * MAX_HELLO_BYTES,
    timeoutMs: HELLO_TIMEOUT_MS,
    parse(all) {
      const read = readClientHello(all, options)
      return read.kind === 'incomplete' ? undefined : read
    },
  })
  const names = hello?.kind === 'hello' && !hello.hidden ? hello.names : []
  const [name] = names
  if (hello?.kind === 'hello' && names.length === 1 && name !== undefined && isSameHost(name, host)) {
    outside.write(bytes.subarray(0, hello.bytes))
    if (bytes.length > hello.bytes) inside.unshift(bytes.subarray(hello.bytes))
    return undefined
  }
  if (!inside.destroyed) inside.end(ALERT)
  outside.destroy()
  if (hello === undefined) return undefined // The client left, or said nothing.
  if (hello.kind === 'hello' && hello.hidden) return { reason: 'hidden_name' }
  const other = names.find((one) => !isSameHost(one, host))
  return other === undefined ? { reason: 'not_https' } : { reason: 'other_name', name: other.toLowerCase() }
}
