import { postgresBinaries, startPostgres } from '../../support/postgres.ts'
import type { BenchOptions } from '../bench-options.ts'
import type { BenchResult, Measurement } from '../measurement.ts'
import { startBenchSurroundings } from '../service/bench-surroundings.ts'
import { measureHistory } from './measure-history.ts'
import { measureWorkers } from './measure-workers.ts'

const PARTS = { workers: measureWorkers, history: measureHistory }

/** How one PostgreSQL carries more workers, and a long history (ten million events, about 5 GB in the temporary directory). */
export async function benchScale({ only, quick }: BenchOptions): Promise<BenchResult> {
  if (postgresBinaries() === undefined) {
    return {
      measurements: [],
      leftOut: [{ name: 'all', reason: 'not installed: apt-get install postgresql' }],
    }
  }
  const surroundings = await startBenchSurroundings()
  const server = await startPostgres({ durable: true })
  const measurements: Measurement[] = []
  try {
    for (const [name, measure] of Object.entries(PARTS)) {
      if (only.length > 0 && !only.some((part) => name.includes(part))) continue
      process.stderr.write(`scale: ${name}\n`)
      const context = { createDatabase: server.createDatabase, surroundings, quick }
      measurements.push(...(await measure(context)))
    }
  } finally {
    await server.stop()
    await surroundings.close()
  }
  return { measurements, leftOut: [] }
}
