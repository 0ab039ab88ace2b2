import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readClientHello } from '../../../src/sandbox/box/client-hello.ts'
import { clientHello, inRecords } from '../egress/client-hellos.ts'

const hello = clientHello(['registry.example.org'])
const expected = { kind: 'hello', names: ['registry.example.org'], hidden: false }

test('a hello is read however it is cut into records, and only when it is whole', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), (size) => {
      const bytes = inRecords(hello, size)
      expect(readClientHello(bytes)).toEqual({ ...expected, bytes: bytes.length })
      expect(readClientHello(bytes.subarray(0, -1))).toEqual({ kind: 'incomplete' })
    }),
  )
})

test('what follows the hello does not belong to it', () => {
  const bytes = inRecords(hello)
  const after = Buffer.concat([bytes, Buffer.from([23, 3, 3, 0, 1, 0])])
  expect(readClientHello(after)).toEqual({ ...expected, bytes: bytes.length })
})

test.for([
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['SSH', Buffer.from('SSH-2.0-client\r\n')],
  ['a hello of SSL 2', Buffer.from([0x80, 0x2e, 1, 3, 1, 0, 0x15])],
  ['another message of the handshake', inRecords(Buffer.from([2, 0, 0, 1, 0]))],
  ['data before the hello', Buffer.concat([Buffer.from([23, 3, 3, 0, 1, 0]), inRecords(hello)])],
  ['an empty record', Buffer.concat([Buffer.from([22, 3, 1, 0, 0]), inRecords(hello)])],
  ['a second message in the same record', inRecords(Buffer.concat([hello, hello]))],
  ['a hello that says to be huge', inRecords(Buffer.from([1, 0xff, 0xff, 0xff, 3, 3]))],
  ['a hello that ends too early', inRecords(Buffer.from([1, 0, 0, 2, 3, 3]))],
] as const)('%s is not a hello', ([, bytes]) => {
  expect(readClientHello(bytes)).toEqual({ kind: 'invalid' })
})

test.for([0xfe0d, 0xffce])('a hello that hides its name is recognised (extension %i)', (type) => {
  const bytes = inRecords(clientHello(['registry.example.org'], { extensions: [type] }))
  expect(readClientHello(bytes)).toMatchObject({ hidden: true })
})

test('any bytes are read without an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      readClientHello(Buffer.from(bytes))
      readClientHello(inRecords(Buffer.concat([Buffer.from([1, 0, 0, bytes.length]), bytes])))
    }),
  )
})
