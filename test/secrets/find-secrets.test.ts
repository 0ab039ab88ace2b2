import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { findSecrets } from '../../src/secrets/find-secrets.ts'
import { expectLinear } from '../support/growth.ts'

const HEX = '0123456789abcdef'
const DIGITS = '0123456789'
const BASE36 = '0123456789abcdefghijklmnopqrstuvwxyz'
const BASE62 = `${BASE36}ABCDEFGHIJKLMNOPQRSTUVWXYZ`
const LETTERS = BASE62.slice(10)

/** The same characters each time, but none that a scanner of this repository could find. */
function drawn(length: number, alphabet = BASE62): string {
  let text = ''
  for (let round = 0; text.length < length; round++) {
    const bytes = createHash('sha512').update(`${alphabet}${length}/${round}`).digest()
    text += [...bytes].map((byte) => alphabet[byte % alphabet.length]).join('')
  }
  return text.slice(0, length)
}

const rulesIn = (text: string, before?: string) =>
  findSecrets(text, { knownSecrets: ['exact-value-canary'], before: before ?? '' }).map(({ rule }) => rule)

const uuid = [8, 4, 4, 4, 12].map((length) => drawn(length, HEX)).join('-')
const jwt = `eyJ${drawn(33)}.eyJ${drawn(90)}.${drawn(43)}`

test.each([
  ['npm-access-token', `//registry.npmjs.org/:_authToken=npm_${drawn(36)}`],
  ['gitlab-pat', `glpat-${drawn(20)}`],
  ['stripe-access-token', `stripe.setApiKey('sk_live_${drawn(24)}')`],
  ['stripe-webhook-secret', `whsec_${drawn(32)}`],
  ['huggingface-access-token', `hf_${drawn(34, LETTERS)}`],
  ['sendgrid-api-token', `SG.${drawn(22)}.${drawn(43)}`],
  ['pypi-upload-token', `pypi-AgEIcHlwaS5vcmc${drawn(150)}`],
  ['digitalocean-pat', `dop_v1_${drawn(64, HEX)}`],
  ['twilio-api-key', `SK${drawn(32, HEX)}`],
  ['twilio-auth-token', `TWILIO_AUTH_TOKEN=${drawn(32, HEX)}`],
  ['azure-ad-client-secret', `secret: ${drawn(3)}8Q~${drawn(34)}`],
  ['azure-storage-key', `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${drawn(86)}==`],
  ['aws-access-token', `AKIA${drawn(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`],
  ['aws-secret-access-key', `aws_secret_access_key = ${drawn(40)}`],
  ['slack-webhook-url', `https://hooks.slack.com/services/T${drawn(8)}/B${drawn(8)}/${drawn(24)}`],
  ['slack-bot-token', `xoxb-${drawn(12, DIGITS)}-${drawn(12, DIGITS)}-${drawn(24)}`],
  ['discord-webhook-url', `https://discord.com/api/webhooks/${drawn(18, DIGITS)}/${drawn(68)}`],
  ['gcp-api-key', `key=AIza${drawn(35)}`],
  ['anthropic-api-key', `sk-ant-api03-${drawn(93)}AA`],
  ['openai-api-key', `sk-proj-${drawn(74)}T3BlbkFJ${drawn(74)}`],
  ['sk-api-key', `sk-${drawn(48)}`],
  ['openrouter-api-key', `sk-or-v1-${drawn(64, HEX)}`],
  ['e2b-api-key', `e2b_${drawn(40, HEX)}`],
  ['langsmith-api-key', `lsv2_pt_${drawn(32, HEX)}_${drawn(10, HEX)}`],
  ['groq-api-key', `gsk_${drawn(52)}`],
  ['docker-pat', `dckr_pat_${drawn(27)}`],
  ['telegram-bot-token', `https://api.telegram.org/bot${drawn(10, DIGITS)}:A${drawn(34)}/getMe`],
  ['heroku-api-key', `HEROKU_API_KEY: ${uuid}`],
  ['github-pat', `ghp_${drawn(36)}`],
  ['github-app-token', `ghs_123456_${jwt}`],
  ['github-fine-grained-pat', `github_pat_${drawn(22)}_${drawn(59)}`],
  ['jwt', `a: ${jwt},`],
  ['url-password', `redis://:${drawn(20)}@cache.acme.io:6379/0`],
  ['password', 'DB_PASSWORD="Tr0ub4dor&3xy"'],
  ['password', 'DB_PASSWORD=Tr0ub4dor&3xy\n'],
  ['password', 'spring.datasource.password=kJ8mN2pQxx'],
  ['mailgun-api-key', `key-${drawn(32, HEX)}`],
  ['notion-secret', `secret_${drawn(43)}`],
  ['azure-devops-pat', `AZURE_DEVOPS_PAT=${drawn(52, 'abcdefghijklmnopqrstuvwxyz234567')}`],
  ['netlify-pat', `nfp_${drawn(36)}`],
  ['telegram-bot-token', `1234567890:AA${drawn(33)}`],
  ['gitlab-pat-routable', `glpat-${drawn(27)}.01.${drawn(9).toLowerCase()}`],
  ['pinecone-api-key', `pcsk_${drawn(69)}`],
  ['tavily-api-key', `tvly-dev-${drawn(32)}`],
  ['resend-api-key', `re_${drawn(8)}_${drawn(24)}`],
  ['neon-api-key', `napi_${drawn(64).toLowerCase()}`],
  ['laravel-app-key', `base64:${drawn(43)}=`],
  ['generic-api-key', `API_TOKEN = "${drawn(32, BASE36)}"`],
  ['authorization-header', `Authorization: Bearer ${drawn(32)}`],
  ['curl-auth-user', `curl -u ada:${drawn(16)} https://acme.io`],
  ['netrc-password', `machine acme.io login ada password ${drawn(16)}`],
  [
    'private-key',
    `-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n${drawn(64)}\n${drawn(64)}\n=8xQN\n-----END PGP PRIVATE KEY BLOCK-----`,
  ],
  [
    'kubernetes-secret-yaml',
    `apiVersion: v1\nkind: Secret\ndata:\n  db: ${Buffer.from(drawn(20)).toString('base64')}\n`,
  ],
])('%s is found, with its place', (rule, secret) => {
  const text = `first line\n  ${secret}\nlast line`
  const [finding, ...others] = findSecrets(text, { knownSecrets: [] })
  expect(others).toEqual([])
  expect(finding).toMatchObject({ rule, name: expect.stringMatching(/\w/) })
  const place = text.slice(0, finding?.start).split('\n').length
  expect(finding?.line).toBe(place)
  expect(secret).toContain(text.slice(finding?.start, finding?.end))
  expect(JSON.stringify(finding)).not.toContain(text.slice(finding?.start, finding?.end))
})

test.each([
  '.example',
  '-dummy',
  '...',
  '_',
  ' # example',
  '/placeholder',
  ');',
  '\\n',
  '</token>',
  '|x',
  ', test',
])('a real token is found, although %j follows it', (after) => {
  expect(rulesIn(`example: ghp_${drawn(36)}${after}`)).toContain('github-pat')
  expect(rulesIn(`sample npm_${drawn(36)}${after}`)).toContain('npm-access-token')
})

test.each([
  ['base64', Buffer.from(`{"token":"ghp_${drawn(36)}"}`).toString('base64')],
  ['base64, behind other characters', `x${Buffer.from(`export T=ghp_${drawn(36)}`).toString('base64')}`],
  ['base64 for addresses', Buffer.from(`???ghp_${drawn(36)}???`).toString('base64url')],
  ['hex', Buffer.from(`token ghp_${drawn(36)}`).toString('hex')],
  ['UTF-16, little endian', Buffer.from(`token ghp_${drawn(36)}`, 'utf16le').toString('latin1')],
  [
    'UTF-16, big endian',
    Buffer.from(`token ghp_${drawn(36)}`, 'utf16le')
      .swap16()
      .toString('latin1'),
  ],
  ['escapes', [...`ghp_${drawn(36)}`].map((char) => `\\x${char.charCodeAt(0).toString(16)}`).join('')],
])('a token is found as %s', (_, text) => {
  expect(rulesIn(`value = ${text}`)).toContain('github-pat')
})

const SAMPLE_JWT = [
  Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url'),
  Buffer.from('{"sub":"1234567890","name":"John Doe","iat":1516239022}').toString('base64url'),
  drawn(43),
].join('.')

test.each([
  `const token = '${SAMPLE_JWT}'`,
  `ghp_${'a'.repeat(36)}`,
  `ghp_${'x'.repeat(36)}`,
  'ghp_abcdefghijklmnopqrstuvwxyz0123456789',
  'AKIAIOSFODNN7EXAMPLE',
  'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  `stripe.api_key = 'sk_test_${'4eC39HqLyjWDarjtT1zdp7dc'}'`,
  'ghp_PersonalAccessToken01245678900000000',
  'https://user:hunter2@staging.acme.io',
  'https://user:password@staging.acme.io',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of the repository's own.
  'postgres://app:${DB_PASSWORD}@db/main',
  'postgres://postgres:postgres@localhost:5432/test',
  '.sk-folding-cube-animation-1 { color: red }',
  `xoxb-123456789012-1234567890123-${'X'.repeat(24)}`,
  `https://hooks.slack.com/services/T00000000/B00000000/${'X'.repeat(24)}`,
  'glpat-xxxxxxxxxxxxxxxxxxxx',
  'glpat-abcdefghijklmnopqrst',
  'npm_XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX',
  'test("token: abc123def456")',
  'password: Sha256Hash;',
  'PASSWORD="changeme"',
  'password: "Password123!"',
  'password = os.environ["DB_PASSWORD"]',
  'const token = process.env.GITHUB_TOKEN',
  'curl -u name:password https://acme.io',
  'Authorization: Bearer <token>',
  'Keys begin with -----BEGIN PRIVATE KEY----- and end with -----END PRIVATE KEY-----.',
  `integrity sha512-${drawn(86)}==`,
  `uses: actions/checkout@${drawn(40, HEX)}`,
  'the-key: some-plain-words-only',
])('a sample or a placeholder is no secret: %s', (text) => {
  expect(rulesIn(text)).toEqual([])
})

test('text that the base file has already is not reported again, a known secret always is', () => {
  const old = `TOKEN=npm_${drawn(36)}`
  expect(rulesIn(`${old}\nmore`, `x\n${old}`)).toEqual([])
  expect(rulesIn(`${old}\nghp_${drawn(36)}`, old)).toEqual(['github-pat'])
  expect(rulesIn('a exact-value-canary', 'exact-value-canary')).toEqual(['known-secret'])
})

test('one secret is one finding, whatever number of rules see it', () => {
  expect(rulesIn(`GITHUB_TOKEN="ghp_${drawn(36)}"`)).toEqual(['github-pat'])
})

test.each([
  'ghp_',
  'key=Xk3J9s8Qp2Lm\n',
  'npm_\n',
  '-----BEGIN PRIVATE KEY-----\n',
  'kind: secret\n',
  '%67',
])('the time for %j, repeated, grows with its length', (unit) => {
  expectLinear(
    (text) => findSecrets(text, { knownSecrets: ['exact-value-canary'], before: text }),
    unit,
    32_000,
  )
})

test('a long password or token costs no more than its length', () => {
  const digits = (text: string) => `PASSWORD="a${text.slice(0, 120)}!A" ghs_1_eyJ${text}`
  expectLinear((text) => findSecrets(digits(text), { knownSecrets: [] }), '1', 32_000)
})
