import { MAX_HELLO_BYTES, readClientHello } from './client-hello.ts'
import type { HiddenTls } from './hidden-tls.ts'
import { isSameHost } from './host-name.ts'
import { joinStreams } from './join-streams.ts'
import { readStart } from './read-start.ts'
import type { SocketPair } from './socket-relay.ts'

/** The proxy waits as long as this. After that the bytes are passed on unchanged, and the proxy says what is wrong. */
const PATIENCE_MS = 10_000
const MAX_HEAD_BYTES = 16 * 1024

/**
 * Connects a program of the box to the host's egress proxy. All bytes are passed on unchanged, with one exception: the
 * proxy would refuse a program that opens a tunnel to a host and then asks for this very host with Encrypted Client
 * Hello.
 *
 * @param options.hiddenTls takes over such a tunnel; undefined while no host has a certificate.
 */
export async function relayTunnel(
  { inside, outside }: SocketPair,
  options: { readonly hiddenTls: () => Promise<HiddenTls> | undefined },
): Promise<void> {
  const request = await readStart(inside, {
    maxBytes: MAX_HEAD_BYTES,
    timeoutMs: PATIENCE_MS,
    parse: readConnect,
  })
  const { host, length } = request.value ?? { host: undefined, length: request.bytes.length }
  if (length > 0) outside.write(request.bytes.subarray(0, length))
  if (request.bytes.length > length) inside.unshift(request.bytes.subarray(length))
  if (host === undefined) return joinStreams(inside, outside)

  const answer = await readStart(outside, { maxBytes: MAX_HEAD_BYTES, parse: readAnswer })
  inside.write(answer.bytes)
  if (answer.value !== 'opened') return joinStreams(inside, outside)

  const { value: hello, bytes } = await readStart(inside, {
    maxBytes: 2 * MAX_HELLO_BYTES,
    timeoutMs: PATIENCE_MS,
    parse(all) {
      const read = readClientHello(all)
      return read.kind === 'incomplete' ? undefined : read
    },
  })
  const isHidden = hello?.kind === 'hello' && hello.hidden && hello.names.length === 1
  const isForHost = isHidden && isSameHost(hello.names[0] ?? '', host)
  const hiddenTls = isForHost ? await options.hiddenTls() : undefined
  if (hiddenTls?.covers(host)) {
    inside.unshift(bytes)
    return hiddenTls.join({ inside, outside, host })
  }
  if (bytes.length > 0) outside.write(bytes)
  joinStreams(inside, outside)
}

/**
 * The host of a CONNECT request, if the bytes are one, and the number of bytes read; undefined if more bytes are
 * needed.
 */
function readConnect(
  bytes: Buffer,
): { readonly host: string | undefined; readonly length: number } | undefined {
  const other = { host: undefined, length: bytes.length }
  const method = 'CONNECT '
  if (bytes.toString('latin1', 0, method.length) !== method.slice(0, bytes.length)) return other
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const host = /^CONNECT ([^\s:]+):\d+ HTTP\/1\.1\r\n/.exec(bytes.toString('latin1', 0, end + 2))?.[1]
  return host === undefined ? other : { host, length: end + 4 }
}

function readAnswer(bytes: Buffer): 'opened' | 'refused' | undefined {
  if (!bytes.includes('\r\n\r\n')) return undefined
  return /^HTTP\/1\.1 200 /.test(bytes.toString('latin1', 0, 13)) ? 'opened' : 'refused'
}
