import { expect, test } from 'vitest'
import { publicAddress } from '../../src/wiring/public-address.ts'

test.for([
  'http://127.0.0.1:3000',
  'http://127.1.2.3:3000',
  'http://localhost:3000',
  'http://0.0.0.0:3000',
  'http://[::1]:3000',
  'http://[::]:3000',
  'http://[fd00::1]:3000',
  'http://[fe80::1]:3000',
  'http://[::ffff:10.0.0.1]:3000',
  'http://10.1.2.3:3000',
  'http://172.20.0.2:3000',
  'http://192.168.1.10:3000',
  'http://169.254.1.1:3000',
  'http://100.64.0.1:3000',
  'http://worker-1:3000',
  'http://nas.local:3000',
  'http://backspace.internal:3000',
  undefined,
])('where only this machine or network reaches it there is no link: %s', (listening) => {
  expect(publicAddress({ publicUrl: undefined, listening })).toBeUndefined()
})

test('PUBLIC_URL counts, whatever it is; a public address needs none', () => {
  const listening = 'http://127.0.0.1:3000'
  expect(publicAddress({ publicUrl: 'http://127.0.0.1:9', listening })).toBe('http://127.0.0.1:9')
  for (const address of ['http://203.0.113.5:3000', 'http://backspace.example.org', 'http://[2606::1]:80']) {
    expect(publicAddress({ publicUrl: undefined, listening: address })).toBe(address)
  }
})
