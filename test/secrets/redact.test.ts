import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRedact, redactDeep } from '../../src/secrets/redact.ts'

const redact = createRedact(['exact-value-canary', 'tiny'])

test.each([
  `ghp_${'a1'.repeat(18)}`,
  `github_pat_${'A1_'.repeat(20)}`,
  `sk-ant-api03-${'x9-_'.repeat(20)}`,
  `sk-proj-${'x9'.repeat(20)}`,
  `e2b_${'0a'.repeat(20)}`,
  `lsv2_pt_${'0a'.repeat(16)}_${'0a'.repeat(5)}`,
  `AKIA${'A1B2'.repeat(4)}`,
  `xoxb-${'1234567890-'.repeat(3)}a`,
  '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----',
  'exact-value-canary',
])('%s is masked wherever it appears', (secret) => {
  const masked = redact(`before ${secret} after`)
  expect(masked).toBe('before [redacted] after')
})

test('the new, long installation tokens are masked to their last character', () => {
  for (let i = 0; i < 500; i++) {
    const part = () => randomBytes(120).toString('base64url')
    const token = `ghs_12345_${part()}.${part()}.${part()}`
    expect(redact(`token=${token};`)).toBe('token=[redacted];')
  }
})

test('the password of an address is masked, the rest of it stays', () => {
  expect(redact('postgres://me:hunter2@db:5432/x and https://github.com/a/b:c')).toBe(
    'postgres://me:[redacted]@db:5432/x and https://github.com/a/b:c',
  )
})

test('ordinary text stays as it is', () => {
  const text =
    'tiny ask-me-anything risk-averse task sk-1 ghs_short https://example.org:8080/x@y commit 3f2a91c'
  expect(redact(text)).toBe(text)
})

test('masking twice changes nothing', () => {
  const pieces = fc.constantFrom('exact-value-canary', 'ghp_', 'a'.repeat(40), '://me:', '@', ' ', 'sk-')
  fc.assert(
    fc.property(fc.array(pieces), (parts) => {
      const text = parts.join('')
      expect(redact(redact(text))).toBe(redact(text))
    }),
  )
})

test('every string inside a value is masked, keys included', () => {
  const value = { 'exact-value-canary': [{ deep: 'x exact-value-canary y' }, 1, null, true] }
  expect(redactDeep(value, redact)).toEqual({ '[redacted]': [{ deep: 'x [redacted] y' }, 1, null, true] })
})
