import { afterEach, beforeEach, expect, test } from 'vitest'
import { clientHello, helloRetry, inRecords } from './client-hellos.ts'
import { type EgressWorld, nextOf, startEgressWorld } from './egress-world.ts'

let world: EgressWorld
beforeEach(async () => {
  world = await startEgressWorld()
})
afterEach(() => world.close())

const HELLO = inRecords(clientHello(['registry.example.org']))
const ALERT = Buffer.from([21, 3, 1, 0, 2, 2, 112])

test('a tunnel leads to an allowed host if TLS asks for it, and carries everything after that', async () => {
  world.proxy.allow(['registry.example.org'])
  const { status, socket } = await world.openTunnel(`registry.example.org:${world.port}`)
  expect(status).toMatch(/^HTTP\/1.1 200 /)
  socket.write(Buffer.concat([HELLO, Buffer.from('early')]))
  expect(await nextOf(socket, HELLO.length)).toEqual(HELLO)
  expect((await nextOf(socket, 5)).toString()).toBe('early')
  socket.write('more')
  expect((await nextOf(socket, 4)).toString()).toBe('more')
  socket.destroy()
})

test('the name counts in any case, with a dot at its end, and cut into any pieces', async () => {
  world.proxy.allow(['registry.example.org'])
  const { socket } = await world.openTunnel(`registry.example.org.:${world.port}`)
  const bytes = inRecords(clientHello(['Registry.Example.ORG']), 20)
  for (const byte of bytes) socket.write(Buffer.from([byte]))
  expect((await nextOf(socket, bytes.length)).equals(bytes)).toBe(true)
  socket.destroy()
})

test.for([
  ['another name', inRecords(clientHello(['other.example.org'])), 'other.example.org other_name'],
  [
    'a second name',
    inRecords(clientHello(['registry.example.org', 'other.example.org'])),
    'other.example.org other_name',
  ],
  ['no name', inRecords(clientHello([])), 'registry.example.org not_https'],
  ['a name that looks alike', inRecords(clientHello([Buffer.from('registry.ex\u0430mple.org')])), undefined],
  ['a name with a NUL', inRecords(clientHello(['registry.example.org\0.evil.org'])), undefined],
  [
    'a hidden name',
    inRecords(clientHello(['registry.example.org'], { extensions: [0xfe0d] })),
    'registry.example.org hidden_name',
  ],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), 'registry.example.org not_https'],
] as const)('a tunnel in which the client sends %s is closed before the host sees it', async ([
  ,
  bytes,
  told,
]) => {
  world.proxy.allow(['registry.example.org'])
  const { socket } = await world.openTunnel(`registry.example.org:${world.port}`)
  socket.write(bytes)
  expect(await nextOf(socket, 7)).toEqual(ALERT)
  expect(await nextOf(socket, 1)).toEqual(Buffer.alloc(0))
  expect(world.received).toEqual([])
  const refused = world.proxy.refused().map(({ host, reason }) => `${host} ${reason}`)
  expect(refused).toEqual(told === undefined ? [] : [told])
})

test.for([
  ['the same name', 'registry.example.org', true],
  ['another name', 'other.example.org', false],
] as const)('%s in a second hello, which a server may ask for', async ([, name, isPassed]) => {
  world.answer = () => (world.received.length === 1 ? helloRetry() : Buffer.from('welcome'))
  world.proxy.allow(['registry.example.org'])
  const { socket } = await world.openTunnel(`registry.example.org:${world.port}`)
  const second = Buffer.concat([Buffer.from([20, 3, 3, 0, 1, 1]), inRecords(clientHello([name]))])
  // At once: the proxy must not pass on what it has not read.
  socket.write(Buffer.concat([HELLO, second]))
  expect(await nextOf(socket, helloRetry().length)).toEqual(helloRetry())
  expect(await nextOf(socket, 7)).toEqual(isPassed ? Buffer.from('welcome') : ALERT)
  expect(Buffer.concat(world.received)).toEqual(isPassed ? Buffer.concat([HELLO, second]) : HELLO)
  socket.destroy()
})

test('a slow program gets all that a host sent before it hung up', async () => {
  world.hangsUp = true
  world.proxy.allow(['registry.example.org'])
  // Between the sizes of the buffers on the way, so that some of the last bytes wait for the program.
  for (let size = 150_000; size < 500_000; size += 20_000) {
    world.answer = () => Buffer.alloc(size, 'package ')
    const { socket } = await world.openTunnel(`registry.example.org:${world.port}`)
    socket.pause().write(HELLO)
    await world.hungUp()
    expect((await nextOf(socket, size)).length).toBe(size)
    socket.destroy()
  }
})
