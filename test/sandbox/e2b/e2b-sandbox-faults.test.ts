import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { SandboxProvider } from '../../../src/sandbox/sandbox.ts'
import { type E2bStandIn, startE2b } from '../../stand-ins/e2b/start-e2b.ts'
import { connectE2b } from './connect-e2b.ts'

const KEY = 'e2b_0123456789abcdef_canary'
const REQUEST = { runId: 'run-1', timeoutMs: 60_000, egress: { allowHosts: [] } }
let e2b: E2bStandIn
let provider: SandboxProvider
let waits: number[]

beforeEach(async () => {
  e2b = await startE2b({ apiKey: KEY })
  waits = []
  provider = connect()
})
afterEach(() => e2b.close())

function connect(options: { apiKey?: string; template?: string; apiUrl?: string; deployment?: string } = {}) {
  return connectE2b(e2b, {
    apiKey: KEY,
    sleep: async (ms) => waits.push(ms),
    ...options,
  })
}
const running = () => e2b.sandboxes().filter(({ state }) => state === 'running')

test('a sandbox is made with nothing but our own marks, and no way out', async () => {
  const sandbox = await provider.create(REQUEST)
  expect(e2b.sandboxes()).toMatchObject([
    {
      id: sandbox.id,
      templateId: 'base',
      metadata: { app: 'backspace', deployment: 'blue', run: 'run-1', request: expect.any(String) },
      networks: [{ allowOut: [], denyOut: ['0.0.0.0/0'], allowPublicTraffic: false }],
    },
  ])
  expect(Object.keys(e2b.sandboxes()[0]?.metadata ?? {})).toHaveLength(4)
})

test('a clock that is set back does not let a sandbox run out of time', async () => {
  const sandbox = await provider.create(REQUEST)
  const attached = await provider.attach(sandbox.id)
  onTestFinished(() => void vi.useRealTimers())
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 })
  for (const one of [sandbox, attached]) {
    await one.extend(400_000)
    expect(e2b.sandboxes()[0]?.endAt.getTime()).toBe(Date.now() + 400_000)
    vi.setSystemTime(Date.now() - 1000)
  }
})

test('every change of the egress policy says all of it again', async () => {
  const sandbox = await provider.create({ ...REQUEST, egress: { allowHosts: ['github.com', 'pypi.org'] } })
  await sandbox.setEgress({ allowHosts: ['pypi.org', '*.crates.io'] })
  await sandbox.setEgress({ allowHosts: [] })
  const networks = e2b.sandboxes()[0]?.networks.map(({ allowOut, denyOut }) => ({ allowOut, denyOut }))
  expect(networks).toEqual([
    { allowOut: ['github.com', 'pypi.org'], denyOut: ['0.0.0.0/0'] },
    { allowOut: ['pypi.org', '*.crates.io'], denyOut: ['0.0.0.0/0'] },
    { allowOut: [], denyOut: ['0.0.0.0/0'] },
  ])
})

test('the key never enters the sandbox, nor does the environment of this process', async () => {
  process.env.BACKSPACE_E2B_CANARY = 'canary-1b9e'
  const sandbox = await provider.create(REQUEST)
  await sandbox.exec('env', { env: { TOKEN_FOR_THIS: 'one-command' } })
  await sandbox.exec('true')
  delete process.env.BACKSPACE_E2B_CANARY
  const received = e2b.received().toString('latin1')
  expect(received).not.toContain(KEY)
  expect(received).not.toContain('canary-1b9e')
  expect(received.split('one-command')).toHaveLength(2)
})

test.for([
  500, 503,
])('a service that is away (%i) is asked for half a minute, at growing intervals', async (status) => {
  e2b.failNext({ call: /^POST \/v2\/sandboxes$/, status, times: 5 })
  const said: string[] = []
  const sandbox = await provider.create({ ...REQUEST, onWait: (message) => said.push(message) })
  expect((await sandbox.exec('echo ok')).stdout).toBe('ok\n')
  expect(waits).toEqual([1000, 3000, 6000, 10_000, 12_000])
  expect(said).toEqual([expect.stringContaining('E2B does not answer')])
  expect(running()).toHaveLength(1)
})

test('a sandbox whose creation was not answered does not stay behind', async () => {
  e2b.failNext({ call: /^POST \/v2\/sandboxes$/, status: 502, afterEffect: true })
  const sandbox = await provider.create(REQUEST)
  expect(e2b.sandboxes()).toHaveLength(2)
  expect(running().map(({ id }) => id)).toEqual([sandbox.id])
})

test('a wrong key, an unknown template and a wrong address say what to set', async () => {
  await expect(connect({ apiKey: 'e2b_wrong' }).create(REQUEST)).rejects.toThrow('E2B_API_KEY')
  await expect(connect({ template: 'nope' }).create(REQUEST)).rejects.toThrow('“nope”')
  await expect(connect().create({ ...REQUEST, template: 'of-the-repository' })).rejects.toThrow(
    '“of-the-repository”',
  )
  await expect(connect({ apiUrl: 'http://127.0.0.1:1' }).create(REQUEST)).rejects.toThrow('E2B_API_URL')
  await expect(provider.create({ ...REQUEST, timeoutMs: 7_200_000 })).rejects.toThrow('greater than 1 hours')
})

test('a sandbox that dies under a command is gone', async () => {
  const sandbox = await provider.create(REQUEST)
  const command = sandbox.exec('echo up; sleep 60', { onStdout: () => e2b.killSandbox(sandbox.id) })
  await expect(command).rejects.toMatchObject({ class: 'gone' })
  await expect(sandbox.exec('true')).rejects.toMatchObject({ class: 'gone' })
  await expect(sandbox.readFile('/home/user/x')).rejects.toMatchObject({ class: 'gone' })
  await expect(sandbox.writeFile('/home/user/x', new Uint8Array([1]))).rejects.toMatchObject({
    class: 'gone',
  })
  await expect(sandbox.setEgress({ allowHosts: [] })).rejects.toMatchObject({ class: 'gone' })
  await expect(provider.attach(sandbox.id)).rejects.toMatchObject({ class: 'gone' })
  await sandbox.kill()
})

test('a sandbox whose time runs out is gone, and one that was extended is not', async () => {
  const [short, long] = await Promise.all([
    // Longer than a busy machine needs to make one.
    provider.create({ ...REQUEST, timeoutMs: 4000 }),
    provider.create({ ...REQUEST, runId: 'run-2', timeoutMs: 30_000 }),
  ])
  await long.extend(600_000)
  await long.extend(10) // Never shortens.
  await expect(short.exec('sleep 60')).rejects.toMatchObject({ class: 'gone' })
  const { endAt } = e2b.sandboxes().find(({ id }) => id === long.id) ?? {}
  expect(endAt?.getTime()).toBeGreaterThan(Date.now() + 300_000)
  expect((await long.exec('echo alive')).stdout).toBe('alive\n')
})

test('a lost connection does not lose the command nor its output', async () => {
  const sandbox = await provider.create(REQUEST)
  const result = await sandbox.exec('echo one; sleep 0.3; echo two; echo bad >&2; exit 3', {
    onStdout: () => e2b.dropStreams(sandbox.id),
  })
  expect(result).toEqual({ exitCode: 3, outcome: 'exited', stdout: 'one\ntwo\n', stderr: 'bad\n' })
})

test('a command that runs too long is ended although the connection is lost', async () => {
  const sandbox = await provider.create(REQUEST)
  const result = await sandbox.exec('echo one; sleep 60', {
    timeoutMs: 5000,
    onStdout: () => e2b.dropStreams(sandbox.id),
  })
  expect(result).toEqual({ exitCode: 124, outcome: 'timeout', stdout: 'one\n', stderr: '' })
})

test('a service that does not answer is not taken for a dead sandbox', async () => {
  const sandbox = await provider.create(REQUEST)
  const fault = e2b.failNext({ call: /Process\/Start|GET \/sandboxes/, status: 500, times: 1000 })
  await expect(sandbox.exec('true')).rejects.toMatchObject({ class: 'unreachable' })
  fault.stop()
  expect(running()).toHaveLength(1)
})

test('a full disk is named', async () => {
  const sandbox = await provider.create(REQUEST)
  e2b.failNext({ call: /^POST \/files/, status: 507 })
  await expect(sandbox.writeFile('/home/user/x', new Uint8Array(100_000))).rejects.toMatchObject({
    class: 'no_space',
    message: expect.stringContaining('/home/user/x'),
  })
})

test('only sandboxes of the same installation are listed and attached to, on every page', async () => {
  const others = connect({ deployment: 'green' })
  const foreign = await others.create(REQUEST)
  const own = []
  for (const runId of ['a', 'b', 'c']) own.push(await provider.create({ ...REQUEST, runId }))
  const listed = await provider.list({ deployment: 'blue' })
  expect(listed.map(({ id }) => id).sort()).toEqual(own.map(({ id }) => id).sort())
  expect(listed.map(({ runId }) => runId).sort()).toEqual(['a', 'b', 'c'])
  await expect(provider.attach(foreign.id)).rejects.toMatchObject({ class: 'gone' })
})

test('to find a small file and to read it is one request', async () => {
  const sandbox = await provider.create(REQUEST)
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  await sandbox.writeFile(`${sandbox.home}/place/a`, bytes)
  e2b.failNext({ call: /GET .*\/files/, status: 500, times: 100 })
  const found = await sandbox.inspect('a', { cwd: `${sandbox.home}/place`, maxBytes: 1000 })
  expect([...(found.bytes ?? [])]).toEqual([...bytes])
})
