import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { createRelayConnections } from '../../../src/sandbox/e2b/relay-connections.ts'
import { createRelayDecoder, encodeRelayFrame } from '../../../src/sandbox/e2b/relay-frames.ts'
import { createRelayInput } from '../../../src/sandbox/e2b/relay-input.ts'
import { createRelayOutput } from '../../../src/sandbox/e2b/relay-output.ts'

const frame = (kind: string, number: number, bytes = Buffer.alloc(0)) => ({ kind, number, bytes })
const textOf = (kind: string, number: number, bytes?: Uint8Array) =>
  encodeRelayFrame(kind, number, bytes).toString('latin1')

function openConnections() {
  const sent: string[] = []
  const input = {
    send: (one: Buffer) => void sent.push(`${String.fromCharCode(one[0] ?? 0)}${one.readUInt32BE(1)}`),
    sendLater: () => {},
    stop: () => {},
  }
  const server = createServer()
  const sockets: Duplex[] = []
  server.removeAllListeners('connection').on('connection', (socket) => sockets.push(socket))
  return { connections: createRelayConnections(server, input), sent, sockets }
}

test('frames come out of pieces of any size, from the mark on', () => {
  const bytes = Buffer.from([0, 255, 128, 10, 13])
  const text = `motd\nMARK${textOf('o', 1)}${textOf('d', 1, bytes)}`
  const expected = [frame('o', 1), frame('d', 1, bytes)]
  for (const size of [1, 7, 1000]) {
    const decode = createRelayDecoder('MARK', 100)
    const frames = []
    for (let at = 0; at < text.length; at += size) frames.push(...decode(text.slice(at, at + size)))
    expect(frames).toEqual(expected)
  }
})

test.for([
  ['what never begins', 'x'.repeat(200)],
  ['what is no byte', 'MARK\u{1f600}'],
  ['a frame that is too large', `MARK${textOf('d', 1, Buffer.alloc(65_537))}`],
])('%s is no output of a relay', ([, text = '']) => {
  expect(() => createRelayDecoder('MARK', 100)(text)).toThrow()
})

const VIOLATIONS: Readonly<Record<string, readonly ReturnType<typeof frame>[]>> = {
  'a connection that did not begin': [frame('d', 1, Buffer.from('x'))],
  'a number that was used': [frame('o', 1), frame('o', 1)],
  'a number too far': [frame('o', 2)],
  'more data than allowed': Array.from({ length: 6 }, (_, at) =>
    frame(at === 0 ? 'o' : 'd', 1, Buffer.alloc(60_000)),
  ),
  'data after the end': [frame('o', 1), frame('e', 1), frame('d', 1, Buffer.from('x'))],
  'a second end': [frame('o', 1), frame('e', 1), frame('e', 1)],
  'empty data': [frame('o', 1), frame('d', 1)],
  'taking what was not sent': [frame('o', 1), frame('w', 1, Buffer.from([0, 0, 0, 1]))],
  'taking without a number': [frame('o', 1), frame('w', 1)],
  'an unknown letter': [frame('o', 1), frame('?', 1)],
  'too many connections': Array.from({ length: 200 }, (_, at) => frame('o', at + 1)),
}

test.for(Object.entries(VIOLATIONS))('%s is no relay’s', ([, frames]) => {
  const { connections } = openConnections()
  expect(() => {
    for (const one of frames) connections.take(one)
  }).toThrow()
  connections.end()
})

test('frames for a connection that has ended here are let pass', async () => {
  const { connections, sockets, sent } = openConnections()
  connections.take(frame('o', 1))
  sockets[0]?.destroy()
  await expect.poll(() => sent).toEqual(['c1'])
  connections.take(frame('d', 1, Buffer.from('late')))
  connections.take(frame('c', 1))
})

test('a host that is asked for more answers than it can send gives up', () => {
  let failures = 0
  const input = createRelayInput(
    () => new Promise(() => {}),
    () => {
      failures++
      input.stop()
    },
  )
  for (let at = 0; at < 30_000; at++) input.sendLater(encodeRelayFrame('a', at))
  expect(failures).toBe(1)
})

test('a failure of a stream, and frames that are wrong, end the relay', () => {
  let failures = 0
  const output = createRelayOutput({
    mark: 'MARK',
    connect: () => Promise.reject(new Error('unused')),
    sendMark: () => {},
    onFrame(one) {
      if (one.kind === '!') throw new Error('wrong')
    },
    onHeard: () => {},
    onFailure: () => failures++,
  })
  const receive = output.open()
  receive(`MARK${textOf('t', 0)}`)
  expect(failures).toBe(0)
  receive(textOf('!', 0))
  receive(textOf('y', 0, Buffer.from('not asked for')))
  expect(failures).toBe(2)
  output.stop()
  receive(textOf('!', 0))
  expect(failures).toBe(2)
})
