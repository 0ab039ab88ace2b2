import { E2B } from 'e2b'
import { createE2bSandboxProvider } from '../../../src/sandbox/e2b/e2b-sandbox.ts'
import { type Measurement, percentile } from '../measurement.ts'
import { E2B_KEY, type SandboxWorld } from './sandbox-world.ts'

const ROUNDS = 15
const LINE_MS = 40

/** What `true` takes with the product's `exec`, next to the SDK's own. */
export async function measureExec({ line }: SandboxWorld, quick: boolean): Promise<readonly Measurement[]> {
  const rounds = quick ? 3 : ROUNDS
  const client = new E2B({ apiKey: E2B_KEY, apiUrl: line.url, sandboxUrl: line.url, debug: false })
  const provider = createE2bSandboxProvider({
    apiKey: E2B_KEY,
    apiUrl: line.url,
    sandboxUrl: line.url,
    template: 'base',
    deployment: 'bench',
    reachesGitHub: false,
    maxSandboxes: 2,
    createsPerSecond: 5,
  })
  const raw = await client.Sandbox.create('base')
  const ours = await provider.create({ runId: 'bench', timeoutMs: 600_000, egress: { allowHosts: [] } })
  line.setDelay(LINE_MS)
  try {
    const rawMs = await medianOf(rounds, () => raw.commands.run('true'))
    const execMs = await medianOf(rounds, () => ours.exec('true'))
    const stdinMs = await medianOf(rounds, () => ours.exec('cat', { stdin: 'x'.repeat(1000) }))
    const variant = `+${LINE_MS} ms`
    return [
      { name: 'SDK alone: true', variant, value: rawMs, unit: 'ms' },
      { name: 'exec: true', variant, value: execMs, unit: 'ms', target: 1.5 * rawMs },
      { name: 'exec with stdin', variant, value: stdinMs, unit: 'ms' },
    ]
  } finally {
    line.setDelay(0)
    await ours.kill()
    await raw.kill()
  }
}

async function medianOf(rounds: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  await work()
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now()
    await work()
    times.push(performance.now() - startedAt)
  }
  return percentile(times, 0.5)
}
