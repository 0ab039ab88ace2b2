import { generateKeyPairSync, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRedact } from '../../src/secrets/redact.ts'
import { createRedactStream } from '../../src/secrets/redact-stream.ts'
import { expectLinear } from '../support/growth.ts'

const TOKEN = `ghp_${'x8Kd92LmQpZt7VbN3cRfYw5Hj1As0GeUoTiE'}`
const PEM = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const VALUES = ['exact-value-canary', 'a value with spaces']
const WRAPPED = Buffer.from(`${'first line of a file\n'.repeat(4)}${TOKEN}\n${'more of it\n'.repeat(4)}`)
  .toString('base64')
  .replaceAll(/.{76}/g, '$&\n')

const redact = createRedact(VALUES)

test.each([
  ['a token', `begin ${TOKEN} end`],
  [
    'a long token',
    `a=ghs_1_${randomBytes(120).toString('base64url')}.${randomBytes(40).toString('base64url')}; b`,
  ],
  ['exact values', 'x exact-value-canary, a value with spaces, a value with more'],
  ['an assignment', 'twilio_token : \n  "3f9c1d27ab84e6500f1d2c3b4a596877" and more words'],
  ['an element over lines', '<herokuToken>\n    12345678-90ab-4cde-8f01-23456789abcd\n</herokuToken>\nend'],
  ['a password', 'DB_PASSWORD="Tr0ub4dor&3xx" and postgres://me:hunter22@db.acme.io/x'],
  [
    'a header',
    "curl -X POST \\\n  -H 'Authorization: Bearer 3f9c1d27ab84e650' \\\n  -u ada:pRf7vG2h1L8n https://x.io",
  ],
  ['a private key', `before\n${PEM}after, and more text`],
  [
    'a sentence about keys',
    `Files with \`-----BEGIN PRIVATE KEY-----\` are refused. ${'So it goes on. '.repeat(40)}`,
  ],
  ['wrapped base64', `base64 of it:\n${WRAPPED}\nend`],
])('%s: the same text, wherever it is cut', (_, text) => {
  const whole = redact(text)
  for (let at = 0; at <= text.length; at++) {
    const stream = createRedactStream(VALUES)
    expect(stream.write(text.slice(0, at)) + stream.write(text.slice(at)) + stream.end()).toBe(whole)
  }
})

test('single characters give the same text as the whole', () => {
  const pieces = fc.constantFrom(
    TOKEN,
    'exact-value-canary',
    'key = ',
    '"',
    '\n',
    ' ',
    '-----BEGIN ',
    'abc',
    '://a:',
    '@',
    'curl ',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const text = parts.join('')
      const stream = createRedactStream(VALUES)
      expect([...text].map((char) => stream.write(char)).join('') + stream.end()).toBe(redact(text))
    }),
    { numRuns: 60 },
  )
})

test('ordinary text is not held back for long, and nothing is ever lost', () => {
  const stream = createRedactStream(VALUES)
  expect(stream.write('All 12 tests passed.\nNow the next ')).toBe('All 12 tests passed.\nNow the next ')
  const endless = `-----BEGIN PRIVATE KEY-----\n${'word '.repeat(30_000)}`
  expect((stream.write(endless) + stream.end()).length).toBe(endless.length)
})

test('the time for a long word in single characters grows with its length', () => {
  expectLinear((text) => {
    const stream = createRedactStream(VALUES)
    return [...text].map((char) => stream.write(char)).join('') + stream.end()
  }, 'abc')
})
