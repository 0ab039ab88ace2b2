import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim()
/** A private key in PEM that GitHub never gives. */
function otherKey(kind: 'ed25519' | 'ec' | 'encrypted'): string {
  const how = { format: 'pem', type: 'pkcs8' } as const
  if (kind === 'encrypted') {
    return privateKey.export({ ...how, cipher: 'aes-128-cbc', passphrase: 'secret' }).toString()
  }
  const pair =
    kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
  return pair.privateKey.export(how).toString()
}

const APP = { APP_ID: '7', PRIVATE_KEY: PEM, WEBHOOK_SECRET: 'a-secret-of-this-test-0123456789' }

test('an empty environment is enough to start: this machine, PGlite, no keys', () => {
  expect(readConfig({})).toMatchObject({
    github: { app: undefined, apiUrl: 'https://api.github.com', webUrl: 'https://github.com' },
    sandbox: { kind: 'local' },
    web: { host: '127.0.0.1', port: 3000 },
    database: { dataDir: '.data' },
    limits: { steps: 120, minutes: 30, usd: 5, tokens: 10_000_000 },
    secrets: [],
  })
})

test.each([
  [{ ...APP, WEBHOOK_SECRET: '' }, /APP_ID is set but WEBHOOK_SECRET is not.*openssl rand -hex 32/],
  [{ ...APP, WEBHOOK_SECRET: 'development' }, /WEBHOOK_SECRET is "development", which is public knowledge/],
  [{ ...APP, PRIVATE_KEY: '' }, /PRIVATE_KEY and PRIVATE_KEY_PATH are not/],
  [{ ...APP, PRIVATE_KEY: 'nonsense' }, /PRIVATE_KEY holds no PEM private key/],
  [
    { ...APP, PRIVATE_KEY: '', PRIVATE_KEY_PATH: '/nowhere/key.pem' },
    /PRIVATE_KEY_PATH \(\/nowhere\/key\.pem\) does not exist/,
  ],
  [{ ...APP, PRIVATE_KEY: '', PRIVATE_KEY_PATH: '/dev' }, /PRIVATE_KEY_PATH \(\/dev\) is a directory/],
  [
    { ...APP, PRIVATE_KEY: '', PRIVATE_KEY_PATH: import.meta.filename },
    /PRIVATE_KEY_PATH \(.*\) holds no PEM private key.*Download/,
  ],
  [
    { ...APP, PRIVATE_KEY: '', PRIVATE_KEY_PATH: '/dev/null' },
    /PRIVATE_KEY_PATH .* holds no PEM private key/,
  ],
  [
    { ...APP, PRIVATE_KEY: otherKey('ed25519') },
    /PRIVATE_KEY is a key of type ed25519, but GitHub Apps use RSA/,
  ],
  [{ ...APP, PRIVATE_KEY: otherKey('ec') }, /PRIVATE_KEY is a key of type ec, but GitHub Apps use RSA keys/],
  [{ ...APP, PRIVATE_KEY: otherKey('encrypted') }, /PRIVATE_KEY is encrypted with a passphrase/],
  [{ ...APP, PRIVATE_KEY: PEM.replace(/\n.{64}\n/, '\n') }, /PRIVATE_KEY is damaged.*Download a new key/],
  [{ ...APP, APP_ID: 'backspace' }, /numeric id/],
  [{ PRIVATE_KEY: PEM }, /APP_ID is not/],
  [{ GHE_HOST: 'https://github.example.org' }, /GHE_HOST must be a host name/],
  [{ GHE_PROTOCOL: 'ftp' }, /GHE_PROTOCOL must be one of https, http/],
  [{ PORT: '99999' }, /PORT must be a whole number from 0 to 65535/],
  [{ PORT: 'http' }, /PORT must be a whole number/],
  [{ BACKSPACE_MODELS: 'gpt-9' }, /BACKSPACE_MODELS has "gpt-9"/],
  [{ BACKSPACE_MODELS: 'openai:a;openai:b' }, /BACKSPACE_MODELS has "openai:a;openai:b".*commas/],
  [{ BACKSPACE_AGENT: 'claude' }, /BACKSPACE_AGENT has "claude".*must be .*Did you mean "claude-code"\?/],
  [{ BACKSPACE_AGENTS: 'builtin,codex' }, /BACKSPACE_AGENTS has "codex", which is not an agent/],
  [{ BACKSPACE_SANDBOX: 'docker' }, /BACKSPACE_SANDBOX must be one of/],
  [{ BACKSPACE_SANDBOX: 'e2b' }, /E2B_API_KEY is not set/],
  [{ BACKSPACE_BUDGET_USD: '0' }, /BACKSPACE_BUDGET_USD must be a number above 0/],
  [{ GITHUB_CLIENT_ID: 'Iv23li0123456789' }, /GITHUB_CLIENT_ID is set but GITHUB_CLIENT_SECRET is not/],
  [{ GITHUB_CLIENT_SECRET: 'x' }, /GITHUB_CLIENT_SECRET is set but GITHUB_CLIENT_ID is not/],
  [
    { GITHUB_CLIENT_ID: '12 34', GITHUB_CLIENT_SECRET: 'x' },
    /does not look like a client id.*[\s\S]*SECRET is under 20/,
  ],
  [{ GITHUB_APP_CLIENT_ID: 'Iv23li0123456789' }, /Did you mean GITHUB_CLIENT_ID\?/],
  [{ OPERATORS: 'ada,@acme/team' }, /OPERATORS has "acme\/team"; write GitHub logins/],
  [{ API_TOKENS: 'short' }, /under 16 characters/],
  [{ DATABASE_URL: 'mysql://db' }, /DATABASE_URL must start with postgres/],
  [{ ANTHROPIC_BASE_URL: 'localhost:1' }, /ANTHROPIC_BASE_URL must be an http or https address/],
  [{ BACKSPACE_ROLE: 'web' }, /serves one process only. Set DATABASE_URL/],
  [{ BACKSPACE_MAX_RUNS: '0' }, /BACKSPACE_MAX_RUNS must be a whole number/],
  [{ BACKSPACE_DAILY_USD_PER_REPOSITORY: '-1' }, /must be a number above 0/],
  [{ BACKSPACE_KEEP_DELIVERIES_DAYS: '1' }, /whole number from 4/],
  [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL must be one of/],
])('%o is refused with what to do', (env, message) => {
  expect(() => readConfig(env)).toThrow(message)
})

test('all problems are listed at once', () => {
  expect(() => readConfig({ PORT: 'x', LOG_LEVEL: 'loud' })).toThrow(/PORT[\s\S]*LOG_LEVEL/)
})

test('a refusal never repeats a secret', () => {
  try {
    readConfig({
      ...APP,
      PRIVATE_KEY: 'canary-of-a-key',
      API_TOKENS: 'canary-token',
      ANTHROPIC_BASE_URL: 'x:canary@y',
    })
    expect.unreachable()
  } catch (error) {
    expect(String(error)).not.toContain('canary')
  }
})

test.each([
  ['as it is', PEM],
  ['with literal \\n', PEM.replaceAll('\n', '\\n')],
  ['as base64', Buffer.from(PEM).toString('base64')],
])('a private key is read %s', (_how, PRIVATE_KEY) => {
  expect(readConfig({ ...APP, PRIVATE_KEY }).github.app?.privateKey).toBe(PEM)
})

test('GHE_HOST points every GitHub address elsewhere', () => {
  expect(readConfig({ GHE_HOST: '127.0.0.1:4000', GHE_PROTOCOL: 'http' }).github).toMatchObject({
    apiUrl: 'http://127.0.0.1:4000/api/v3',
    webUrl: 'http://127.0.0.1:4000',
  })
})

test('API tokens have names of their own or of their place', () => {
  const [first, second] = ['8f2c91e07bd4a365f1', 'Zk3+uQ9/vT7xLw2nRb5YcA==']
  expect(readConfig({ API_TOKENS: `ci=${first}, ${second}` }).web.apiTokens).toEqual([
    { name: 'ci', token: first },
    { name: 'token-2', token: second },
  ])
})

test('an empty list of egress hosts means no network, not the default', () => {
  expect(readConfig({ BACKSPACE_EGRESS: '' }).sandbox.egressHosts).toEqual([])
  expect(readConfig({}).sandbox.egressHosts).toContain('registry.npmjs.org')
})

test('an E2B key chooses E2B, and every secret is known for masking', () => {
  const config = readConfig({
    ...APP,
    E2B_API_KEY: 'e2b_canary',
    OPENAI_API_KEY: 'sk-canary',
    DATABASE_URL: 'postgres://me:p%40ss@db/backspace',
  })
  expect(config.sandbox.kind).toBe('e2b')
  expect(config.secrets).toEqual(
    expect.arrayContaining([PEM, APP.WEBHOOK_SECRET, 'e2b_canary', 'sk-canary', 'p@ss']),
  )
  expect(Object.isFrozen(config.github)).toBe(true)
})
