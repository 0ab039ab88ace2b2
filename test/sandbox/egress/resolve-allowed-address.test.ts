import { expect, test } from 'vitest'
import { resolveAllowedAddress } from '../../../src/sandbox/egress/allowed-hosts.ts'

const resolvesTo = (named: boolean, ...addresses: readonly string[]) =>
  resolveAllowedAddress('host.example.org', {
    named,
    resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  })

test.for([
  '127.0.0.1',
  '127.9.9.9',
  '0.0.0.0',
  '169.254.169.254',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '::ffff:10.1.2.3',
  'fe80::1',
  'fd00:ec2::254',
  'ff02::1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
])('%s is never reached, whatever the name', async (address) => {
  expect(await resolvesTo(false, address)).toBeUndefined()
  expect(await resolvesTo(true, address)).toBeUndefined()
})

test.for([
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '203.0.113.7',
  'fd00::1',
])('%s is reached only by a name that the operator wrote in full', async (address) => {
  expect(await resolvesTo(false, address)).toBeUndefined()
  expect(await resolvesTo(true, address)).toBe(address)
})

test.for(['8.8.8.8', '172.32.0.1', '104.16.0.1', '2606:4700::1'])('%s is the internet', async (address) => {
  expect(await resolvesTo(false, address)).toBe(address)
})

test('of several addresses one that is allowed is taken', async () => {
  expect(await resolvesTo(false, '10.0.0.1', '8.8.4.4')).toBe('8.8.4.4')
  expect(await resolvesTo(true, '127.0.0.1', '10.0.0.1')).toBe('10.0.0.1')
})
