import { E2B, type Sandbox } from 'e2b'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type E2bStandIn, startE2b } from './start-e2b.ts'

const KEY = 'e2b_fault_key'
let e2b: E2bStandIn
let client: E2B
let sandbox: Sandbox

beforeAll(async () => {
  e2b = await startE2b({ apiKey: KEY })
  client = new E2B({ apiKey: KEY, apiUrl: e2b.url, sandboxUrl: e2b.url, debug: false })
})
beforeEach(async () => {
  sandbox = await client.Sandbox.create('base')
})
afterAll(() => e2b.close())

test('the SDK takes an edge that fails for a sandbox that is gone', async () => {
  for (const status of [502, 503, 504, 429]) {
    e2b.failNext({ call: /Process\/Start/, status })
    await expect(sandbox.commands.run('true'), String(status)).rejects.toMatchObject({
      name: 'SandboxNotFoundError',
    })
  }
  e2b.failNext({ call: /^GET \/health/, status: 502 })
  expect(await sandbox.isRunning()).toBe(false)
  expect(await sandbox.isRunning()).toBe(true)
})

test('a file call says what the edge said', async () => {
  e2b.failNext({ call: /^GET \/files/, status: 502 })
  await expect(sandbox.files.read('x')).rejects.toThrow('port is not open')
  e2b.failNext({ call: /^POST \/files/, status: 503 })
  await expect(sandbox.files.write('x', 'y')).rejects.toThrow('no healthy upstream')
  e2b.failNext({ call: /^POST \/files/, status: 507, body: '{"code":507,"message":"full"}' })
  await expect(sandbox.files.write('x', 'y')).rejects.toMatchObject({ name: 'NotEnoughSpaceError' })
})

test('a snapshot may be refused with the API’s own texts', async () => {
  for (const [status, text] of [
    [503, 'its node is busy, please retry'],
    [409, "while in 'snapshotting' state"],
    [400, 'does not support snapshots'],
  ] as const) {
    e2b.failNext({ call: /\/snapshots$/, status })
    await expect(sandbox.createSnapshot()).rejects.toThrow(text)
  }
  e2b.failNext({ call: /\/snapshots$/, status: 404 })
  await expect(sandbox.createSnapshot()).rejects.toMatchObject({ name: 'SandboxNotFoundError' })
  expect(await client.Sandbox.listSnapshots().nextItems()).toEqual([])
  expect(await sandbox.getMetrics()).toHaveLength(1)
})

test('a fault may last for a span of time, for one sandbox, until it is taken back', async () => {
  const other = await client.Sandbox.create('base')
  const down = e2b.failNext({ call: /./, sandboxId: sandbox.sandboxId, status: 502, forMs: 60_000 })
  for (const _ of [1, 2]) expect(await sandbox.isRunning()).toBe(false)
  expect(await other.isRunning()).toBe(true)
  expect(down.hits()).toBe(2)
  down.stop()
  expect(await sandbox.isRunning()).toBe(true)
  e2b.failNext({ call: /health/, status: 502, forMs: 30 })
  expect(await sandbox.isRunning()).toBe(false)
  await expect.poll(() => sandbox.isRunning()).toBe(true)
})

test('an effect may happen although its answer is lost', async () => {
  e2b.failNext({ call: /Process\/Start/, status: 502, afterEffect: true })
  await expect(sandbox.commands.run('echo ran >mark')).rejects.toThrow()
  await expect.poll(() => sandbox.files.exists('mark')).toBe(true)
  e2b.failNext({ call: /^POST \/files/, cut: true, afterEffect: true })
  await expect(sandbox.files.write('written', 'x')).rejects.toThrow()
  expect(await sandbox.files.read('written')).toBe('x')
  e2b.failNext({ call: /^POST \/v2\/sandboxes/, status: 504, afterEffect: true })
  const before = e2b.sandboxes().length
  await expect(client.Sandbox.create('base')).rejects.toThrow('placement timed out')
  expect(e2b.sandboxes()).toHaveLength(before + 1)
})

test('a stream may break at a message, and its command goes on', async () => {
  const output: string[] = []
  e2b.failNext({ call: /Process\/Start/, afterMessages: 2 })
  const command = 'echo one; until [ -e go ]; do sleep 0.02; done; echo two >after'
  const run = sandbox.commands.run(command, { onStdout: (text) => void output.push(text) })
  await expect(run).rejects.toThrow()
  expect(output).toEqual(['one\n'])
  await sandbox.files.write('go', '')
  await expect.poll(() => sandbox.files.exists('after')).toBe(true)
})

test('connections may break, hang, or be refused', async () => {
  e2b.failNext({ call: /^GET \/files/, cut: true })
  await expect(sandbox.files.read('x')).rejects.toThrow()
  const hanging = e2b.failNext({ call: /^GET \/files/, hang: true })
  // Long enough to be sent on a busy machine: what is given up before is none that hangs, and the next one would.
  await expect(sandbox.files.read('x', { requestTimeoutMs: 4000 })).rejects.toThrow()
  expect(hanging.hits()).toBe(1)
  const back = e2b.goAway(500)
  await expect(sandbox.files.exists('x')).rejects.toThrow()
  await back
  expect(await sandbox.files.exists('x')).toBe(false)
})

test('a daemon that restarts forgets its commands, which go on until they print, and what it learned', async () => {
  const { path: home } = await sandbox.files.getInfo('~')
  const begun = Promise.withResolvers<void>()
  const command = 'echo begun; read line; echo "input ends: $?" >mark; echo out; echo never >>mark'
  const options = { onStdout: () => begun.resolve(), timeoutMs: 0, stdin: true }
  const handle = await sandbox.commands.run(command, { ...options, background: true })
  await begun.promise
  e2b.restartDaemon(sandbox.sandboxId, { downMs: 30 })
  await expect(handle.wait()).rejects.toThrow()
  await expect.poll(() => sandbox.isRunning()).toBe(true)
  expect(await sandbox.commands.list()).toEqual([])
  await expect(sandbox.commands.connect(handle.pid)).rejects.toMatchObject({ name: 'NotFoundError' })
  await expect.poll(() => sandbox.files.exists(`${home}/mark`)).toBe(true)
  expect(await sandbox.files.read(`${home}/mark`)).toBe('input ends: 1\n')
  expect((await sandbox.commands.run('echo $USER')).stdout).toBe('root\n')
  expect((await sandbox.commands.run('echo $USER', { user: 'user' })).stdout).toBe('user\n')
})

test('calls are counted, and may be slow', async () => {
  const before = e2b.requests().length
  e2b.setLatency(30)
  e2b.delayNext({ call: /^POST \/files/, ms: 40 })
  const start = performance.now()
  await sandbox.files.write('slow', 'x')
  expect(performance.now() - start).toBeGreaterThan(60)
  e2b.setLatency(0)
  expect(e2b.requests().slice(before)).toEqual(['POST /files'])
})
