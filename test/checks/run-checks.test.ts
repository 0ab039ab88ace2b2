import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkReport, confirmFailures } from '../../src/checks/compare-checks.ts'
import { readProject } from '../../src/checks/project.ts'
import { type RunChecksRequest, runChecks } from '../../src/checks/run-checks.ts'
import { runSetup } from '../../src/checks/run-setup.ts'
import { createLocalSandboxProvider } from '../../src/sandbox/local/local-sandbox.ts'
import type { RefusedHost } from '../../src/sandbox/refused-host.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { limitOnceBegun } from '../support/limit-once-begun.ts'
import { sharedSpawner } from '../support/shared-spawner.ts'
import { plannedChecks } from './project-of.ts'

let sandbox: Sandbox
let workspace: string
const { signal } = new AbortController()
const MINUTE = 60_000
const SETUP = { timeoutMs: MINUTE, egressHosts: [] }

function check(commands: readonly string[], given: Partial<RunChecksRequest> = {}) {
  return runChecks(sandbox, {
    workspace,
    commands,
    signal,
    limitOf: () => MINUTE,
    togetherMs: 5 * MINUTE,
    ...given,
  })
}

beforeEach(async () => {
  const provider = createLocalSandboxProvider({
    mode: 'unconfined',
    deployment: 'test',
    spawner: sharedSpawner,
  })
  sandbox = await provider.create({ runId: 'checks', timeoutMs: 300_000, egress: { allowHosts: [] } })
  workspace = `${sandbox.home}/workspace`
  await sandbox.exec(`mkdir -p ${workspace}`)
})
afterEach(() => sandbox.kill())

async function write(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await sandbox.writeFile(`${workspace}/${path}`, Buffer.from(text))
  }
}

test('a real project is read, detected and checked in the sandbox', async () => {
  await write({
    'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
    'sum.test.js': "require('node:test').test('sum', () => require('node:assert').equal(1 + 1, 3))",
    'node_modules/x/package.json': '{}',
    '.git/config': '',
  })
  const project = await readProject(sandbox, { workspace, signal })
  expect([...project.files].sort()).toEqual(['package.json', 'sum.test.js'])
  expect(project.tools.has('npm')).toBe(true)
  expect(await project.read('nothing')).toBeUndefined()
  const { commands } = await plannedChecks(project)
  const [result] = await check(commands)
  expect(result).toMatchObject({ command: 'npm test', exitCode: 1 })
  expect(result?.tail).toContain('fail 1')
})

test('exit codes are those of the commands, in order, and a missing program is 127', async () => {
  const commands = ['true', 'exit 3', 'no-such-program-here', 'false | true', 'false\ntrue']
  const results = await check(commands)
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 3, 127, 1, 1])
})

test('both streams stand in the tail in order, without colours, progress or what came long before', async () => {
  const command =
    "seq 1 500; printf 'half\\rdone\\n'; echo out; echo err >&2; printf '\\033[31mred\\033[0m\\n'"
  const [result] = await check([command])
  expect(result?.tail.split('\n').slice(-5)).toEqual(['500', 'done', 'out', 'err', 'red'])
  expect(result?.tail.split('\n')).toHaveLength(60)
})

test('a check sees CI, no input, and the virtual environment of the workspace first', async () => {
  await write({ '.venv/bin/hello': '#!/bin/sh\necho hello from venv\n' })
  await sandbox.exec(`chmod +x ${workspace}/.venv/bin/hello`)
  const commands = ['echo "CI=$CI"; read -r line || echo "no input"', 'hello']
  const results = await check(commands)
  expect(results.map(({ tail }) => tail)).toEqual(['CI=1\nno input', 'hello from venv'])
})

test('a check that takes too long is stopped and says so', async () => {
  let seconds = ''
  const stopped = (limitMs: number) => {
    seconds = (limitMs / 1000).toFixed(1)
    return check(['echo start; touch begun; sleep 600'], { limitOf: () => limitMs })
  }
  const hasBegun = async () => (await sandbox.exec(`ls ${workspace}/begun`)).exitCode === 0
  const [result] = await limitOnceBegun(stopped, hasBegun)
  expect(result).toMatchObject({
    exitCode: 124,
    tail: `start\n\n(stopped after ${seconds} s)`,
    cause: { kind: 'did_not_end', text: `did not end within ${seconds} s; its last line is \`start\`` },
  })
})

test('cancelling throws the reason of the signal', async () => {
  const controller = new AbortController()
  const running = check(['sleep 60'], { signal: controller.signal })
  controller.abort(new Error('cancelled by ada'))
  await expect(running).rejects.toThrow('cancelled by ada')
})

test('setup says what it did, what failed and why, or that there was nothing to do', async () => {
  const setup = (commands: readonly string[]) =>
    runSetup(sandbox, { ...SETUP, workspace, plan: { commands, source: 'x' }, signal })
  expect(await setup([])).toMatchObject({ status: 'skipped', message: 'No dependencies to install' })
  const done = await setup(['touch a', 'touch b'])
  expect(done.message).toMatch(/^Installed dependencies with `touch a`, `touch b` in \d+ ms$/)
  const failed = await setup(['echo fetching; echo "error: no network"; echo bye; exit 7', 'touch c'])
  expect(failed).toMatchObject({ status: 'failed', results: [{ exitCode: 7 }] })
  expect(failed.message).toMatch(/ failed \(exit code 7\): `error: no network`\.$/)
})

test('a setup that failed names the hosts that were refused meanwhile', async () => {
  const refused: RefusedHost[] = [{ host: 'earlier.example.org', reason: 'not_listed' }]
  const seeing: Sandbox = {
    ...sandbox,
    refusedHosts: () => [...refused],
    exec: async (command, options) => {
      refused.push(...next)
      return sandbox.exec(command, options)
    },
  }
  let next: readonly RefusedHost[] = []
  const setup = (hosts: typeof next, command = 'exit 1') => {
    next = hosts
    return runSetup(seeing, {
      workspace,
      plan: { commands: [command], source: 'x' },
      signal,
      ...SETUP,
    })
  }
  const [a, b] = ['a.example.org', 'b.example.org']
  const message = async (hosts: typeof next) =>
    (await setup(hosts)).message.replace(/^.*`exit 1` failed \(exit code 1\): /, '')
  expect(await message([{ host: a, reason: 'not_listed' }])).toBe(
    'it could not reach `a.example.org`: it is not in BACKSPACE_EGRESS. To allow it, add `,a.example.org` to BACKSPACE_EGRESS.',
  )
  expect(
    await message([
      { host: a, reason: 'no_answer' },
      { host: a, reason: 'not_listed' },
      { host: b, reason: 'not_listed' },
    ]),
  ).toBe(
    'it could not reach `a.example.org`, `b.example.org`: they are not in BACKSPACE_EGRESS. To allow them, add `,a.example.org,b.example.org` to BACKSPACE_EGRESS.',
  )
  expect(await message([{ host: b, reason: 'no_answer' }])).toBe(
    'it could not reach `b.example.org`: it did not answer.',
  )
  expect(await message([{ host: b, reason: 'hidden_name' }])).toMatch(
    /^it could not reach `b\.example\.org`: the program hides .* as Bun before 1\.4 does.*Set `setup:` .* or use E2B\.$/,
  )
  expect(await message([])).toBe('it printed nothing.')
  expect((await setup([{ host: a, reason: 'not_listed' }], 'true')).status).toBe('ok')
})

test('what newly fails is run once more to tell flaky from broken, and nothing else is', async () => {
  const flaky = 'echo x >> runs; [ "$(wc -l < runs)" -ge 2 ]'
  const commands = [flaky, 'echo y >> broken; false', 'echo z >> old; false', 'echo ok >> fine']
  const before = commands.map((command, index) => {
    return { command, exitCode: index === 2 ? 1 : 0, durationMs: 1, tail: '' }
  })
  const after = await check(commands)

  const confirmed = await confirmFailures(sandbox, {
    workspace,
    before,
    after,
    signal,
    togetherMs: MINUTE,
  })

  expect(confirmed[0]).toMatchObject({ exitCode: 0, failedFirst: 1 })
  expect(confirmed.slice(1)).toEqual(after.slice(1))
  const { stdout } = await sandbox.exec('cat broken old fine', { cwd: workspace })
  expect(stdout).toBe('y\ny\nz\nok\n')
  const { ok, report } = checkReport({ before, after: confirmed.slice(0, 1), warnings: [] })
  expect(ok).toBe(true)
  expect(report).toContain('exit code 1, then 0 on the same files')
})
