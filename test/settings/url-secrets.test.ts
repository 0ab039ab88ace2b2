import { expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { urlSecrets } from '../../src/settings/url-secrets.ts'

test.each([
  ['postgres://me:p%40ssword@db/backspace', ['p%40ssword', 'p@ssword']],
  ['postgres://me:plain-one@db/backspace?sslmode=require&sslpassword=other-one', ['plain-one', 'other-one']],
  ['https://proxy-user@proxy.acme.io:8080', []],
  ['https://0123456789abcdef0123@models.acme.io/v1', ['0123456789abcdef0123']],
  ['https://models.acme.io/v1?api-version=2&api-key=0123', ['0123']],
  ['http://user:100%25@proxy', ['100%25', '100%']],
  ['http://user:100%@proxy', ['100%']],
  ['postgres://app:p#ss/w@rd@db/main', ['p#ss/w@rd']],
  ['postgres://postgres:postgres@localhost:5432/postgres', []],
  ['https://models.acme.io', []],
  ['no address', []],
])('the secret parts of %s', (address, parts) => {
  expect(urlSecrets(address)).toEqual(parts)
})

test('a password inside any configured address is known for masking', () => {
  const url = (name: string) => `https://me:password-of-${name}@${name}.acme.io`
  const { secrets } = readConfig({
    ANTHROPIC_API_KEY: 'sk-ant-canary',
    ANTHROPIC_BASE_URL: url('anthropic'),
    OPENAI_API_KEY: 'sk-canary',
    OPENAI_BASE_URL: url('openai'),
    E2B_API_KEY: 'e2b_canary',
    E2B_API_URL: url('e2b'),
    LANGSMITH_API_KEY: 'lsv2_canary',
    LANGSMITH_ENDPOINT: url('langsmith'),
    HTTPS_PROXY: url('proxy'),
    DATABASE_URL: 'postgres://me:password-of-database@db/backspace',
  })
  const names = ['anthropic', 'openai', 'e2b', 'langsmith', 'proxy', 'database']
  expect(secrets).toEqual(expect.arrayContaining(names.map((name) => `password-of-${name}`)))
})
