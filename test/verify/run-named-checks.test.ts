import { afterAll, beforeAll, expect, test } from 'vitest'
import { readProject } from '../../src/checks/project.ts'
import { createLocalSandboxProvider } from '../../src/sandbox/local/local-sandbox.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { readReport } from '../../src/verify/reports/read-report.ts'
import { type NamedCheck, runNamedChecks } from '../../src/verify/run-named-checks.ts'

let sandbox: Sandbox
let workspace: string
const { signal } = new AbortController()

beforeAll(async () => {
  const provider = createLocalSandboxProvider({ mode: 'unconfined', deployment: 'test' })
  sandbox = await provider.create({ runId: 'named', timeoutMs: 300_000, egress: { allowHosts: [] } })
  workspace = `${sandbox.home}/workspace`
  for (const [path, text] of Object.entries(FILES)) {
    await sandbox.writeFile(`${workspace}/${path}`, Buffer.from(text))
  }
})
afterAll(() => sandbox.kill())

const FILES = {
  'package.json': JSON.stringify({
    workspaces: ['packages/*'],
    scripts: { test: 'node --test' },
  }),
  'packages/a/package.json': JSON.stringify({ scripts: { unit: 'jest' } }),
  'sum.test.js': `const { describe, it, test } = require('node:test')
describe('sum', () => { it('adds', () => {}); it('breaks', () => { throw new Error('x') }); it('waits', { skip: true }, () => {}) })
test('parent', async (t) => { await t.test('child', () => {}) })
test('starts a runner itself', () => {
  require('node:child_process').spawnSync(process.execPath, ['--test', 'inner.js'], { env: { ...process.env, NODE_TEST_CONTEXT: '' } })
})
`,
  'inner.js': "require('node:test').test('inner', () => { throw new Error('x') })",
  'py/test_sum.py': `import unittest
class SumTest(unittest.TestCase):
    def test_adds(self):
        """Adds two numbers."""
    def test_breaks(self):
        self.fail()
`,
}

async function check(...commands: readonly string[]): Promise<readonly NamedCheck[]> {
  const project = await readProject(sandbox, { workspace, signal })
  const request = { workspace, commands, signal, limitOf: () => 60_000, togetherMs: 300_000 }
  return runNamedChecks(sandbox, request, { project, readReport: async (input) => readReport(input) })
}

const NODE_TESTS = [
  { name: 'sum.test.js > sum > adds', file: 'sum.test.js', status: 'passed' },
  { name: 'sum.test.js > sum > breaks', file: 'sum.test.js', status: 'failed' },
  { name: 'sum.test.js > sum > waits', file: 'sum.test.js', status: 'skipped' },
  { name: 'sum.test.js > parent > child', file: 'sum.test.js', status: 'passed' },
  { name: 'sum.test.js > starts a runner itself', file: 'sum.test.js', status: 'passed' },
]

test("a script of Node's runner: names, counts, exit code, and what people read", async () => {
  const [node] = await check('npm test')
  expect(node?.tests).toEqual(NODE_TESTS)
  expect(node?.result).toMatchObject({ exitCode: 1, tests: { passed: 3, failed: 1, skipped: 1 } })
  expect(node?.result.tail).toContain('breaks')
})

test('unittest, and pytest where it is installed', async () => {
  const [plain, pytest] = await check('cd py && python3 -m unittest discover', 'cd py && python3 -m pytest')
  expect(plain?.tests).toEqual([
    { name: 'test_sum.SumTest.test_adds', status: 'passed' },
    { name: 'test_sum.SumTest.test_breaks', status: 'failed' },
  ])
  const isThere = pytest?.result.cause === undefined
  expect(pytest?.tests?.map(({ name }) => name)).toEqual(
    isThere ? ['py/test_sum.py > SumTest > test_adds', 'py/test_sum.py > SumTest > test_breaks'] : undefined,
  )
})

/** Puts a program of this name in front of PATH: a stand-in for a runner, since none is in the sandbox. */
async function install(name: string, script: string): Promise<string> {
  await sandbox.writeFile(`${workspace}/bin/${name}`, Buffer.from(`#!/bin/sh\n${script}\n`))
  await sandbox.exec(`chmod +x ${workspace}/bin/${name}`)
  return `PATH="$PWD/bin:$PATH" ${name}`
}

/** Writes what comes on its input where Jest and Vitest are asked to. */
const WRITE = `for a; do case $a in --outputFile*) cat >"$(echo "$a" | sed 's/.*=//')" ;; esac; done`

test('a program that refuses what was added runs again as the repository wrote it', async () => {
  const jest = await install(
    'jest',
    'case "$*" in *--json*) echo "unknown option --json"; exit 1 ;; esac; echo "all of 3 passed"',
  )
  const [old] = await check(jest)
  expect(old).toMatchObject({ result: { exitCode: 0, tail: 'all of 3 passed' }, tests: undefined })
})

test('success of members that wrote no report is none: the check runs again as the repository wrote it', async () => {
  const nx = await install('nx', 'case "$*" in *--projects*) ;; *) echo "$*"; exit 1 ;; esac')
  const [whole] = await check(`${nx} run-many -t unit`)
  expect(whole).toMatchObject({ result: { exitCode: 1, tail: 'run-many -t unit' }, tests: undefined })
})

test('a report with a failed test is no success, whatever the exit code', async () => {
  const report = '{"testResults":[{"name":"a.js","assertionResults":[{"title":"t","status":"failed"}]}]}'
  const [forged] = await check(await install('jest', `echo '${report}' | { ${WRITE}; }`))
  expect(forged?.result).toMatchObject({ exitCode: 1, tests: { passed: 0, failed: 1, skipped: 0 } })
  expect(forged?.result.tail).toBe('(It ended with exit code 0, but 1 test failed: a.js > t)')
})

test('a report that is too large has no names, and reports are gone afterwards', async () => {
  const command = await install('vitest', `echo "$*" >asked; head -c 11000000 /dev/zero | { ${WRITE}; }`)
  const [large] = await check(command)
  expect(large).toMatchObject({ result: { exitCode: 0 }, tests: undefined })
  const { stdout } = await sandbox.exec('ls "$(sed "s/.*json=//" asked)" 2>&1; true', { cwd: workspace })
  expect(stdout).toMatch(/test-reports-[0-9a-f]{32}\/vitest\.json.*No such file/)
})
