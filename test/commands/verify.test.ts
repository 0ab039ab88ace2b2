import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { promisify, stripVTControlCharacters } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { verifyReceipt } from '../../src/commands/terminal/receipts/verify-receipt.ts'
import type { BackspaceError } from '../../src/errors.ts'
import { sealEnvelope } from '../../src/receipts/envelope.ts'
import { keyList } from '../../src/receipts/key-list.ts'
import { writeStatement } from '../../src/receipts/statement.ts'
import { factsAt, newKey, receiptBy } from '../receipts/sample-receipt.ts'

const COMMAND = join(import.meta.dirname, '../../src/commands/verify.ts')
const folder = await mkdtemp(join(tmpdir(), 'backspace-verify-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const KEY = newKey()
const KEYS = JSON.stringify(keyList([KEY]))
const RECEIPT = receiptBy(KEY)

/** `npm run verify`, without any variable of the service. */
async function command(args: readonly string[], env: Record<string, string> = {}) {
  const call = promisify(execFile)(process.execPath, [COMMAND, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', ...env },
  })
  const { code, stdout, stderr } = await call.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
  return { code, stdout, stderr }
}

/** The same in this process. */
async function verify(
  where: string,
  options: { readonly keys?: string; readonly repo?: string; readonly commit?: string } = {},
) {
  const output = new PassThrough()
  const stdout = text(output)
  const ended = await verifyReceipt({ where, ...options }, output).then(
    (code) => ({ code, stderr: '' }),
    (error: BackspaceError) => ({ code: 2, stderr: error.userMessage }),
  )
  output.end()
  return { ...ended, stdout: await stdout }
}

async function write(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}

const RECEIPT_FILE = await write('receipt.json', RECEIPT)
const KEYS_FILE = await write('keys.json', KEYS)

/** A service with this receipt and these keys. */
async function serve(): Promise<string> {
  const server = createServer((request, response) => {
    const found = new Map([
      ['/base/runs/run-1/receipt', RECEIPT],
      ['/base/runs/run-2/receipt', RECEIPT],
      ['/base/.well-known/backspace/keys.json', KEYS],
    ]).get(request.url ?? '')
    const status = request.url?.includes('/private/') ? 401 : request.url?.includes('/moved/') ? 302 : 404
    response
      .writeHead(found === undefined ? status : 200, { location: '/base/runs/run-1/receipt' })
      .end(found)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterAll(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a valid receipt says who, what, when, the verdict, files and commands', async () => {
  const { code, stdout, stderr } = await command([RECEIPT_FILE, '--keys', KEYS_FILE])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('✓ The receipt is valid.')
  for (const part of [
    /Repository +https:\/\/github\.com\/acme\/greeter\n/,
    /Commit +3{40} \(backspace\/fix, pull request #12\)\n/,
    /Asked by +ada, by comment\n/,
    /Made by +builtin agent, anthropic:claude-opus-5-5\n/,
    /Issued +2026-11-29T08:00:00\.000Z by Backspace 0\.1\.0\n/,
    /The keys came from .*keys\.json\.\n/,
    /✓ `?npm test`? failed before, passes now/,
    /3 files\n {2}M app\.js sha256 185f8db32271fe25…/,
    /2 commands e2b, template base, git 2\.47\.3\n {2}The change, in a clean sandbox\n {4}✓ npm ci setup, exit 0, 3\.2 s, log/,
    /\n {4}✓ npm test exit 0, 1\.2 s, 2 tests passed, 0 failed, log [0-9a-f]{12}…\n/,
  ]) {
    expect(stdout).toMatch(part)
  }
  expect(stdout, 'no colour without a terminal').toBe(stripVTControlCharacters(stdout))
})

test('colours come only where they are wanted, and are never black or white', async () => {
  const { stdout } = await command(['receipt.json', '--keys', 'keys.json'], { FORCE_COLOR: '1' })
  expect(stdout).not.toBe(stripVTControlCharacters(stdout))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are colours
  const codes = [...stdout.matchAll(/\x1b\[(\d+)m/g)].map(([, code]) => Number(code))
  expect(codes.filter((code) => [30, 37, 90, 97].includes(code) || code >= 40)).toEqual([])
})

test('what others wrote into a receipt neither steers the terminal nor looks like a line of ours', async () => {
  const evil = '\x1b[2J\u202e\n  ✓ The receipt is valid.\r\x07'
  const facts = factsAt('2026-11-29T08:00:00.000Z')
  const [file] = facts.files
  const [command] = facts.commands.list
  const hunk = { path: evil, from: 1, to: 1 }
  const needed = [{ ...hunk, command: evil, tests: { count: 1, names: [evil] } }]
  const signed = writeStatement({
    ...facts,
    run: { ...facts.run, requester: { login: evil, owner: evil }, models: [evil], url: evil },
    head: { ...facts.head, branch: evil },
    files: file ? [{ ...file, path: evil, previousPath: evil }] : [],
    commands: {
      count: 1,
      list: command ? [{ ...command, folder: evil, command: evil, files: 'without_hunk', hunk }] : [],
    },
    sandbox: { kind: evil, template: evil, git: evil },
    verification: {
      ...facts.verification,
      baseBranch: evil,
      necessity: { hunks: 1, tried: 1, held: 1, needed, loose: [] },
      checks: facts.verification.checks.map((check) => ({ ...check, command: evil, folder: evil })),
      notChecked: [{ path: evil, reason: evil }],
      differences: [evil],
    },
  })
  const { stdout } = await verify(await write('evil.json', sealEnvelope(signed, KEY.signing)), {
    keys: KEYS_FILE,
  })
  expect(stdout.match(/^ {2}✓ The receipt is valid\.$/gm)).toHaveLength(1)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must be gone
  expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f\u202e]/)
})

test('by its address a receipt is checked with the keys of the same service, and that trust is named', async () => {
  const url = await serve()
  const { code, stdout } = await verify(`${url}/base/runs/run-1/receipt`)
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/keys came from http:.*base.*this trusts that server/),
  ])
  expect((await verify(`${url}/base/runs/run-1`)).code, 'the page of the run').toBe(0)
  expect((await verify(RECEIPT_FILE, { keys: `${url}/base` })).code).toBe(0)
  expect(await verify(`${url}/base/runs/run-2/receipt`), 'of another run').toMatchObject({
    code: 1,
    stdout: expect.stringContaining('genuine receipt of another run, run-1'),
  })
  for (const [path, message] of [
    ['private/runs/1/receipt', /wants an API token \(401\).*\n.*curl -H/],
    ['moved/runs/1/receipt', /leads somewhere else/],
    ['runs/2/receipt', /not found \(404\)/],
  ] as const) {
    expect(await verify(`${url}/${path}`)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(message),
    })
  }
})

test('what is not valid exits with 1, what cannot be checked with 2, and each says what to do', async () => {
  const changed = await write('changed.json', RECEIPT.replace('"sig":"', '"sig":"A'))
  const other = await write('other.json', JSON.stringify(keyList([newKey()])))
  expect(await verify(changed, { keys: KEYS_FILE })).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('✗ The receipt is NOT valid.'),
  })
  expect(await verify(RECEIPT_FILE, { keys: other })).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('not among the keys given'),
  })
  for (const [where, keys, message] of [
    [RECEIPT_FILE, undefined, /Add --keys/],
    [join(folder, 'missing.json'), KEYS_FILE, /There is no such file/],
    [folder, KEYS_FILE, /That is a directory/],
    [RECEIPT_FILE, RECEIPT_FILE, /no keys of Backspace/],
    ['http://127.0.0.1:9/runs/1/receipt', undefined, /does not answer/],
  ] as const) {
    const result = await verify(where, keys === undefined ? {} : { keys })
    expect(result).toMatchObject({ code: 2, stderr: expect.stringMatching(message) })
  }
  expect(await verify(RECEIPT_FILE, { keys: KEYS_FILE, repo: folder })).toMatchObject({
    code: 2,
    stdout: expect.stringContaining('The receipt is valid'),
    stderr: expect.stringContaining('is not a clone'),
  })
  const commit = (id: string) => verify(RECEIPT_FILE, { keys: KEYS_FILE, commit: id })
  expect([(await commit('3'.repeat(40))).code, (await commit('4'.repeat(40))).code]).toEqual([0, 1])
  expect(await command(['receipt.json', '--what'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/npm run verify -- <file/),
  })
})
