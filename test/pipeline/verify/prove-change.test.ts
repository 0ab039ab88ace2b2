import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { readProject } from '../../../src/checks/project.ts'
import { runChecksIn } from '../../../src/pipeline/verify/check-runner.ts'
import type { Room } from '../../../src/pipeline/verify/open-room.ts'
import {
  type ProofPart,
  proofWithoutRoom,
  proveChange,
  tryAhead,
} from '../../../src/pipeline/verify/prove-change.ts'
import { putFiles } from '../../../src/pipeline/verify/put-files.ts'
import { createRoomCommands } from '../../../src/pipeline/verify/room-commands.ts'
import { workspaceIn } from '../../../src/pipeline/workspace/workspace.ts'
import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { readReport } from '../../../src/verify/reports/read-report.ts'
import { type FileState, onChange } from '../../../src/verify/source-hunks.ts'
import { splitChange } from '../../../src/verify/split-change.ts'
import { collected } from '../../verify/collected.ts'

const { signal } = new AbortController()
const LIMITS = { setupMs: 60_000, checkMs: 60_000, checksMs: 60_000 }
const COMMAND = 'node --test'

/** A program with three parts; one of them has a test. */
const SOURCE = `export const one = () => 0
${'// apart\n'.repeat(10)}
export const two = () => 0
${'// apart\n'.repeat(10)}
export const three = () => 0
`
const FIXED = SOURCE.replace('one = () => 0', 'one = () => 1').replace('two = () => 0', 'two = () => 2')
const HEAD = `import { test } from 'node:test'
import assert from 'node:assert'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
`
const BASE: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module" }\n',
  'src/parts.js': SOURCE,
  'test/parts.test.js': `${HEAD}import { three } from '../src/parts.js'\ntest('three', () => assert.equal(three(), 0))\n`,
}
const testFile = (...tests: readonly string[]) =>
  `${HEAD}import * as parts from '../src/parts.js'\n${tests.join('\n')}\n`
/** Fails in every second run, whatever the source. */
const SOMETIMES = `test('sometimes', () => {
  const runs = existsSync('runs') ? readFileSync('runs', 'utf8') : ''
  writeFileSync('runs', runs + '.')
  assert.equal(runs.length % 2, 0)
})`

/** Git's id of a tree without files. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

let sandbox: Sandbox
let workspace: Room['workspace']
let isSetUpAgain = 0

beforeAll(async () => {
  const provider = createLocalSandboxProvider({ mode: 'unconfined', deployment: 'test' })
  sandbox = await provider.create({ runId: 'proof', timeoutMs: 300_000, egress: { allowHosts: [] } })
  workspace = workspaceIn(sandbox, { branch: 'main', sha: '', tree: EMPTY_TREE, trustedSha: '' })
  await sandbox.exec(
    `git init -q --bare ${workspace.gitDir}; git --git-dir=${workspace.gitDir} hash-object -t tree -w /dev/null`,
  )
})
afterAll(() => sandbox.kill())
beforeEach(() => sandbox.exec(`rm -rf ${workspace.path}; mkdir -p ${workspace.path}`))

const state = (path: string, text: string | null): FileState => ({
  path,
  bytes: text === null ? null : Buffer.from(text),
  mode: '100644',
})

interface ProveOptions {
  readonly setUpAgain?: Room['setUpAgain']
  /** Whether the repository has a test that never ends. */
  readonly isEndless?: boolean
}

/** As the rooms of a verification would, in one directory. */
async function prove(
  change: Readonly<Record<string, string>>,
  { setUpAgain, isEndless = false }: ProveOptions = {},
): Promise<ProofPart> {
  const base = isEndless ? { ...BASE, 'test/endless.test.js': 'setInterval(() => {}, 1000)\n' } : BASE
  const files = Object.entries(change).map(([path, text]) => collected(path, BASE[path] ?? null, text))
  const split = splitChange(files)
  const commands = createRoomCommands('regression', undefined)
  const put = (states: readonly FileState[]) =>
    putFiles({ workspace, setUpAgain, commands }, states, { on: { files: 'change' }, signal })
  await put(Object.entries(base).map(([path, text]) => state(path, text)))
  const room: Room = {
    workspace,
    tree: '',
    project: { setup: '', setupFailed: false, checks: [COMMAND], limits: LIMITS },
    files: await readProject(sandbox, { workspace: workspace.path, signal }),
    setUpAgain,
    commands,
    versions: {},
    // Half of it is the time for necessity, on a busy machine too.
    facts: () => ({
      name: 'regression',
      durationMs: 0,
      setupMs: setUpAgain ? 0 : 120_000,
      cached: false,
    }),
    async [Symbol.asyncDispose]() {},
  }
  const common = {
    limits: LIMITS,
    readReport: async (input: Parameters<typeof readReport>[0]) => readReport(input),
  }
  const whole = { ...common, limits: { ...LIMITS, checkMs: isEndless ? 500 : LIMITS.checkMs } }
  const run = runChecksIn(room, { ...whole, earlierOf: () => undefined, signal, leftMs: () => 60_000 })
  const before = await run([COMMAND], { purpose: 'check', files: 'change' })
  await put(files.flatMap(onChange))
  const runs = { before, first: await run([COMMAND], { purpose: 'check', files: 'change' }), again: [] }
  const known = await proofWithoutRoom(split, runs)
  if (known) return known
  const rest = split.hasTests ? split.rest : files
  await put(files.map(({ path }) => state(path, BASE[path] ?? null)))
  await put(rest.flatMap(onChange))
  const request = { ...common, split, signal, leftMs: () => 60_000 }
  const ahead = await tryAhead(room, { ...request, before: runs.before })
  return await proveChange(room, { ...request, files, runs, ahead })
}

test('tests only, and source only', async () => {
  expect(await prove({ 'test/new.test.js': testFile(`test('new', () => {})`) })).toEqual({
    regression: expect.objectContaining({ verdict: 'no_source' }),
  })
  expect(await prove({ 'src/parts.js': FIXED })).toMatchObject({
    regression: { verdict: 'no_tests' },
    necessity: { hunks: 2, tried: 2, held: 0 },
  })
})

test('a test that always passes, and one that is skipped', async () => {
  const tests = testFile(
    `test('always', () => {})`,
    `test('one', { skip: true }, () => assert.equal(parts.one(), 1))`,
  )
  expect(await prove({ 'src/parts.js': FIXED, 'test/new.test.js': tests })).toMatchObject({
    regression: { verdict: 'passes_on_base', loose: { count: 1 } },
    necessity: { held: 0, tried: 2 },
  })
})

test('tests that do not build without it, which is all of it', async () => {
  const source = `${SOURCE}export const four = 4\n`
  const tests = `${HEAD}import { four } from '../src/parts.js'\ntest('four', () => assert.equal(four, 4))\n`
  expect(await prove({ 'src/parts.js': source, 'test/new.test.js': tests })).toMatchObject({
    regression: { verdict: 'does_not_build' },
    necessity: { hunks: 1, tried: 1, held: 1 },
  })
})

test('a test that fails now and then holds nothing', async () => {
  expect(await prove({ 'src/parts.js': FIXED, 'test/new.test.js': testFile(SOMETIMES) })).toMatchObject({
    regression: {
      verdict: 'skipped',
      held: { count: 0 },
    },
    necessity: { held: 0, tried: 2 },
  })
})

test('what setup makes of source is made again for each look', async () => {
  const build = async () => {
    isSetUpAgain++
    await sandbox.exec('mkdir -p build && cp src/*.js build/', { cwd: workspace.path })
    return []
  }
  const tests = testFile(`test('one', () => assert.equal(parts.one(), 1))`).replace('../src', '../build')
  expect(
    await prove({ 'src/parts.js': FIXED, 'test/new.test.js': tests }, { setUpAgain: build }),
  ).toMatchObject({
    regression: { verdict: 'fails_on_base', held: { count: 1 } },
    necessity: { held: 1, tried: 2 },
  })
  expect(isSetUpAgain).toBeGreaterThan(3)
})

test('where the whole never ends, the tests of the change run alone', async () => {
  const tests = testFile(`test('one', () => assert.equal(parts.one(), 1))`)
  const change = { 'src/parts.js': FIXED, 'test/new.test.js': tests }
  expect(await prove(change, { isEndless: true })).toMatchObject({
    regression: { verdict: 'fails_on_base', held: { count: 1 } },
    necessity: { held: 1, tried: 2 },
  })
})
