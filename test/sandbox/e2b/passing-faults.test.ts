import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Sandbox, SandboxProvider } from '../../../src/sandbox/sandbox.ts'
import { type E2bStandIn, startE2b } from '../../stand-ins/e2b/start-e2b.ts'
import { connectE2b } from './connect-e2b.ts'

const KEY = 'e2b_0123456789abcdef'
const REQUEST = { runId: 'run-1', timeoutMs: 600_000, egress: { allowHosts: [] } }
const START = /POST \/process.Process\/Start/
let e2b: E2bStandIn
let provider: SandboxProvider
let sandbox: Sandbox
let waits: number[]
let faults: { stop(): void }[]

beforeAll(async () => {
  e2b = await startE2b({ apiKey: KEY })
  provider = connectE2b(e2b, {
    apiKey: KEY,
    // A tenth of the time, so that a second of trouble takes a tenth of one.
    sleep: (ms) => {
      waits.push(ms)
      return new Promise((resolve) => setTimeout(resolve, ms / 10))
    },
  })
  sandbox = await provider.create(REQUEST)
})
afterAll(() => e2b.close())
beforeEach(() => {
  waits = []
  faults = []
})
afterEach(() => {
  for (const fault of faults) fault.stop()
})

function fail(...plan: Parameters<E2bStandIn['failNext']>): void {
  faults.push(e2b.failNext(...plan))
}

/** Each call leaves a line, so that a second run would show. */
const ONCE = 'echo ran >>runs; wc -l <runs; rm runs'

test.for([
  ...[429, 500, 502, 503, 504].map((status) => ({ status })),
  { cut: true as const },
])('a command whose start is refused with %o is started again', async (fault) => {
  fail({ call: START, times: 2, ...fault })
  expect(await sandbox.exec(ONCE)).toMatchObject({ exitCode: 0, stdout: '1\n' })
  expect(waits).toHaveLength(2)
})

test.for([
  { status: 502 },
  { cut: true as const },
])('a command whose start was not answered (%o) runs once, and its result is found', async (fault) => {
  fail({ call: START, afterEffect: true, ...fault })
  const result = await sandbox.exec(`sleep 0.3; ${ONCE}; echo bad >&2; exit 3`)
  expect(result).toEqual({ exitCode: 3, outcome: 'exited', stdout: '1\n', stderr: 'bad\n' })
})

test('a connection that breaks at any message loses neither the command nor the next one', async () => {
  for (const afterMessages of [1, 2, 3, 4]) {
    fail({ call: START, afterMessages })
    const result = await sandbox.exec(`${ONCE}; sleep 0.2; echo end`, { next: { command: 'echo next' } })
    expect(result).toMatchObject({ exitCode: 0, stdout: '1\nend\n' })
    expect(await result.next).toEqual({ exitCode: 0, outcome: 'exited', stdout: 'next\n', stderr: '' })
  }
})

test('a server that asks for time gets it', async () => {
  fail({ call: START, status: 429, headers: { 'retry-after': '2' } })
  expect((await sandbox.exec('echo ok')).stdout).toBe('ok\n')
  expect(waits).toEqual([2000])
})

test('seconds of 502 on every call to the sandbox pass, for commands and files alike', async () => {
  const path = `${sandbox.home}/through`
  fail({ call: START, status: 502, forMs: 400 })
  fail({ call: /\/files/, status: 502, forMs: 400 })
  await sandbox.writeFile(path, Buffer.alloc(300_000, 'x'))
  fail({ call: START, status: 502, forMs: 200 })
  fail({ call: /\/files/, status: 503, forMs: 200 })
  expect(await sandbox.readFile(path)).toHaveLength(300_000)
})

test('a daemon that restarts takes no command with it', async () => {
  let restarted: Promise<unknown> | undefined
  const result = await sandbox.exec(`echo one; sleep 0.5; echo two; sleep 0.2; ${ONCE}`, {
    onStdout: () => {
      restarted ??= Promise.resolve(e2b.restartDaemon(sandbox.id, { downMs: 100 }))
    },
    next: { command: 'id -un; pwd' },
  })
  expect(result).toMatchObject({ exitCode: 0, outcome: 'exited', stdout: 'one\ntwo\n1\n' })
  expect((await result.next)?.stdout).toBe((await sandbox.exec('id -un; pwd')).stdout)
  await restarted
  const attached = await provider.attach(sandbox.id)
  expect(attached.home).toBe(sandbox.home)
})

test('a command that the sandbox ended with its supervisor is lost, and says so', async () => {
  let killed: Promise<unknown> | undefined
  const result = await sandbox.exec('echo $PPID >supervisor; echo begun; sleep 60', {
    onStdout: () => {
      killed ??= sandbox.exec('kill -9 $(cat supervisor)')
    },
  })
  await killed
  expect(result).toMatchObject({ exitCode: 137, outcome: 'lost', stdout: 'begun\n' })
})

test('only the control plane says that a sandbox is gone, and then at once', async () => {
  const doomed = await provider.create(REQUEST)
  e2b.killSandbox(doomed.id)
  await expect(doomed.exec('true')).rejects.toMatchObject({ class: 'gone' })
  expect(waits).toEqual([])
  const mute = await provider.create(REQUEST)
  fail({ call: /process|files|health/i, status: 502, sandboxId: mute.id, times: 1000 })
  await expect(mute.exec('true')).rejects.toMatchObject({ class: 'unreachable' })
  expect(waits.length).toBeGreaterThan(8)
  await mute.kill()
})

test('a new sandbox that is mute at first is waited for', async () => {
  fail({ call: /filesystem.Filesystem/, status: 502, forMs: 300 })
  const fresh = await provider.create(REQUEST)
  expect((await fresh.exec('echo up')).stdout).toBe('up\n')
  expect(e2b.sandboxes().filter(({ id }) => id === fresh.id)).toHaveLength(1)
  await fresh.kill()
})

test('a paused sandbox is no lost one: it is resumed, and its command goes on', async () => {
  const paused = await provider.create(REQUEST)
  const pause = () =>
    fetch(`${e2b.url}/sandboxes/${paused.id}/pause`, { method: 'POST', headers: { 'x-api-key': KEY } })
  expect((await pause()).status).toBe(204)
  expect((await paused.exec('echo up')).stdout).toBe('up\n')
  let asked: Promise<unknown> | undefined
  const result = await paused.exec('echo one; sleep 0.4; echo two', {
    onStdout: () => {
      asked ??= pause()
    },
  })
  await asked
  expect(result).toMatchObject({ exitCode: 0, stdout: 'one\ntwo\n' })
  await paused.kill()
})

test('an abort ends every wait, of commands and of files', async () => {
  fail({ call: /process|files/i, status: 502, times: 1000 })
  const reason = new Error('left')
  const abort = new AbortController()
  const { signal } = abort
  const calls = [
    sandbox.exec('true', { signal }),
    sandbox.readFile('/etc/hostname', { signal }).catch((error: unknown) => error),
    sandbox.writeFile('new', Buffer.alloc(200_000), { signal }).catch((error: unknown) => error),
  ]
  abort.abort(reason)
  expect(await Promise.all(calls)).toEqual([expect.objectContaining({ outcome: 'aborted' }), reason, reason])
})
