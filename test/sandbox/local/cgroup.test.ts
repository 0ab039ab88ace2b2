import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { access, constants, mkdir, mkdtemp, readdir, readFile, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { makeBoxDirectory, removeBoxDirectory } from '../../../src/sandbox/local/box-directory.ts'
import { findCgroups } from '../../../src/sandbox/local/cgroup/find-cgroups.ts'
import { openCgroups, removeLeftCgroups } from '../../../src/sandbox/local/cgroup/open-cgroups.ts'
import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import { probeLocalSandbox } from '../../../src/sandbox/local/probe-local-sandbox.ts'
import { sharedSpawner } from '../../support/shared-spawner.ts'

const probe = await probeLocalSandbox()
const found = await findCgroups()
const UNIFIED = '/sys/fs/cgroup/unified'
const hasUnified = await access(join(UNIFIED, 'cgroup.subtree_control'), constants.W_OK).then(
  () => readFileSync(join(UNIFIED, 'cgroup.controllers'), 'utf8').includes('hugetlb'),
  () => false,
)
const GIB = 1024 ** 3

test.skipIf(!probe.available || 'why' in found)(
  'a box has a group of its own with its limits, which ends with it',
  async () => {
    if ('why' in found) return
    const limits = { memoryBytes: GIB }
    const provider = createLocalSandboxProvider({ deployment: 'd', mode: 'bubblewrap', limits })
    const sandbox = await provider.create({ runId: 'r', timeoutMs: 600_000, egress: { allowHosts: [] } })
    onTestFinished(() => sandbox.kill())
    const { stdout } = await sandbox.exec('cat /proc/self/cgroup; setsid sleep 61 & ls /sys/fs/cgroup 2>&1')
    expect(stdout, 'it sees neither the path of its group nor the tree').toMatch(/^(?:\d+:[^:]*:\/.*\n)+/)
    expect(stdout).not.toContain('backspace-box')
    const mine = (await readdir(found.memory)).filter((name) => name.includes(`-${process.pid}-`))
    const group = join(found.memory, mine[0] ?? '')
    expect(mine).toHaveLength(1)
    const file = found.version === 2 ? 'memory.max' : 'memory.limit_in_bytes'
    expect(await readFile(join(group, file), 'utf8')).toBe(`${GIB}\n`)
    if (found.pids) expect(await readFile(join(found.pids, mine[0] ?? '', 'pids.max'), 'utf8')).toBe('1024\n')
    const members = (await readFile(join(group, 'cgroup.procs'), 'utf8')).trim().split('\n')
    expect(members.length, 'bubblewrap, the agent, the command').toBeGreaterThanOrEqual(3)

    await sandbox.kill()
    expect((await readdir(found.memory)).filter((name) => name.includes(`-${process.pid}-`))).toEqual([])
  },
)

test.skipIf('why' in found)('what a killed process left is ended and removed by the next start', async () => {
  if ('why' in found) return
  const name = await nameOfDeadProcess()
  const directories = [found.memory, found.pids, found.cpu].filter((parent) => parent !== undefined)
  for (const parent of directories) await mkdir(join(parent, name), { recursive: true })
  const left = await startIn(join(found.memory, name), 'sleep 62')
  const exit = once(left, 'exit')
  await openCgroups(found)
  expect(await exit).toEqual([null, 'SIGKILL'])
  for (const parent of directories) expect(existsSync(join(parent, name))).toBe(false)
})

test.skipIf(!hasUnified)(
  'cgroup v2: a group with processes moves them aside, and what was left ends at one word',
  async () => {
    const home = join(UNIFIED, `backspace-test-${process.pid}`)
    await mkdir(home)
    writeFileSync(join(UNIFIED, 'cgroup.subtree_control'), '+hugetlb')
    const source = new URL('../../../src/sandbox/local/cgroup/open-cgroups.ts', import.meta.url).href
    const script = `const { enableControllers } = await import('${source}')
      await enableControllers('${home}', ['hugetlb', 'missing'])
      console.log('enabled')
      setTimeout(() => {}, 60000)`
    const service = await startIn(home, `'${process.execPath}' --input-type=module -e "${script}"`, 'pipe')
    const name = await nameOfDeadProcess()
    onTestFinished(async () => {
      writeFileSync(join(home, 'cgroup.kill'), '1')
      const place = join(home, 'backspace-service')
      await expect.poll(() => rmdir(place).catch((error: unknown) => error)).toBeUndefined()
      await rmdir(home)
    })
    await once(service.stdout ?? service, 'data')
    expect(readFileSync(join(home, 'cgroup.subtree_control'), 'utf8')).toBe('hugetlb\n')
    expect(readFileSync(join(home, 'cgroup.procs'), 'utf8')).toBe('')
    expect(readFileSync(join(home, 'backspace-service/cgroup.procs'), 'utf8')).toContain(`${service.pid}\n`)

    await mkdir(join(home, name))
    const left = await startIn(join(home, name), 'sleep 63 & sleep 64')
    const exit = once(left, 'exit')
    await removeLeftCgroups({ version: 2, memory: home })
    expect(await exit).toEqual([null, 'SIGKILL'])
    expect(await readdir(home)).not.toContain(name)
  },
)

test('cgroup v2: what is written where', async () => {
  const home = await makeDirectory()
  const files = [
    'cgroup.procs',
    'memory.max',
    'memory.swap.max',
    'memory.oom.group',
    'pids.max',
    'cpu.weight',
  ]
  await mkdir(join(home, 'box'))
  for (const name of ['cgroup.subtree_control', ...files.map((file) => `box/${file}`)]) {
    writeFileSync(join(home, name), '')
  }
  const cgroups = await openCgroups({ version: 2, memory: home, pids: home, cpu: home })
  const group = await cgroups.make('box', { memoryBytes: GIB, processes: 10 })
  expect(await group.join(4711)).toBe(true)
  const read = (name: string) => readFileSync(join(home, name), 'utf8')
  expect(files.map((file) => read(`box/${file}`))).toEqual(['4711', String(GIB), '0', '1', '10', '50'])
  writeFileSync(join(home, 'box/memory.events'), 'low 0\noom 3\noom_kill 0\noom_group_kill 0\n')
  expect(group.isOverMemory()).toBe(false)
  writeFileSync(join(home, 'box/memory.events'), 'low 0\noom 3\noom_kill 12\noom_group_kill 1\n')
  expect(group.isOverMemory()).toBe(true)
  expect(await readdir(join(home, 'box')), 'it creates no file').not.toContain('cgroup.kill')
  await expect(cgroups.make('other', { memoryBytes: GIB, processes: 10 }), 'no limit').rejects.toThrow()
  expect(await readdir(home)).not.toContain('other')
})

const V1 = (at: string, root = '/') =>
  `31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n35 31 0:32 ${root} ${at}/memory rw - cgroup cgroup rw,memory\n` +
  `39 31 0:37 ${root} ${at}/pids rw - cgroup cgroup rw,pids`
const V2 = (at: string, root = '/') => `30 23 0:26 ${root} ${at} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate`

test.for([
  ['a container with cgroup v1', '5:memory:/docker/a\n4:pids:/docker/a\n', V1, '/docker/a', 'memory'],
  ['cgroup v1 from its own root', '5:memory:/x\n', V1, '/', 'memory/x'],
  ['a container of its own name space', '0::/\n', V2, '/', ''],
  ['the same after a restart of the process', '0::/backspace-service\n', V2, '/', ''],
  ['a delegated unit', '0::/system.slice/ours.service\n', V2, '/', 'system.slice/ours.service'],
  ['a part of it', '0::/system.slice/ours.service/main\n', V2, '/', 'system.slice/ours.service'],
  [
    'a unit that systemd keeps',
    '0::/system.slice/theirs.service\n',
    V2,
    '/',
    'not delegated the cgroup of theirs',
  ],
  ['a terminal', '0::/user.slice/user-0.slice/session-3.scope\n', V2, '/', 'session-3.scope'],
  ['a group outside of what is mounted', '0::/../../other\n', V2, '/', 'sees no cgroup of its own'],
  ['a group without controllers', '0::/empty\n', V2, '/', 'no memory controller'],
  ['nothing at all', '', V2, '/', 'sees no cgroup of its own'],
] as const)('where groups are made: %s', async ([, membership, mounts, root, expected]) => {
  const at = await makeDirectory()
  const own = ['memory/x', 'pids/x', 'docker/a', 'system.slice/ours.service/main', 'backspace-service']
  const others = ['system.slice/theirs.service', 'user.slice/user-0.slice/session-3.scope', 'empty']
  for (const path of [...own, ...others]) await mkdir(join(at, path), { recursive: true })
  for (const path of ['', ...own, ...others, 'system.slice/ours.service']) {
    for (const file of ['cgroup.procs', 'cgroup.subtree_control']) writeFileSync(join(at, path, file), '')
    const controllers = path === 'empty' ? '' : 'cpuset cpu io memory pids\n'
    writeFileSync(join(at, path, 'cgroup.controllers'), controllers)
  }
  const result = await findCgroups({
    membership,
    mounts: mounts(at, root),
    isDelegated: async (unit) => unit === 'ours.service',
  })
  if ('why' in result) expect(result.why).toContain(expected)
  else expect(result.memory).toBe(join(at, expected))
})

async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'cgroup-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return directory
}

/** A name as a box of an earlier process of this user has. */
async function nameOfDeadProcess(): Promise<string> {
  const directory = await makeBoxDirectory()
  await removeBoxDirectory(directory, sharedSpawner)
  const ended = spawn('true')
  await once(ended, 'exit')
  const name = directory.split('/').at(-1) ?? ''
  return name.replace(`-${process.pid}-`, `-${ended.pid}-`)
}

/** Starts a shell that joins a group first. */
async function startIn(
  group: string,
  command: string,
  stdout: 'pipe' | 'ignore' = 'ignore',
): Promise<ChildProcess> {
  const script = `echo $$ >'${group}/cgroup.procs'; exec 3>&-; ${command}`
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', stdout, 'inherit', 'pipe'] })
  const joined = child.stdio[3]
  if (joined instanceof Readable) await once(joined.resume(), 'close')
  return child
}
