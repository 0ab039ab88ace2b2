import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { createRedact, redactDeep } from '../../src/secrets/redact.ts'
import { expectLinear } from '../support/growth.ts'

const redact = createRedact([])
const KEY = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const LONG_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

test('no line of a key is left when its beginning was cut off, wherever the cut is', () => {
  const lines = LONG_KEY.trim().split('\n')
  for (let first = 1; first < lines.length - 2; first++) {
    const [cut = '', ...rest] = lines.slice(first)
    for (const text of [
      [cut, ...rest].join('\n'),
      [cut.slice(9), ...rest].join('\n'),
      `+${[cut, ...rest].join('\n+')}`,
      `${[cut, ...rest].join('\\n')}"`,
    ]) {
      const masked = redact(`before the cut\n${text}\nafter`)
      expect(masked).not.toMatch(/[A-Za-z0-9+/]{24}/)
      expect(masked).toContain('before the cut')
      expect(masked).toContain('after')
    }
  }
})

test('words about the last line of a key are kept, and a whole key is found once', () => {
  const text = 'A key ends with\n-----END PRIVATE KEY-----\nand begins elsewhere.'
  expect(redact(text)).toBe(text)
  expect(redact(`a\n${KEY}b`)).toBe('a\n[redacted]\nb')
})

test('lines that a plus surrounds on both sides are a part of the key, and only plusses are read once', () => {
  const body = LONG_KEY.trim().split('\n').slice(1, -1)
  const code = `${body.map((line) => `  "${line}\\n" +`).join('\n')}\n  "-----END PRIVATE KEY-----"`
  expect(redact(code)).not.toMatch(/[A-Za-z0-9+/]{24}/)
  const plusses = `${'+'.repeat(4060)}\n-----END PRIVATE KEY-----\n`.repeat(16)
  const before = process.threadCpuUsage()
  redact(plusses)
  expect(process.threadCpuUsage(before).user).toBeLessThan(80_000)
})

test('looking for the rest of keys takes time in proportion to the text', () => {
  expectLinear(redact, '-----END PRIVATE KEY-----\n')
  expectLinear(
    redact,
    `${'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\n'.repeat(20)}-----END PRIVATE KEY-----\n`,
  )
})

test('what lies too deep in a value to be masked is not shown', () => {
  let value: unknown = 'hunter2-known'
  for (let depth = 0; depth < 40; depth++) value = { inner: value }
  expect(JSON.stringify(redactDeep(value, createRedact(['hunter2-known'])))).not.toContain('hunter2')
})
