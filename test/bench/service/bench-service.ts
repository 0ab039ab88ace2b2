import type { BenchOptions } from '../bench-options.ts'
import type { BenchResult, Measurement } from '../measurement.ts'
import { startBackends } from './bench-database.ts'
import { startBenchSurroundings } from './bench-surroundings.ts'
import { measureFanOut } from './measure-fan-out.ts'
import { measureRuns } from './measure-runs.ts'
import { measureStart } from './measure-start.ts'
import { measureWebhooks } from './measure-webhooks.ts'
import type { Part } from './part.ts'

const PARTS: readonly Part[] = [
  { name: 'start', measure: measureStart },
  { name: 'webhooks', measure: measureWebhooks },
  { name: 'fan-out', measure: measureFanOut },
  { name: 'runs', measure: measureRuns },
]

/** The service as real processes, on each database, against the targets of ARCHITECTURE section 9. */
export async function benchService({ only, quick }: BenchOptions): Promise<BenchResult> {
  const chosen = PARTS.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)))
  const surroundings = await startBenchSurroundings()
  const backends = await startBackends()
  const measurements: Measurement[] = []
  try {
    for (const backend of backends) {
      for (const { name, measure } of chosen) {
        process.stderr.write(`service: ${name} on ${backend.name}\n`)
        const found = await measure({ backend, surroundings, quick })
        measurements.push(...found.map((measurement) => ({ ...measurement, variant: backend.name })))
      }
    }
  } finally {
    for (const backend of backends) await backend.close()
    await surroundings.close()
  }
  const reason = 'not installed: apt-get install postgresql'
  return { measurements, leftOut: backends.length > 1 ? [] : [{ name: 'PostgreSQL', reason }] }
}
