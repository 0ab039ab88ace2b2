import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { findSecrets } from '../../src/secrets/find-secrets.ts'

/** The shortest key there is. */
const ED25519 = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

test.each([
  'postgres://postgres:postgres@localhost:5432/test',
  'redis://:s3cr3t-value@redis:6379',
  'https://user:password@example.com',
  'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
  'AKIAIOSFODNN7EXAMPLE',
  'tokenAddress: "0x6373d235501cb67f2866cef198d3ea6813e36a4d"',
  'SESSION_SECRET=99ae8af...snip...ec0f262ac',
  'class="sk-circle-fade-dot-animation-wrapper"',
  'sk-your-openai-api-key-goes-here',
  '-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----',
  "if (pem.startsWith('-----BEGIN PRIVATE KEY-----')) return parsePrivateKey(pem, { lenient: true, passphrase: undefined, encoding: 'utf8' })",
])('an example is no secret: %s', (text) => {
  expect(findSecrets(text, { knownSecrets: [] })).toEqual([])
})

test.each([
  'postgres://app:hV8nQ2xLw0Zr@db.prod.acme.io/main',
  'sk-proj-q8ZrT2mVx7LpK4nWc9YbH3sDf6Gj1AeU',
  `github_pat_${'11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ'}`,
  `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEowIBAAKCAQEA7'.repeat(20)}\n-----END RSA PRIVATE KEY-----`,
  ED25519,
  `key = "${ED25519.replaceAll('\n', '\\n')}"`,
  ED25519.split('\n')
    .map((line) => `"${line}\\n"`)
    .join(' +\n  '),
])('a real-looking one is: %s', (text) => {
  expect(findSecrets(text, { knownSecrets: [] })).toHaveLength(1)
})
