import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRedact, redactDeep } from '../../src/secrets/redact.ts'
import { expectLinear } from '../support/growth.ts'

const VALUES = ['exact-value-canary', 'p%w/ss+wo"rd&<1>', 'tiny']
const redact = createRedact(VALUES)
const TOKEN = `ghp_${'x8Kd92LmQpZt7VbN3cRfYw5Hj1As0GeUoTiE'}`

test.each([
  `ghp_${'a1'.repeat(18)}`,
  `github_pat_${'A1_'.repeat(20)}`,
  `sk-ant-api03-${'x9-_'.repeat(20)}`,
  'sk-ant-wrong-0123456789abcdef',
  `sk-proj-${'x9'.repeat(20)}`,
  `e2b_${'0a'.repeat(20)}`,
  `lsv2_pt_${'0a'.repeat(16)}_${'0a'.repeat(5)}`,
  `AKIA${'A1B2'.repeat(4)}`,
  `xoxb-${'1234567890-'.repeat(2)}aB3dE6gH9jK2`,
  '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----',
  'exact-value-canary',
])('%s is masked wherever it appears', (secret) => {
  expect(redact(`before ${secret} after`)).toBe('before [redacted] after')
})

test('two thousand installation tokens leave no character, alone or in what surrounds them', () => {
  const frames = [
    (token: string) => [`token=${token};`, 'token=[redacted];'],
    (token: string) => [`{"msg":"line\\n${token}\\tend"}`, '{"msg":"line\\n[redacted]\\tend"}'],
    (token: string) => [`\u001b[32m${token}\u001b[0m`, '\u001b[32m[redacted]\u001b[0m'],
    (token: string) => [`(${token})`, '([redacted])'],
    (token: string) => [`q=%20${token}&b`, 'q=%20[redacted]&b'],
  ]
  for (let i = 0; i < 2000; i++) {
    const part = (bytes: number) => randomBytes(bytes).toString('base64url')
    const jwt = `eyJ${part(30)}.eyJ${part(90)}.${part(256)}`
    const token =
      i % 2 === 0
        ? `ghs_${12_345 + i}_${jwt}`
        : `ghs_${randomBytes(60)
            .toString('base64')
            .replaceAll(/[^A-Za-z0-9]/g, '')
            .slice(0, 36)}`
    const [text = '', masked] = frames[i % frames.length]?.(token) ?? []
    expect(redact(text)).toBe(masked)
  }
})

test.each([
  [`${TOKEN}.example`, '[redacted]'],
  [`${TOKEN}...`, '[redacted]...'],
  [`${TOKEN}-dummy`, '[redacted]'],
  [`${TOKEN}_`, '[redacted]'],
  [`_${TOKEN}`, '_[redacted]'],
])('what follows a token does not excuse it: %s', (text, masked) => {
  expect(redact(text)).toBe(masked)
})

const CANARY = VALUES[1] ?? ''
test.each([
  ['URL', encodeURIComponent(CANARY)],
  ['URL, partly', 'p%25w/ss%2bwo"rd%26<1>'],
  ['JSON', JSON.stringify(CANARY).slice(1, -1)],
  ['JSON in JSON', JSON.stringify(JSON.stringify({ CANARY })).slice(15, -4)],
  ['HTML', 'p%w/ss+wo&quot;rd&amp;&lt;1&gt;'],
  ['HTML, numbers', 'p%w/ss+wo&#34;rd&#x26;<1>'],
  ['hex', Buffer.from(CANARY).toString('hex')],
  ['hex, capitals', Buffer.from(CANARY).toString('hex').toUpperCase()],
  ['backwards', [...CANARY].reverse().join('')],
  [
    'Unicode escapes',
    [...CANARY].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  ],
  ['UTF-16', Buffer.from(CANARY, 'utf16le').toString('latin1').slice(0, -1)],
  ['base64', Buffer.from(CANARY).toString('base64')],
  ['base64 twice', Buffer.from(Buffer.from(`the value is ${CANARY}`).toString('base64')).toString('base64')],
  ['base64 of UTF-16', Buffer.from(`echo ${CANARY}`, 'utf16le').toString('base64')],
])('an exact value is masked as %s', (_, encoded) => {
  const masked = redact(`a "${encoded}" b`)
  expect(masked.replaceAll('=', '').replaceAll('\0', '').length).toBeLessThanOrEqual(
    'a "[redacted]" b'.length + 2,
  )
})

test('base64 that begins anywhere keeps nothing of an exact value that could be read', () => {
  for (const before of ['', 'x', 'xy', 'xyz']) {
    const masked = redact(Buffer.from(`${before}exact-value-canary!`).toString('base64url'))
    expect(Buffer.from(masked.replace('[redacted]', ''), 'base64url').toString()).not.toMatch(
      /exact|canary|value/,
    )
  }
})

test('the password of an address is masked, the rest of it stays', () => {
  expect(redact('postgres://me:hunter2@db:5432/x and https://github.com/a/b:c')).toBe(
    'postgres://me:[redacted]@db:5432/x and https://github.com/a/b:c',
  )
})

test('ordinary text stays as it is', () => {
  const text =
    'tiny ask-me-anything risk-averse task sk-1 ghs_short https://example.org:8080/x@y commit 3f2a91c sk-folding-cube-animation-1'
  expect(redact(text)).toBe(text)
})

test.each([
  'Keys that begin with `-----BEGIN PRIVATE KEY-----` are accepted, and everything else is refused with a message.',
  'From `-----BEGIN PRIVATE KEY-----` to `-----END PRIVATE KEY-----`: that is a key.',
  '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
])('a sentence about keys keeps its words: %s', (text) => {
  expect(redact(text)).toBe(text)
})

test('a private key without an end is masked, the text behind it is not', () => {
  const line = randomBytes(48).toString('base64')
  expect(redact(`-----BEGIN PRIVATE KEY-----\n${line}\n${line}\n\nThe next step is this.`)).toBe(
    '[redacted]\n\nThe next step is this.',
  )
})

test('masking twice changes nothing', () => {
  const pieces = fc.constantFrom(
    'exact-value-canary',
    'ghp_',
    'a1B2c3D4'.repeat(5),
    TOKEN,
    '://me:',
    '@',
    ' ',
    'sk-',
    'key="',
    '"',
    'npm_',
    '.ey',
    '%67',
    '\\u0067',
    '-----BEGIN PRIVATE KEY-----',
    '\n',
  )
  fc.assert(
    fc.property(fc.array(pieces), (parts) => {
      const masked = redact(parts.join(''))
      expect(redact(masked)).toBe(masked)
    }),
  )
})

test('every string inside a value is masked, keys included', () => {
  const value = { 'exact-value-canary': [{ deep: 'x exact-value-canary y' }, 1, null, true] }
  expect(redactDeep(value, redact)).toEqual({ '[redacted]': [{ deep: 'x [redacted] y' }, 1, null, true] })
})

test.each([
  '-eyJ',
  '.ey',
  'ghp_',
  'ghs_1_eyJ',
  'key=',
  'key=Xk3J9s8Qp2Lm ',
  'etsy=okta=',
  '://a:b',
  '-----BEGIN PRIVATE KEY-----',
  'kind: secret\n',
  'curl -u ',
  'glpat-',
  '%67',
  '&#103;',
  '\0g',
  'exact-value-',
  'YWFhYWFhYWFh',
  'password="Aa1!',
])('the time for %j, repeated, grows with its length', (unit) => {
  expectLinear(redact, unit, 32_000)
})
