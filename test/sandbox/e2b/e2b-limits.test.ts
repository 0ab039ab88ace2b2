import { afterEach, beforeEach, expect, test } from 'vitest'
import { createE2bSandboxProvider } from '../../../src/sandbox/e2b/e2b-sandbox.ts'
import type { SandboxProvider } from '../../../src/sandbox/sandbox.ts'
import { type E2bStandIn, startE2b } from '../../stand-ins/e2b/start-e2b.ts'
import { eventually } from '../../support/start-world.ts'

const KEY = 'e2b_0123456789abcdef_canary'
let e2b: E2bStandIn
/** Milliseconds of simulated waiting. */
let clock: number
let onSleep: () => void

beforeEach(async () => {
  e2b = await startE2b({ apiKey: KEY })
  clock = 0
  onSleep = () => {}
})
afterEach(() => e2b.close())

function connect(limits: { maxSandboxes?: number; createsPerSecond?: number } = {}): SandboxProvider {
  return createE2bSandboxProvider({
    ...{ apiKey: KEY, apiUrl: e2b.url, sandboxUrl: e2b.url, template: 'base', deployment: 'blue' },
    ...{ reachesGitHub: true, maxSandboxes: 20, createsPerSecond: 1000, ...limits },
    now: () => clock,
    async sleep(ms) {
      clock += ms
      onSleep()
    },
  })
}
const request = (runId: string) => ({ runId, timeoutMs: 600_000, egress: { allowHosts: [] } })
const running = () => e2b.sandboxes().filter(({ state }) => state === 'running')
const made = () => e2b.sandboxes().map(({ metadata }) => metadata.run)

test('runs wait for a place in order, and learn why', async () => {
  const provider = connect({ maxSandboxes: 2 })
  const reported: string[] = []
  const onWait = (message: string) => reported.push(message)
  const [first] = await Promise.all(['a', 'b'].map((run) => provider.create({ ...request(run), onWait })))
  expect(reported).toEqual([])
  const third = provider.create({ ...request('c'), onWait })
  const fourth = provider.create({ ...request('d'), onWait })
  expect(reported).toEqual(
    Array(2).fill(expect.stringContaining('all 2 that E2B_MAX_SANDBOXES allows are in use')),
  )
  await first?.kill()
  const next = await third
  expect(made()).toEqual(['a', 'b', 'c'])
  await next.kill()
  await fourth
  expect(made()).toEqual(['a', 'b', 'c', 'd'])
  expect(running()).toHaveLength(2)
})

test('a sandbox that died gives its place back', async () => {
  const provider = connect({ maxSandboxes: 1 })
  const sandbox = await provider.create(request('a'))
  const next = provider.create(request('b'))
  e2b.killSandbox(sandbox.id)
  await expect(sandbox.exec('true')).rejects.toMatchObject({ class: 'gone' })
  expect((await (await next).exec('echo ok')).stdout).toBe('ok\n')
})

test('a sandbox that is not extended gives its place back when its time is over', async () => {
  const provider = connect({ maxSandboxes: 1 })
  await provider.create({ ...request('a'), timeoutMs: 4000 })
  expect((await (await provider.create(request('b'))).exec('echo ok')).stdout).toBe('ok\n')
})

test('no more are asked for per second than the plan allows', async () => {
  const provider = connect({ createsPerSecond: 2 })
  await Promise.all(['a', 'b', 'c', 'd'].map((run) => provider.create(request(run))))
  expect(clock).toBe(1500)
})

test('a full account is asked again until there is room', async () => {
  const provider = connect()
  e2b.limitSandboxes(0)
  const reported: string[] = []
  onSleep = () => {
    if (clock >= 60_000) e2b.limitSandboxes(100)
  }
  const first = provider.create({ ...request('a'), onWait: (message) => reported.push(message) })
  const second = provider.create(request('b'))
  await Promise.all([first, second])
  expect(running()).toHaveLength(2)
  expect(clock).toBeGreaterThanOrEqual(60_000)
  expect(reported).toEqual([expect.stringContaining('E2B has no capacity now')])
})

test('an account that stays full ends the wait after ten minutes, with the reason', async () => {
  e2b.limitSandboxes(0)
  await expect(connect().create(request('a'))).rejects.toMatchObject({
    class: 'unavailable',
    message: expect.stringContaining('limit of the plan'),
  })
  expect(clock).toBeGreaterThanOrEqual(600_000)
})

test('when the service says how long to wait, that is how long', async () => {
  e2b.failNext({ call: /^POST \/v2\/sandboxes$/, status: 429, headers: { 'retry-after': '1' } })
  await connect().create(request('a'))
  expect(clock).toBe(0) // The SDK waits, not we.
  expect(running()).toHaveLength(1)
})

test('a run that is stopped while it waits leaves the line, and the next one gets the place', async () => {
  const provider = connect({ maxSandboxes: 1 })
  const sandbox = await provider.create(request('a'))
  const stop = new AbortController()
  const leaves = provider.create({ ...request('b'), signal: stop.signal })
  const stays = provider.create(request('c'))
  stop.abort(new Error('cancelled'))
  await expect(leaves).rejects.toThrow('cancelled')
  await sandbox.kill()
  await stays
  expect(made()).toEqual(['a', 'c'])
})

test('a sandbox that comes after its run was stopped is ended', async () => {
  const stop = new AbortController()
  e2b.delayNext({ call: /^POST \/v2\/sandboxes$/, ms: 300 })
  const creating = connect().create({ ...request('a'), signal: stop.signal })
  stop.abort(new Error('cancelled'))
  await expect(creating).rejects.toThrow('cancelled')
  expect(made()).toEqual([])
  await eventually(made, ({ length }) => length === 1 && running().length === 0)
})

test('a service that hangs holds up neither the end of a command nor that of the sandbox', async () => {
  const sandbox = await connect().create(request('a'))
  const stop = new AbortController()
  e2b.delayNext({ call: /Process\/Start/, ms: 60_000, times: 5 })
  e2b.delayNext({ call: /^DELETE /, ms: 4000 })
  const command = sandbox.exec('sleep 60', { signal: stop.signal })
  stop.abort(new Error('cancelled'))
  expect(await command).toMatchObject({ outcome: 'aborted', exitCode: 130 })
  await expect(sandbox.kill()).rejects.toMatchObject({ class: 'unreachable' })
  expect(running()).toHaveLength(1)
  await eventually(running, ({ length }) => length === 0)
})

test('a sandbox is ended although the service fails at first', async () => {
  const sandbox = await connect().create(request('a'))
  e2b.failNext({ call: /^DELETE /, status: 500 })
  await sandbox.kill()
  expect(running()).toEqual([])
})
