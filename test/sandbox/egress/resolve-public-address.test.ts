import { expect, test } from 'vitest'
import { resolvePublicAddress } from '../../../src/sandbox/egress/resolve-public-address.ts'

const resolvesTo = (...addresses: readonly string[]) =>
  resolvePublicAddress('host.example.org', async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  )

test.for([
  '127.0.0.1',
  '127.9.9.9',
  '0.0.0.0',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  'fe80::1',
  'fd00::1',
  'ff02::1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
])('%s is not the internet', async (address) => {
  expect(await resolvesTo(address)).toBeUndefined()
})

test.for(['8.8.8.8', '172.32.0.1', '104.16.0.1', '2606:4700::1'])('%s is', async (address) => {
  expect(await resolvesTo(address)).toBe(address)
})

test('of several addresses a public one is taken', async () => {
  expect(await resolvesTo('10.0.0.1', '8.8.4.4')).toBe('8.8.4.4')
})
