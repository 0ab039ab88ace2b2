import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import { probeLocalSandbox } from '../../../src/sandbox/local/probe-local-sandbox.ts'
import type { Sandbox, SandboxProvider } from '../../../src/sandbox/sandbox.ts'
import { startE2b } from '../../stand-ins/e2b/start-e2b.ts'
import { type Measurement, percentile } from '../measurement.ts'
import { createBenchProvider, E2B_KEY } from './sandbox-world.ts'
import { openSlowLine } from './slow-line.ts'

const LINE_DELAYS_MS = [0, 40, 80]
const SMALL_POSTS = 40
const UP_BYTES = 1_000_000
const DOWN_BYTES = 10_000_000
const EVENTS = 50
const EVENT_EVERY_MS = 10
/** What a forwarded request adds to the line, at most. */
const MOST_ADDED_MS = 15

/** Runs in the sandbox; prints its figures as JSON, in milliseconds. */
const ASK = `
const [origin, posts, upBytes] = process.argv.slice(2)
const timed = async (work) => { const start = performance.now(); await work(); return performance.now() - start }
const post = (path, body) => fetch(origin + path, { method: 'POST', body }).then((answer) => answer.arrayBuffer())
const small = []
for (let at = 0; at < Number(posts); at++) small.push(await timed(() => post('/', 'x'.repeat(1000))))
const up = await timed(() => post('/', new Uint8Array(Number(upBytes))))
const down = await timed(() => post('/down', ''))
const late = []
const answer = await fetch(origin + '/events')
for await (const chunk of answer.body) {
  for (const at of Buffer.from(chunk).toString().trim().split('\\n')) late.push(Date.now() - Number(at))
}
console.log(JSON.stringify({ small, up, down, late }))
`

interface Figures {
  readonly small: readonly number[]
  readonly up: number
  readonly down: number
  readonly late: readonly number[]
}

/** Requests of programs in a sandbox to the host: at E2B behind a line, and on this machine. */
export async function measureForward(quick: boolean): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = []
  const e2b = await startE2b({ apiKey: E2B_KEY })
  const line = await openSlowLine(e2b.url)
  try {
    for (const delayMs of quick ? LINE_DELAYS_MS.slice(0, 2) : LINE_DELAYS_MS) {
      const provider = createBenchProvider(line.url)
      line.setDelay(delayMs)
      const figures = await measureIn(provider)
      measurements.push(...rowsOf(figures, `E2B +${delayMs} ms`, delayMs + MOST_ADDED_MS))
    }
  } finally {
    await line.close()
    await e2b.close()
  }
  const { available } = await probeLocalSandbox({ path: process.env.PATH })
  if (!available) return measurements
  const local = createLocalSandboxProvider({
    deployment: 'bench',
    mode: 'bubblewrap',
    path: process.env.PATH,
  })
  return [...measurements, ...rowsOf(await measureIn(local), 'local', MOST_ADDED_MS)]
}

async function measureIn(provider: SandboxProvider): Promise<Figures> {
  const sandbox = await provider.create({ runId: 'bench', timeoutMs: 600_000, egress: { allowHosts: [] } })
  try {
    return await measureRequests(sandbox)
  } finally {
    await sandbox.kill()
  }
}

async function measureRequests(sandbox: Sandbox): Promise<Figures> {
  await using forwarding = await sandbox.forward(async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/events') return new Response(events())
    await request.arrayBuffer()
    return new Response(pathname === '/down' ? new Uint8Array(DOWN_BYTES) : 'x'.repeat(1000))
  })
  await sandbox.writeFile(`${sandbox.home}/ask.mjs`, Buffer.from(ASK))
  const { stdout, stderr } = await sandbox.exec(
    `node ask.mjs ${forwarding.origin} ${SMALL_POSTS} ${UP_BYTES}`,
  )
  if (stdout === '') throw new Error(`the requests failed: ${stderr}`)
  return JSON.parse(stdout)
}

/** Each says when it was made, by the clock that both sides have. */
function events(): ReadableStream<Uint8Array> {
  let made = 0
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, EVENT_EVERY_MS))
      controller.enqueue(Buffer.from(`${Date.now()}\n`))
      if (++made === EVENTS) controller.close()
    },
  })
}

function rowsOf({ small, up, down, late }: Figures, variant: string, target: number): readonly Measurement[] {
  return [
    { name: 'forward: small POST, p50', variant, value: percentile(small, 0.5), unit: 'ms', target },
    { name: 'forward: small POST, p95', variant, value: percentile(small, 0.95), unit: 'ms' },
    { name: 'forward: event arrives after, p50', variant, value: percentile(late, 0.5), unit: 'ms' },
    { name: 'forward: POST of 1 MB', variant, value: up, unit: 'ms' },
    { name: 'forward: 10 MB down', variant, value: down, unit: 'ms' },
  ]
}
