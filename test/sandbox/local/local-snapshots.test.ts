import {
  linkSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { copyTree } from '../../../src/sandbox/local/copy-tree.ts'
import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import { removeUnfinishedSnapshots } from '../../../src/sandbox/local/local-snapshots.ts'
import { probeLocalSandbox } from '../../../src/sandbox/local/probe-local-sandbox.ts'
import { sharedSpawner } from '../../support/shared-spawner.ts'

const probe = await probeLocalSandbox({ path: process.env.PATH })
const missing = probe.available ? '' : ` (${probe.message})`
const inBoxes = test.skipIf(!probe.available)
const signal = new AbortController().signal
const MIB = 1024 ** 2

function world({ maxBytes = 100 * MIB, path = process.env.PATH } = {}) {
  // A comma and a colon are separators among mount options.
  const directory = mkdtempSync(join(tmpdir(), 'snapshots,a:b '))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const provider = createLocalSandboxProvider({
    deployment: 'd',
    mode: 'bubblewrap',
    path,
    snapshots: { directory, maxBytes },
  })
  const { snapshots } = provider
  if (!snapshots) throw new Error('no snapshots')
  return {
    directory,
    snapshots,
    async box(snapshotId?: string) {
      const sandbox = await provider.create({
        runId: 'r',
        timeoutMs: 60_000,
        egress: { allowHosts: [] },
        snapshotId,
      })
      onTestFinished(() => sandbox.kill())
      const run = async (command: string) => {
        const { exitCode, stdout, stderr } = await sandbox.exec(command)
        return exitCode === 0 ? stdout.trim() : `${exitCode}: ${stderr}`
      }
      return { sandbox, run }
    },
  }
}

inBoxes(
  `later boxes begin with the files of an earlier one, and change only their own${missing}`,
  async () => {
    const { box, snapshots, directory } = world()
    const first = await box()
    await first.run(
      'mkdir -p a/b && echo one >a/b/file && chmod 750 a/b/file && ln -s b/file a/link && ln a/b/file a/hard && touch -d 2020-01-01 a/old',
    )
    const taken = await snapshots.take(first.sandbox.id, { name: 'key-1', signal })
    expect(taken).toEqual({ id: expect.stringMatching(/^key-1\./), name: 'key-1', bytes: expect.any(Number) })
    expect(await snapshots.list()).toEqual([taken])
    await first.run('echo changed >a/b/file')
    await first.sandbox.kill()

    const [second, third] = await Promise.all([box(taken?.id), box(taken?.id)])
    expect(second.sandbox.snapshotId).toBe(taken?.id)
    const look = "cat a/b/file a/link a/hard; stat -c '%a %U' a/b/file; stat -c %y a/old | cut -c1-10"
    expect(await second.run(look)).toBe('one\none\none\n750 user\n2020-01-01')
    await second.run('echo two >a/b/file; rm a/link; rm -r a/old; mkdir a/new; chmod 700 a')
    expect(await second.run('cat a/b/file; ls a')).toBe('two\nb\nhard\nnew')
    expect(await third.run(look)).toBe('one\none\none\n750 user\n2020-01-01')
    // It holds only what it wrote, so nothing can be kept of it as a whole.
    expect(await snapshots.take(second.sandbox.id, { name: 'key-2', signal })).toBeUndefined()
    expect(readdirSync(directory).filter((name) => name.startsWith('key'))).toEqual([taken?.id])
  },
)

inBoxes('a snapshot that a box uses is removed when that box has ended', async () => {
  const { box, snapshots, directory } = world()
  const first = await box()
  await first.run('echo one >file')
  const taken = await snapshots.take(first.sandbox.id, { name: 'k', signal })
  const user = await box(taken?.id)
  await snapshots.remove(taken?.id ?? '')
  expect(await snapshots.list()).toEqual([])
  expect(await user.run('cat file')).toBe('one')
  const late = await box(taken?.id)
  expect([late.sandbox.snapshotId, await late.run('ls')]).toEqual([undefined, ''])
  await user.sandbox.kill()
  await expect.poll(() => readdirSync(directory).filter((name) => name.startsWith('k.'))).toEqual([])
})

inBoxes('what is too large, or ended, is not kept, and nothing is left of the attempt', async () => {
  const { box, snapshots, directory } = world({ maxBytes: 2 * MIB })
  const first = await box()
  await first.run('head -c 3M /dev/urandom >large')
  expect(await snapshots.take(first.sandbox.id, { name: 'k', signal })).toBeUndefined()
  await first.run('rm large; mkdir -m 000 shut')
  expect(await snapshots.take(first.sandbox.id, { name: 'k', signal })).toBeUndefined()
  const aborted = AbortSignal.abort()
  expect(await snapshots.take(first.sandbox.id, { name: 'k', signal: aborted })).toBeUndefined()
  await first.sandbox.kill()
  expect(await snapshots.take(first.sandbox.id, { name: 'k', signal })).toBeUndefined()
  expect(readdirSync(directory).filter((name) => name !== 'machine')).toEqual([])
})

inBoxes('links out of the home are kept as links, and a hostile id reaches no other directory', async () => {
  const { box, snapshots, directory } = world()
  writeFileSync(join(directory, 'secret'), 'of the host')
  const first = await box()
  await first.run(
    `ln -s '${directory}/secret' out; ln -s / root; mkfifo pipe; mkdir -p mod/a; echo m >mod/a/f; chmod -R a-w mod`,
  )
  const taken = await snapshots.take(first.sandbox.id, { name: 'k', signal })
  const second = await box(taken?.id)
  expect(await second.run('cat out')).toMatch(/^1: .*No such file/)
  expect(await second.run('readlink root; cat mod/a/f; stat -c %a mod/a; stat -c %F pipe')).toBe(
    '/\nm\n555\nfifo',
  )
  expect(await second.run('rm -f mod/a/f; chmod -R u+w mod && rm -r mod && echo gone')).toBe('gone')
  for (const id of ['..', '.', '../x', 'secret', `${taken?.id}/home`, '']) await snapshots.remove(id)
  expect((await box('..')).sandbox.snapshotId).toBeUndefined()
  expect(readdirSync(directory)).toContain('secret')
})

test('what a dead process left unfinished is removed later', async () => {
  const { directory } = world()
  const makeBoth = ['old', 'new'].map((name) =>
    mkdir(join(directory, `${name}.unfinished`, 'home'), { recursive: true }),
  )
  await Promise.all(makeBoth)
  utimesSync(join(directory, 'old.unfinished'), 0, 0)
  await removeUnfinishedSnapshots(directory, sharedSpawner)
  expect(readdirSync(directory)).toEqual(['new.unfinished'])
})

test('without layers, the files are copied with their links and times', async () => {
  const { directory } = world()
  const [from, to] = [join(directory, 'from'), join(directory, 'to')]
  for (const path of [join(from, 'a'), to]) await mkdir(path, { recursive: true })
  writeFileSync(join(from, 'a/file'), 'one')
  symlinkSync('/etc/passwd', join(from, 'link'))
  linkSync(join(from, 'a/file'), join(from, 'hard'))
  utimesSync(join(from, 'a/file'), 0, 0)
  await copyTree({ from, to, user: undefined, spawner: sharedSpawner })
  expect(readlinkSync(join(to, 'link'))).toBe('/etc/passwd')
  expect(statSync(join(to, 'hard'))).toMatchObject({ ino: statSync(join(to, 'a/file')).ino, mtimeMs: 0 })
  await expect(
    copyTree({ from: join(directory, 'none'), to, user: undefined, spawner: sharedSpawner }),
  ).rejects.toThrow('cp failed')
})

test('the environment names the machine, and changes with its tools', async () => {
  const { snapshots, directory } = world()
  const before = await snapshots.environment()
  expect(await snapshots.environment()).toBe(before)
  utimesSync(directory, 0, 0)
  expect(await snapshots.environment()).toBe(before)
  expect(await world().snapshots.environment()).not.toBe(before)
})

test('what programs write as they run does not change the environment', async () => {
  const tool = join(mkdtempSync(join(tmpdir(), 'tool-')), '.nvm/versions/node/v1')
  onTestFinished(() => rmSync(tool, { recursive: true, force: true }))
  for (const name of ['bin', 'share']) await mkdir(join(tool, name), { recursive: true })
  const { snapshots } = world({ path: join(tool, 'bin') })
  const before = await snapshots.environment()

  utimesSync(join(tool, 'share'), 0, 0)
  expect(await snapshots.environment()).toBe(before)
  utimesSync(join(tool, 'bin'), 0, 0)
  expect(await snapshots.environment()).not.toBe(before)
})
