import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { HiddenTls } from '../../../src/sandbox/box/hidden-tls.ts'
import { openSocketRelay, type SocketRelay } from '../../../src/sandbox/box/socket-relay.ts'
import { relayTunnel } from '../../../src/sandbox/box/tunnel-relay.ts'
import { clientHello, inRecords } from '../egress/client-hellos.ts'
import { type EgressWorld, nextOf, startEgressWorld } from '../egress/egress-world.ts'

let world: EgressWorld
let relay: SocketRelay
/** What was taken over: the host, and what the program had said. */
let taken: string[]
let hiddenTls: HiddenTls | undefined

beforeEach(async () => {
  world = await startEgressWorld()
  world.proxy.allow(['registry.example.org', '*.example.org'])
  taken = []
  hiddenTls = {
    covers: (host) => host === 'registry.example.org',
    async join({ inside, outside, host }) {
      taken.push(host)
      outside.write(inRecords(clientHello([host])))
      inside.end(await nextOf(inside, HIDDEN.length))
    },
  }
  const identity = () => (hiddenTls ? Promise.resolve(hiddenTls) : undefined)
  const join = (pair: Parameters<typeof relayTunnel>[0]) => void relayTunnel(pair, { hiddenTls: identity })
  relay = await openSocketRelay({ socketPath: world.socketPath, port: 0, join })
})
afterEach(async () => {
  relay.close()
  await world.close()
})

const SHOWN = inRecords(clientHello(['registry.example.org']), 100)
const HIDDEN = inRecords(clientHello(['registry.example.org'], { extensions: [0xfe0d] }))
const ALERT = Buffer.from([21, 3, 1, 0, 2, 2, 112])

async function openTunnel(host: string): Promise<{ readonly status: string; readonly socket: Socket }> {
  const socket = connect(relay.port, '127.0.0.1').on('error', () => {})
  const target = `${host}:${world.port}`
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`)
  const chunk = await new Promise<Buffer>((resolve) => socket.once('data', resolve))
  socket.pause()
  return { status: chunk.toString('latin1'), socket }
}

test('a program that hides no name gets through byte by byte', async () => {
  const { status, socket } = await openTunnel('registry.example.org')
  expect(status).toBe('HTTP/1.1 200 Connection Established\r\n\r\n')
  for (const byte of SHOWN) socket.write(Buffer.from([byte]))
  expect(await nextOf(socket, SHOWN.length)).toEqual(SHOWN)
  socket.end('more')
  expect((await nextOf(socket, 4)).toString()).toBe('more')
  expect(Buffer.concat(world.received)).toEqual(Buffer.concat([SHOWN, Buffer.from('more')]))
  expect(taken).toEqual([])
})

test('a program that hides the name of the very host that it opened a tunnel to is taken over', async () => {
  const { socket } = await openTunnel('registry.example.org')
  socket.write(HIDDEN.subarray(0, 50))
  socket.write(HIDDEN.subarray(50))
  expect(await nextOf(socket, HIDDEN.length)).toEqual(HIDDEN)
  expect(taken).toEqual(['registry.example.org'])
  await expect.poll(() => Buffer.concat(world.received)).toEqual(inRecords(clientHello(taken)))
  expect(world.proxy.refused()).toEqual([])
})

test.for([
  ['another name than that of the tunnel', 'registry.example.org', ['other.example.org'], true],
  ['two names', 'registry.example.org', ['registry.example.org', 'other.example.org'], true],
  ['the name of a host without a certificate', 'a.b.example.org', ['a.b.example.org'], true],
  ['a name before there is any certificate', 'registry.example.org', ['registry.example.org'], false],
] as const)('%s, hidden, is left to the proxy, which refuses it', async ([, host, names, isReady]) => {
  if (!isReady) hiddenTls = undefined
  const { socket } = await openTunnel(host)
  socket.write(inRecords(clientHello(names, { extensions: [0xfe0d] })))
  expect(await nextOf(socket, 7)).toEqual(ALERT)
  expect(taken).toEqual([])
  expect(world.received).toEqual([])
  expect(world.proxy.refused()).toEqual([{ host, reason: 'hidden_name' }])
})

test('what is no tunnel, or a tunnel that is refused, gets the answer of the proxy', async () => {
  expect((await openTunnel('evil.example.net')).status).toContain(
    'evil.example.net is not in BACKSPACE_EGRESS',
  )
  const socket = connect(relay.port, '127.0.0.1').on('error', () => {})
  socket.end('GET http://registry.example.org/ HTTP/1.1\r\nHost: registry.example.org\r\n\r\n')
  expect((await nextOf(socket, 1000)).toString()).toContain('registry.example.org is reached by https only')
})
