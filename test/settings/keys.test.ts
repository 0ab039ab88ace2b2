import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { APP, PEM, pair, problemsOf } from './problems-of.ts'

const directory = mkdtempSync(join(tmpdir(), 'backspace-boot-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** A key file with this mode. */
function keyFile(name: string, mode: number, text = PEM): string {
  const path = join(directory, name)
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

const { publicKey } = pair
const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
test.each([
  ['a public key', publicKey.export({ type: 'spki', format: 'pem' }).toString(), /holds a public key/],
  ['a public key of RSA', publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(), /a public key/],
  ['a certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----', /holds a certificate/],
  [
    'a key for SSH',
    '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----',
    /for SSH/,
  ],
  ['a short key', small.export({ type: 'pkcs1', format: 'pem' }).toString(), /1024 bits/],
  [
    'a frame around nothing',
    '-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----',
    /PRIVATE_KEY (is|holds)/,
  ],
  ['the begin of a key', PEM.slice(0, 200), /holds no PEM private key/],
])('%s', (_what, PRIVATE_KEY, problem) => {
  expect(problemsOf({ ...APP, PRIVATE_KEY })).toEqual([expect.stringMatching(problem)])
})

test('two different keys', () => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const path = keyFile('other.pem', 0o600, other.export({ type: 'pkcs1', format: 'pem' }).toString())
  expect(problemsOf({ ...APP, PRIVATE_KEY_PATH: path })).toEqual([expect.stringMatching(/different keys/)])
  const same = keyFile('same.pem', 0o600, pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString())
  expect(problemsOf({ ...APP, PRIVATE_KEY_PATH: same })).toEqual([])
})

test.each([0o644, 0o604, 0o666, 0o606, 0o620])('a key file with mode %o', (mode) => {
  const path = keyFile(`open-${mode}.pem`, mode)
  const { PRIVATE_KEY: _, ...rest } = APP
  expect(problemsOf({ ...rest, PRIVATE_KEY_PATH: path })).toEqual([
    `PRIVATE_KEY_PATH (${path}) is a file that other users of this machine may read or change. Run: chmod 600 ${path}`,
  ])
  symlinkSync(path, `${path}.link`)
  expect(problemsOf({ ...rest, PRIVATE_KEY_PATH: `${path}.link` })).toHaveLength(1)
})

test('a device that never ends is no key file, and is not read to its end', () => {
  const { PRIVATE_KEY: _, ...rest } = APP
  expect(problemsOf({ ...rest, PRIVATE_KEY_PATH: '/dev/zero' })).toEqual([
    expect.stringMatching(/^PRIVATE_KEY_PATH \(\/dev\/zero\) holds no PEM private key/),
  ])
})

test.each([0o600, 0o400, 0o640, 0o440])('a key file with mode %o is accepted', (mode) => {
  const { PRIVATE_KEY: _, ...rest } = APP
  expect(problemsOf({ ...rest, PRIVATE_KEY_PATH: keyFile(`closed-${mode}.pem`, mode) })).toEqual([])
})

test.each([
  [{ ANTHROPIC_API_KEY: 'sk-proj-9fJ2kLmN0pQrStUv' }, /key of OpenAI. Move it to OPENAI_API_KEY/],
  [{ OPENAI_API_KEY: 'sk-ant-api03-9fJ2kLmN0pQr' }, /key of Anthropic. Move it to ANTHROPIC_API_KEY/],
  [{ E2B_API_KEY: 'ghp_9fJ2kLmN0pQrStUv' }, /key of GitHub. Move it to GITHUB_PAT/],
  [{ LANGSMITH_API_KEY: 'e2b_9f02ab34cd' }, /key of E2B/],
  [{ GITHUB_PAT: 'lsv2_pt_9f02ab34cd' }, /key of LangSmith/],
  [{ OPENAI_API_KEY: 'sk-...' }, /is a placeholder/],
  [{ ANTHROPIC_API_KEY: '<your key>' }, /is a placeholder/],
  [{ ANTHROPIC_API_KEY: 'your-api-key-here' }, /is a placeholder/],
  [{ E2B_API_KEY: 'e2b_xxxxxxxxxxxxxxxx' }, /is a placeholder/],
  [{ GITHUB_PAT: 'changeme' }, /is a placeholder/],
  [{ OPENAI_API_KEY: 'sk-9fJ2 kLmN' }, /has a space/],
  [{ ANTHROPIC_API_KEY: '"sk-ant-api03-9fJ2kLmN0pQr"' }, /is in quotation marks/],
  [{ GITHUB_PAT: 'ghp_9fJ2\nkLmN' }, /has a line break/],
  [{ GITHUB_PAT: 'ghp_9fJ2\u200bkLmN' }, /an invisible character/],
  [{ PORT: "'3000'" }, /is in quotation marks/],
])('%o', (env, problem) => {
  const problems = problemsOf(env)
  expect(problems[0]).toMatch(problem)
  expect(problems.join()).not.toMatch(/9f|kLmN/)
})

test.each([
  { ANTHROPIC_BASE_URL: 'https://models.corp.example', ANTHROPIC_API_KEY: 'sk-1234' },
  { OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1', OPENAI_API_KEY: 'none' },
  { OPENAI_BASE_URL: 'http://127.0.0.1:8000/v1', OPENAI_API_KEY: 'sk-0000000000000000' },
  { E2B_API_URL: 'http://127.0.0.1:3000', E2B_API_KEY: 'e2b_0000000000000000000000' },
  { LANGSMITH_ENDPOINT: 'https://traces.corp.example', LANGSMITH_API_KEY: 'test' },
  { GHE_HOST: 'github.corp.example', GITHUB_PAT: 'token' },
])('a gateway or server of its own may take keys of any shape: %o', (env) => {
  expect(problemsOf(env)).toEqual([])
})

test('the text of an example is no key for a gateway either', () => {
  const env = { OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1', OPENAI_API_KEY: '<your key>' }
  expect(problemsOf(env)[0]).toMatch(/is a placeholder/)
})
