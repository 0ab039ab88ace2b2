import { expect, test } from 'vitest'
import { isLocalCaller } from '../../../src/web/access/local-caller.ts'

type Incoming = NonNullable<Parameters<typeof isLocalCaller>[0]>

function from(remoteAddress: string | undefined, headers: Incoming['headers'] = {}, url = '/'): boolean {
  const socket = { remoteAddress } as Incoming['socket']
  return isLocalCaller({ socket, headers: { host: 'localhost:3000', ...headers }, url })
}

test.each([
  '127.0.0.1',
  '127.1.2.3',
  '::1',
  '::ffff:127.0.0.1',
])('the socket of %s is of this machine', (address) => {
  expect(from(address)).toBe(true)
})

test.each([
  '10.0.0.1',
  '::ffff:10.0.0.1',
  '128.0.0.1',
  'fe80::1',
  '1127.0.0.1',
  '',
  undefined,
])('the socket of %s is not', (address) => {
  expect(from(address)).toBe(false)
})

test('a request that was meant for a proxy is not local, whatever its host says', () => {
  expect(from('127.0.0.1', {}, 'http://evil.example/code')).toBe(false)
})

test('without a host, or without a socket, nothing is local', () => {
  expect(from('127.0.0.1', { host: undefined })).toBe(false)
  expect(isLocalCaller(undefined)).toBe(false)
})
