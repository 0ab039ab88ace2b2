import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Forwarding } from '../../../src/sandbox/forwarding.ts'
import type { Sandbox, SandboxProvider } from '../../../src/sandbox/sandbox.ts'
import { type E2bStandIn, startE2b } from '../../stand-ins/e2b/start-e2b.ts'
import { connectE2b } from './connect-e2b.ts'

const KEY = 'e2b_forward_key'
const REQUEST = { runId: 'run-1', timeoutMs: 600_000, egress: { allowHosts: [] } }
let e2b: E2bStandIn
let provider: SandboxProvider
let sandbox: Sandbox
let forwarding: Forwarding
let faults: { stop(): void }[] = []
/** Requests that are never answered. */
let waiting = 0

beforeAll(async () => {
  e2b = await startE2b({ apiKey: KEY })
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms / 10))
  provider = connectE2b(e2b, { apiKey: KEY, sleep })
  sandbox = await provider.create(REQUEST)
  forwarding = await sandbox.forward(async (request) => {
    if (new URL(request.url).pathname === '/wait') {
      waiting++
      await new Promise(() => {})
    }
    const bytes = Buffer.from(await request.arrayBuffer())
    return new Response(createHash('sha1').update(bytes).digest('hex'))
  })
  await sandbox.writeFile(`${sandbox.home}/ask.mjs`, Buffer.from(ASK))
})
afterEach(() => {
  for (const fault of faults) fault.stop()
  faults = []
})
afterAll(async () => {
  await forwarding?.close()
  await e2b?.close()
})

/** Posts so many bytes; asks again as long as the connection breaks. Prints the answer, and how often it asked. */
const ASK = `
import { createHash } from 'node:crypto'
const [origin, size = '5', most = '100'] = process.argv.slice(2)
const body = Buffer.alloc(Number(size), 'Not a multiple of anything: äöü. ')
const wanted = createHash('sha1').update(body).digest('hex')
for (let asked = 1; asked <= Number(most); asked++) {
  try {
    const answer = await fetch(origin, { method: 'POST', body })
    console.log((await answer.text()) === wanted ? 'right' : 'wrong', asked)
    break
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
process.exit(0)
`
const ask = async (size = 5, most = 100) =>
  (await sandbox.exec(`node ask.mjs ${forwarding.origin} ${size} ${most}`)).stdout.trim()
const inputs = () => e2b.requests().filter((call) => call.endsWith('/SendInput')).length
/** Their pids; only they have the script of one among their arguments. */
const relays = async (from = sandbox, { origin } = forwarding) => {
  const script = 'grep -lsa \'[L]ISTENER\' /proc/[0-9]*/cmdline | xargs -r grep -lsaw "$PORT" | cut -d/ -f3'
  const { stdout } = await from.exec(script, { env: { PORT: new URL(origin).port } })
  return stdout.split('\n').filter(Boolean)
}

test('a small request takes one request to E2B', async () => {
  const before = inputs()
  expect(await ask(5, 1)).toBe('right 1')
  expect(inputs() - before).toBe(1)
})

test('what the SDK holds is given up in the middle of a request, which goes on', async () => {
  const relay = await relays()
  const connects = () => e2b.requests().filter((call) => call.endsWith('/Connect')).length
  expect(await ask(12_000_000, 1)).toBe('right 1')
  expect(connects()).toBe(1)
  expect(await relays()).toEqual(relay)
})

test('a lost answer of E2B costs no request, and none counts twice', async () => {
  for (const fault of [{ status: 502 }, { status: 429 }, { cut: true as const }]) {
    faults.push(e2b.failNext({ call: /SendInput/, ...fault }))
    faults.push(e2b.failNext({ call: /SendInput/, afterEffect: true, ...fault }))
    expect(await ask(300_000, 1)).toBe('right 1')
  }
})

const TROUBLE: Readonly<Record<string, () => unknown>> = {
  'is killed': async () => sandbox.exec(`kill -9 ${(await relays()).join(' ')}`),
  'loses its line': () => e2b.dropStreams(sandbox.id),
  'loses the daemon': () => e2b.restartDaemon(sandbox.id, { downMs: 100 }),
  'loses E2B': () => e2b.goAway(100),
}

test.for(Object.entries(TROUBLE))('a relay that %s is replaced at the same port', async ([, strike]) => {
  const before = waiting
  const waits = sandbox.exec(`node ask.mjs ${forwarding.origin}/wait 5 1`).then(({ stdout }) => stdout)
  // One that came only after the relay had been replaced would never end.
  await expect.poll(() => waiting).toBe(before + 1)
  await expect.poll(async () => (await relays()).length).toBe(1)
  await strike()
  expect(await ask()).toMatch(/^right/)
  expect(await relays()).toHaveLength(1)
  expect(await waits).toBe('')
})

test('it ends when it is closed, and before the sandbox pauses', async () => {
  const other = await provider.create(REQUEST)
  const second = await other.forward(() => new Response())
  expect(await relays(other, second)).toHaveLength(1)
  await other.pause?.()
  const again = await provider.attach(other.id)
  expect(await relays(again, second)).toEqual([])
  await again.kill()
  await forwarding.close()
  expect(await relays()).toEqual([])
  expect(await ask(5, 1)).toBe('')
})
