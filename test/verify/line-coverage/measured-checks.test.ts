import { afterAll, beforeAll, expect, test } from 'vitest'
import { readProject } from '../../../src/checks/project.ts'
import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { readCoverage } from '../../../src/verify/line-coverage/read-coverage.ts'
import type { WantedCoverage } from '../../../src/verify/line-coverage/wanted-coverage.ts'
import { readReport } from '../../../src/verify/reports/read-report.ts'
import { type NamedCheck, runNamedChecks } from '../../../src/verify/run-named-checks.ts'

let sandbox: Sandbox
let workspace: string
const { signal } = new AbortController()

const FILES = {
  'package.json': JSON.stringify({ type: 'module', scripts: { test: 'node --test test/*.js' } }),
  'src/a.js': `export function one(x) {
  if (x) {
    return 1
  }
  return 2
}
`,
  'test/a.js': `import assert from 'node:assert'
import { test } from 'node:test'
import { one } from '../src/a.js'
test('one', () => assert.equal(one(0), 2))
`,
  'report.sh': 'mkdir -p out && printf "SF:src/a.js\\nDA:1,1\\nDA:3,0\\nend_of_record\\n" >out/lcov.info\n',
  // Fails for what is below its threshold, as Jest does.
  'bin/jest': `#!/bin/sh
now=passed
case "$*" in *--retry*) [ -e seen ] || now=failed; touch seen ;; esac
for a; do case $a in
  --outputFile=*) echo '{"testResults":[{"name":"t.js","assertionResults":[{"title":"t","status":"'$now'"}]}]}' >"\${a#*=}" ;;
  --coverageDirectory=*) mkdir "\${a#*=}"; sed "s#ROOT#$PWD#" final.json >"\${a#*=}/coverage-final.json" ;;
esac; done
echo ran >>runs
case "$*" in *--retry*) [ $now = passed ] || exit 1 ;; *--coverage*) exit 1 ;; esac
`,
  'final.json':
    '{"ROOT/src/a.js":{"statementMap":{"0":{"start":{"line":2}},"1":{"start":{"line":3}}},"s":{"0":4,"1":0}}}',
}

beforeAll(async () => {
  const provider = createLocalSandboxProvider({ mode: 'unconfined', deployment: 'test' })
  sandbox = await provider.create({ runId: 'measured', timeoutMs: 300_000, egress: { allowHosts: [] } })
  workspace = `${sandbox.home}/workspace`
  for (const [path, text] of Object.entries(FILES)) {
    await sandbox.writeFile(`${workspace}/${path}`, Buffer.from(text))
  }
  await sandbox.exec('chmod +x bin/jest', { cwd: workspace })
})
afterAll(() => sandbox.kill())

async function check(command: string, some: Partial<WantedCoverage> = {}): Promise<NamedCheck | undefined> {
  const project = await readProject(sandbox, { workspace, signal })
  const request = { workspace, commands: [command], signal, limitOf: () => 60_000, togetherMs: 300_000 }
  const coverage: WantedCoverage = {
    changed: [{ path: 'src/a.js', lines: [1, 2, 3, 5], total: 7 }],
    tree: new Set(Object.keys(FILES)),
    earlier: () => undefined,
    readCoverage: async (input) => readCoverage(input),
    ...some,
  }
  const from = { project, readReport: async (input: Parameters<typeof readReport>[0]) => readReport(input) }
  const [found] = await runNamedChecks(sandbox, request, { ...from, coverage })
  return found
}

test("Node's runner measures the lines with the same run: the names, the exit code and what people read stay", async () => {
  const node = await check('npm test')
  expect(node).toMatchObject({
    result: { exitCode: 0, tests: { passed: 1, failed: 0, skipped: 0 } },
    tests: [{ name: 'test/a.js > one', status: 'passed' }],
    coverage: { files: [{ path: 'src/a.js', run: [1, 2, 5], missed: [3] }], reports: 1 },
  })
  expect(node?.result.tail).not.toContain('coverage')
  expect(node?.result.tail).toContain('pass 1')
})

const WRITTEN = { files: [{ path: 'src/a.js', run: [1], missed: [3] }], reports: 1 }

test('what a check writes itself is read, and nothing that was there before', async () => {
  expect((await check('sh report.sh'))?.coverage).toEqual(WRITTEN)
  expect((await check('true'))?.coverage).toBeUndefined()
  // However quick it is.
  for (let round = 0; round < 8; round++) expect((await check('. ./report.sh'))?.coverage).toEqual(WRITTEN)
  await sandbox.exec('touch -d "2 days" out/lcov.info', { cwd: workspace })
  expect((await check('true'))?.coverage).toBeUndefined()
  const committed = new Set([...Object.keys(FILES), 'out/lcov.info'])
  expect((await check('sh report.sh', { tree: committed }))?.coverage).toBeUndefined()
})

const THRESHOLD = {
  result: { exitCode: 0, tests: { passed: 1, failed: 0, skipped: 0 } },
  coverage: { files: [{ path: 'src/a.js', run: [2], missed: [3] }], reports: 1 },
}

test('a run that fails for coverage runs again without, and that one decides', async () => {
  expect(await check('PATH="$PWD/bin:$PATH" jest')).toMatchObject(THRESHOLD)
  const { stdout } = await sandbox.exec('cat runs; rm runs', { cwd: workspace })
  expect(stdout).toBe('ran\nran\n')
  const slow = { result: { exitCode: 0, durationMs: 10 * 60_000 } }
  const plain = await check('PATH="$PWD/bin:$PATH" jest', { earlier: () => slow })
  expect(plain).toMatchObject({ result: { exitCode: 0 }, coverage: undefined })
})

test('a test that fails now and then is no fault of coverage', async () => {
  expect(await check('./bin/jest --retry')).toMatchObject({
    result: { exitCode: 0, failedFirst: 1 },
    tests: [{ status: 'passed' }],
    coverage: { reports: 1 },
  })
})
