import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { readNewToken } from '../../src/commands/terminal/service/new-token.ts'
import { isTokenText, newTokenText } from '../../src/web/access/token-text.ts'
import { auditedIn } from '../support/audited.ts'
import { processEnvironment } from '../support/environment.ts'
import { freePort, postgresBinaries } from '../support/postgres.ts'
import { QUICK_WASM } from '../support/quick-wasm.ts'
import { databaseOfTest } from '../support/shared-postgres.ts'
import { startService } from '../support/start-service.ts'
import { copyTemplateDatabase } from '../support/template-database.ts'

const COMMAND = join(import.meta.dirname, '../../src/commands/token.ts')

/** `npm run token`, as an operator runs it, in a directory without a `.env`. */
async function token(env: Record<string, string>, ...args: string[]) {
  const cwd = await mkdtemp(join(tmpdir(), 'backspace-token-'))
  const call = promisify(execFile)(process.execPath, [QUICK_WASM, COMMAND, ...args], {
    cwd,
    env: { ...processEnvironment(), ...env },
  })
  const result = await call.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
  await rm(cwd, { recursive: true })
  return { code: result.code, stdout: result.stdout, stderr: result.stderr }
}

async function dataDirectory(): Promise<string> {
  const directory = await copyTemplateDatabase()
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

const CREATE = ['create', '--name', 'ci', '--repositories', 'acme/*']

test('a token made while the service is stopped or runs on PGlite works at once, and is revoked at once', async () => {
  const DATA_DIR = await dataDirectory()
  const PORT = String(await freePort())
  const reached = {
    DATA_DIR,
    PORT,
    PUBLIC_URL: 'http://backspace.example',
    GITHUB_PAT: `ghp_${'a1'.repeat(18)}`,
  }
  const closed = await startService(reached)
  expect(await closed.ended).toBe(1)
  expect(closed.output()).toMatch(/others can reach this service.*npm run token -- create/)

  const before = await token({ DATA_DIR }, ...CREATE)
  expect([before.code, before.stdout]).toEqual([0, expect.stringMatching(/^bsp_[\w-]{49}\n$/)])
  expect(before.stderr).toContain('start, read on acme/*')
  const service = await startService(reached)
  await service.listening
  const status = async (text: string) =>
    (await fetch(`http://127.0.0.1:${PORT}/runs`, { headers: { authorization: `Bearer ${text.trim()}` } }))
      .status
  expect(await status(before.stdout)).toBe(200)

  expect((await stat(join(DATA_DIR, 'tokens.sock'))).mode & 0o777).toBe(0o600)
  expect(await token({ DATA_DIR }, ...CREATE)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is an API token named ci already'),
  })
  const later = await token(
    { DATA_DIR },
    'create',
    '--name',
    'ada',
    '--owner',
    'ada',
    '--repositories',
    '*',
    '--rights',
    'read',
    '--expires',
    'never',
    '--rate',
    '5',
  )
  expect(await status(later.stdout)).toBe(200)
  expect((await token({ DATA_DIR }, 'revoke', 'ci')).stdout).toContain('ci is revoked')
  expect(await status(before.stdout)).toBe(401)
  const { stdout } = await token({ DATA_DIR }, 'list')
  expect(stdout).toMatch(/^ci \(\w+\): start, read on acme\/\*\n.*was revoked.*last used on 2/m)
  expect(stdout).toMatch(/^ada \(\w+\): read on \*\/\*, as ada, up to 5 runs per hour\n.*never expires/m)
  expect(stdout).not.toContain('bsp_')
  expect(service.output()).not.toContain('bsp_')
  service.signal('SIGTERM')
  expect(await service.ended).toBe(0)
  expect(await readdir(DATA_DIR)).not.toContain('tokens.sock')
  expect(await auditedIn({ dataDir: DATA_DIR })).toEqual(
    expect.arrayContaining(['api_token.created', 'api_token.revoked']),
  )
}, 60_000)

test.skipIf(postgresBinaries() === undefined)(
  'on PostgreSQL it needs no running service',
  async () => {
    const DATABASE_URL = await databaseOfTest('empty')
    expect((await token({ DATABASE_URL }, 'list')).stdout).toContain('There are no API tokens')
    expect((await token({ DATABASE_URL }, ...CREATE)).code).toBe(0)
    expect((await token({ DATABASE_URL }, 'list')).stdout).toContain('never used')
    expect(await token({ DATABASE_URL }, 'revoke', 'other')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"other"'),
    })
  },
  60_000,
)

test('what is called wrongly says how to call it', async () => {
  const env = { DATA_DIR: '/nowhere/at/all' }
  for (const args of [[], ['make'], ['list', 'x'], ['revoke'], ['create', '--scope', 'x']]) {
    expect(await token(env, ...args)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('npm run token -- create'),
    })
  }
})

const NOW = new Date('2026-11-29T12:00:00Z')
const read = (options: Parameters<typeof readNewToken>[0], taken: readonly string[] = []) =>
  readNewToken({ name: 'ci', repositories: 'acme/api', ...options }, { taken, now: NOW })

test('a token lives ninety days, starts and reads, unless its options say otherwise', () => {
  expect(read({})).toEqual({
    name: 'ci',
    owner: null,
    repositories: ['acme/api'],
    rights: ['start', 'read'],
    runsPerHour: null,
    expiresAt: new Date('2027-02-27T12:00:00Z'),
  })
  expect(read({ expires: '1d' }).expiresAt).toEqual(new Date('2026-11-30T12:00:00Z'))
  expect(read({ expires: '2026-11-30' }).expiresAt).toEqual(new Date('2026-12-01T11:59:59Z'))
  expect(read({ repositories: 'acme/*, *' }).repositories).toEqual(['acme/*', '*/*'])
  expect(read({ rights: 'metrics' }).rights).toEqual(['metrics'])
})

test.each([
  [{ name: undefined }, '--name'],
  [{ name: 'a b' }, '--name'],
  [{ name: 'CI' }, 'in use'],
  [{ name: 'local' }, 'in use'],
  [{ repositories: undefined }, '--repositories'],
  [{ repositories: 'acme' }, '--repositories'],
  [{ repositories: 'acme/*,' }, '--repositories'],
  [{ rights: 'start,admin' }, '--rights'],
  [{ rights: '' }, '--rights'],
  [{ owner: '@ada' }, '--owner'],
  [{ expires: '2026-11-01' }, '--expires'],
  [{ expires: '2026-13-01' }, '--expires'],
  [{ expires: '90' }, '--expires'],
  [{ rate: '0' }, '--rate'],
])('the options %j are refused by name', (options, message) => {
  expect(() => read({ name: 'other', ...options }, ['ci'])).toThrow(message)
})

test('a slip of the keyboard in a token is noticed', () => {
  const text = newTokenText()
  expect(text).toMatch(/^bsp_[\w-]{49}$/)
  expect(isTokenText(text)).toBe(true)
  for (const at of [4, 20, 46, 47, 52]) {
    const changed = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
    expect(isTokenText(changed)).toBe(false)
  }
  expect(isTokenText(text.slice(0, -1))).toBe(false)
})
