import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import nock from 'nock'
import { expect, test } from 'vitest'
import { interceptRequests } from './intercept-requests.ts'

interceptRequests()

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const PEM = privateKey.export({ type: 'pkcs1', format: 'pem' })

test('an answer by nock', async () => {
  nock('https://github.com').get('/').reply(200, Buffer.alloc(1001))
  const response = await fetch('https://github.com/')
  await response.body?.cancel()
})

test('leaves no error behind for the next key that is read', () => {
  expect(createPrivateKey(PEM).type).toBe('private')
})
