import { readdirSync, readFileSync } from 'node:fs'
import { E2B } from 'e2b'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type E2bStandIn, startE2b } from './start-e2b.ts'

const KEY = 'e2b_stand_in_key'
let e2b: E2bStandIn
let client: E2B

beforeAll(async () => {
  e2b = await startE2b({ apiKey: KEY })
  client = new E2B({ apiKey: KEY, apiUrl: e2b.url, sandboxUrl: e2b.url, debug: false })
})
afterAll(() => e2b.close())

test('the SDK runs commands, with input, and reports failures', async () => {
  const sandbox = await client.Sandbox.create('base')
  const output: string[] = []
  const handle = await sandbox.commands.run('read line; echo "got $line"; exit 4', {
    background: true,
    stdin: true,
    onStdout: (text) => void output.push(text),
  })
  expect((await sandbox.commands.list()).map(({ pid }) => pid)).toEqual([handle.pid])
  await handle.sendStdin('hello\n')
  await handle.closeStdin()
  await expect(handle.wait()).rejects.toMatchObject({
    name: 'CommandExitError',
    exitCode: 4,
    stdout: 'got hello\n',
  })
  expect(output.join('')).toBe('got hello\n')
  expect(await sandbox.commands.list()).toEqual([])
})

test('input waits for a command that reads none; a piece of megabytes, and what comes late, are refused', async () => {
  const sandbox = await client.Sandbox.create('base')
  const handle = await sandbox.commands.run('exec sleep 60', { background: true, stdin: true })
  let taken = 0
  const sending = (async () => {
    for (; taken < 16; taken++) await handle.sendStdin(Buffer.alloc(128 * 1024))
  })()
  sending.catch(() => {})
  await expect(handle.sendStdin(Buffer.alloc(2_000_000))).rejects.toThrow()
  await handle.kill()
  await handle.wait().catch(() => {})
  expect(taken).toBeLessThan(16)
  await expect(handle.sendStdin('late')).rejects.toMatchObject({ name: 'NotFoundError' })
})

test('the SDK’s own time-out ends the shell, and leaves what it started', async () => {
  const sandbox = await client.Sandbox.create('base')
  const waits = '(until [ -e go ]; do sleep 0.05; done; echo survived >mark) >/dev/null 2>&1'
  await expect(sandbox.commands.run(`${waits} & sleep 600`, { timeoutMs: 3000 })).rejects.toMatchObject({
    name: 'TimeoutError',
  })
  await sandbox.files.write('go', '')
  await expect.poll(() => sandbox.files.exists('mark')).toBe(true)
})

test('a killed command says so, and one can connect to a running one', async () => {
  const sandbox = await client.Sandbox.create('base')
  const handle = await sandbox.commands.run('exec sleep 60', { background: true })
  const again = await sandbox.commands.connect(handle.pid)
  expect(await handle.kill()).toBe(true)
  await expect(again.wait()).rejects.toMatchObject({ exitCode: -1, error: 'signal: killed' })
  expect(await sandbox.commands.kill(handle.pid)).toBe(false)
})

/** Processes that this one started and that are stopped. */
function stoppedChildren(): readonly string[] {
  const tasks = readdirSync('/proc/self/task')
  const children = tasks.flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  )
  return children.filter((pid) => /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')))
}

describe.skipIf(process.platform !== 'linux')('a command that was stopped and goes on', () => {
  async function stopAndContinue() {
    const sandbox = await client.Sandbox.create('base')
    const handle = await sandbox.commands.run('exec sleep 600', { background: true, stdin: true })
    await sandbox.commands.run(`kill -STOP ${handle.pid}`)
    await expect.poll(stoppedChildren).not.toEqual([])
    await sandbox.commands.run(`kill -CONT ${handle.pid}`)
    return { sandbox, handle }
  }

  test('can be killed', async () => {
    const { handle } = await stopAndContinue()
    expect(await handle.kill()).toBe(true)
    await expect(handle.wait()).rejects.toMatchObject({ exitCode: -1, error: 'signal: killed' })
    await expect(handle.sendStdin('late')).rejects.toMatchObject({ name: 'NotFoundError' })
  })

  test('ends with its sandbox', async () => {
    const { sandbox, handle } = await stopAndContinue()
    await sandbox.kill()
    await expect(handle.wait()).rejects.toThrow()
    await expect.poll(stoppedChildren).toEqual([])
  })
})

test('the SDK writes, reads, lists, moves and removes files', async () => {
  const sandbox = await client.Sandbox.create('base')
  const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index % 256)
  await sandbox.files.write('a/b.bin', bytes.buffer)
  await sandbox.files.write('octets', bytes.buffer, { useOctetStream: true, gzip: true })
  expect(await sandbox.files.read('a/b.bin', { format: 'bytes' })).toEqual(bytes)
  expect(await sandbox.files.read('octets', { format: 'bytes' })).toEqual(bytes)
  expect((await sandbox.files.list('a')).map(({ name, type }) => [name, type])).toEqual([['b.bin', 'file']])
  expect(await sandbox.files.makeDir('c')).toBe(true)
  expect(await sandbox.files.makeDir('c')).toBe(false)
  await sandbox.files.rename('a/b.bin', 'c/d.bin')
  await sandbox.files.remove('octets')
  expect([await sandbox.files.exists('c/d.bin'), await sandbox.files.exists('octets')]).toEqual([true, false])
  await expect(sandbox.files.read('nope')).rejects.toMatchObject({ name: 'FileNotFoundError' })
  await expect(sandbox.files.read('c')).rejects.toMatchObject({ name: 'InvalidArgumentError' })
})

test('sandboxes are found by metadata, whatever it holds, page by page', async () => {
  const metadata = { 'a key': 'v/1 & ü', app: 'x' }
  const made = await Promise.all([1, 2, 3].map(() => client.Sandbox.create('base', { metadata })))
  await client.Sandbox.create('base', { metadata: { app: 'x' } })
  const pages = client.Sandbox.list({ query: { metadata: { 'a key': 'v/1 & ü' } }, limit: 2 })
  const sizes: number[] = []
  const found: string[] = []
  while (pages.hasNext) {
    const page = await pages.nextItems()
    sizes.push(page.length)
    found.push(...page.map(({ sandboxId }) => sandboxId))
  }
  expect(sizes).toEqual([2, 1])
  expect(found.sort()).toEqual(made.map(({ sandboxId }) => sandboxId).sort())
})

test('a paused sandbox does not answer, and goes on where it was', async () => {
  const sandbox = await client.Sandbox.create('base')
  await sandbox.commands.run('echo kept >file')
  expect(await sandbox.pause()).toBe(true)
  expect(await sandbox.pause()).toBe(false)
  expect(await sandbox.isRunning()).toBe(false)
  const again = await client.Sandbox.connect(sandbox.sandboxId)
  expect((await again.commands.run('cat file')).stdout).toBe('kept\n')
})

test('network rules are taken as E2B takes them', async () => {
  const make = (network: NonNullable<Parameters<typeof client.Sandbox.create>[1]>['network']) =>
    client.Sandbox.create('base', network ? { network } : {})
  await expect(make({ allowOut: ['pypi.org'] })).rejects.toThrow('ALL_TRAFFIC')
  await expect(make({ denyOut: ['pypi.org'] })).rejects.toThrow('invalid denied CIDR')
  const sandbox = await make({ allowOut: ['pypi.org', '1.1.1.1'], denyOut: ['0.0.0.0/0'] })
  await expect(sandbox.updateNetwork({ allowOut: ['pypi.org'] })).rejects.toThrow('ALL_TRAFFIC')
  await sandbox.updateNetwork({ denyOut: ['0.0.0.0/0'] })
  const state = e2b.sandboxes().find(({ id }) => id === sandbox.sandboxId)
  expect(state?.networks.at(-1)).toEqual({ denyOut: ['0.0.0.0/0'] })
})

test('keys, templates, time limits and sandboxes that are not there are refused', async () => {
  const stranger = new E2B({ apiKey: 'e2b_other', apiUrl: e2b.url, sandboxUrl: e2b.url, debug: false })
  await expect(stranger.Sandbox.create('base')).rejects.toMatchObject({ name: 'AuthenticationError' })
  await expect(client.Sandbox.create('unknown')).rejects.toMatchObject({ statusCode: 404 })
  await expect(client.Sandbox.create('base', { timeoutMs: 7_200_000 })).rejects.toThrow('1 hours')
  await expect(client.Sandbox.connect('nothing')).rejects.toMatchObject({ name: 'SandboxNotFoundError' })
  expect(await client.Sandbox.kill('nothing')).toBe(false)
})

test('a sandbox that dies breaks what is under way, as E2B does', async () => {
  const sandbox = await client.Sandbox.create('base')
  const running = sandbox.commands.run('sleep 60')
  await expect.poll(async () => (await sandbox.commands.list()).length).toBe(1)
  e2b.killSandbox(sandbox.sandboxId)
  await expect(running).rejects.toMatchObject({ name: 'TimeoutError' })
  await expect(sandbox.commands.run('true')).rejects.toMatchObject({ name: 'SandboxNotFoundError' })
  await expect(sandbox.files.read('x')).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('everything that was sent is there to be searched, but for the key', async () => {
  const sandbox = await client.Sandbox.create('base', { metadata: { mark: 'in-metadata' } })
  await sandbox.files.write('f', 'in-a-file')
  await sandbox.commands.run('echo in-a-command', { envs: { NAME: 'in-an-environment' } })
  const received = e2b.received().toString('utf8')
  for (const mark of ['in-metadata', 'in-a-file', 'in-a-command', 'in-an-environment'])
    expect(received).toContain(mark)
  expect(received).not.toContain(KEY)
})
