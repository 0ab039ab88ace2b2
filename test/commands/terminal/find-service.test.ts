import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { readPrompt } from '../../../src/commands/terminal/run/read-prompt.ts'
import { findService, tokenFor } from '../../../src/commands/terminal/service/find-service.ts'
import { knownError } from '../../../src/errors.ts'
import { readClientSettings } from '../../../src/settings/read-client.ts'

const NOTHING = { url: undefined, tokenFile: undefined, from: '/' }
const OWN = 'sixteen-characters-or-more'

function find(
  env: Readonly<Record<string, string>>,
  options: Partial<Parameters<typeof findService>[1]> = {},
) {
  return findService(readClientSettings(env), { ...NOTHING, ...options })
}

function problemOf(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    return knownError(error)?.userMessage
  }
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'find-service-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test.each([
  [{}, 'http://127.0.0.1:3000'],
  [{ PORT: '4000', HOST: '0.0.0.0' }, 'http://127.0.0.1:4000'],
  [{ HOST: '::1' }, 'http://[::1]:3000'],
  [{ BACKSPACE_URL: 'https://backspace.example/' }, 'https://backspace.example'],
])('without --url and with %j the service is at %s', (env, url) => {
  expect(find(env)).toMatchObject({ url })
})

test('settings that a client does not need may be wrong', () => {
  expect(find({ BACKSPACE_MODELS: 'nonsense', BACKSPACE_SANDBOX: 'nowhere' })).toMatchObject({
    token: undefined,
  })
})

test('API_TOKENS go to the service of these settings only, and BACKSPACE_TOKEN where the person says', () => {
  const env = { API_TOKENS: `ci=${OWN}`, PUBLIC_URL: 'https://backspace.example' }
  const settings = readClientSettings(env)
  expect(tokenFor('http://127.0.0.1:3000', settings)).toBe(OWN)
  expect(tokenFor('https://backspace.example/runs/1', settings)).toBe(OWN)
  expect(tokenFor('https://evil.example/runs/1', settings)).toBeUndefined()
  expect(tokenFor('https://backspace.example.evil.example/runs/1', settings)).toBeUndefined()
  const named = readClientSettings({ ...env, BACKSPACE_TOKEN: 'mine' })
  expect(tokenFor('https://elsewhere.example', named)).toBe('mine')
})

test('no token goes over plain http to another machine', () => {
  const problem = problemOf(() => find({ BACKSPACE_TOKEN: 'mine' }, { url: 'http://10.0.0.7:3000' }))
  expect(problem).toMatch(/plain http to another machine.*Use https\.$/)
  expect(find({}, { url: 'http://10.0.0.7:3000/' })).toEqual({
    url: 'http://10.0.0.7:3000',
    token: undefined,
  })
})

test.each([
  ['backspace.example', /^--url must be an http or https address/],
  ['ftp://backspace.example', /^--url must be/],
  ['https://ada:secret@backspace.example', /^--url has a user name or a password in it/],
])('--url %s is a mistake', (url, message) => {
  expect(problemOf(() => find({}, { url }))).toMatch(message)
})

test('a token comes from a file that only its owner may read', () => {
  const from = folder()
  const path = join(from, 'token')
  writeFileSync(path, 'bks_abc\n', { mode: 0o600 })
  const options = { url: 'https://backspace.example', tokenFile: 'token', from }
  expect(find({ BACKSPACE_TOKEN: 'other' }, options)).toMatchObject({ token: 'bks_abc' })
  chmodSync(path, 0o644)
  expect(problemOf(() => find({}, options))).toMatch(
    /other users of this machine may read it\. Run: chmod 600 /,
  )
  chmodSync(path, 0o600)
  writeFileSync(path, 'two words\n')
  expect(problemOf(() => find({}, options))).toMatch(/must hold one API token and nothing else/)
  expect(problemOf(() => find({}, { ...options, tokenFile: 'none' }))).toMatch(/there is no such file/)
})

test('a prompt comes from standard input or a file, and an empty one is a mistake', async () => {
  const from = folder()
  writeFileSync(join(from, 'task.md'), '\n  Fix it.\n')
  const read = (source: Parameters<typeof readPrompt>[0], input = '') =>
    readPrompt(source, { from, input: Readable.from(input === '' ? [] : [Buffer.from(input)]) }).catch(
      (error: unknown) => knownError(error)?.userMessage,
    )
  expect(await read({ from: 'file', path: 'task.md' })).toBe('Fix it.')
  expect(await read({ from: 'stdin' }, 'Fix it, Größe 漢字.\n')).toBe('Fix it, Größe 漢字.')
  expect(await read({ from: 'stdin' })).toBe('The prompt from standard input is empty. Write what to do.')
  expect(await read({ from: 'file', path: 'none.md' })).toMatch(/^--prompt-file none\.md cannot be read\./)
  expect(await read({ from: 'argument', text: 'x'.repeat(100_001) })).toMatch(
    /^The prompt is longer than 100,000/,
  )
  expect(await read({ from: 'stdin' }, 'x'.repeat(3_000_000))).toMatch(/longer than 100,000/)
})
