import { E2B } from 'e2b'
import { type Measurement, percentile } from '../measurement.ts'
import { createBenchProvider, E2B_KEY, type SandboxWorld } from './sandbox-world.ts'

const ROUNDS = 30
const LINES_MS = [0, 40]

/** What `true` takes with the product's `exec`, next to the SDK's own. */
export async function measureExec({ line }: SandboxWorld, quick: boolean): Promise<readonly Measurement[]> {
  const rounds = quick ? 10 : ROUNDS
  const client = new E2B({ apiKey: E2B_KEY, apiUrl: line.url, sandboxUrl: line.url, debug: false })
  const provider = createBenchProvider(line.url)
  const raw = await client.Sandbox.create('base')
  const ours = await provider.create({ runId: 'bench', timeoutMs: 600_000, egress: { allowHosts: [] } })
  try {
    const measurements: Measurement[] = []
    for (const delayMs of LINES_MS) {
      line.setDelay(delayMs)
      const [rawMs = 0, execMs = 0, stdinMs = 0] = await mediansOf(rounds, [
        () => raw.commands.run('true'),
        () => ours.exec('true'),
        () => ours.exec('cat', { stdin: 'x'.repeat(1000) }),
      ])
      const variant = `+${delayMs} ms`
      measurements.push(
        { name: 'SDK alone: true', variant, value: rawMs, unit: 'ms' },
        { name: 'exec: true', variant, value: execMs, unit: 'ms', target: 1.5 * rawMs },
        { name: 'exec with stdin', variant, value: stdinMs, unit: 'ms' },
      )
    }
    return measurements
  } finally {
    line.setDelay(0)
    await ours.kill()
    await raw.kill()
  }
}

/** They take turns, so that a machine that is busy for a while is so for all of them. */
async function mediansOf(
  rounds: number,
  works: readonly (() => Promise<unknown>)[],
): Promise<readonly number[]> {
  const times = works.map((): number[] => [])
  for (const work of works) await work()
  for (let round = 0; round < rounds; round++) {
    for (const [index, work] of works.entries()) {
      const startedAt = performance.now()
      await work()
      times[index]?.push(performance.now() - startedAt)
    }
  }
  return times.map((each) => percentile(each, 0.5))
}
