import { askForRun } from '../ask-for-run.ts'
import { type Measurement, percentile } from '../measurement.ts'
import type { BenchSurroundings } from '../service/bench-surroundings.ts'
import { startSubject } from '../service/subject.ts'
import { until } from '../until.ts'
import { firstRow, openOwn, PATIENCE_MS, PROMPT } from './scale-service.ts'

const WORKERS = [1, 2, 4]
/** Runs at once in each process. */
const CONCURRENCY = '8'

interface WorkersContext {
  readonly createDatabase: () => Promise<string>
  readonly surroundings: BenchSurroundings
  readonly quick: boolean
}

/** What more workers on one PostgreSQL bring. */
export async function measureWorkers(context: WorkersContext): Promise<readonly Measurement[]> {
  const found: Measurement[] = []
  for (const workers of WORKERS) found.push(...(await measureSome(workers, context)))
  return found
}

async function measureSome(
  workers: number,
  { createDatabase, surroundings, quick }: WorkersContext,
): Promise<readonly Measurement[]> {
  const url = await createDatabase()
  const env = { ...surroundings.env, DATABASE_URL: url, BACKSPACE_CONCURRENCY: CONCURRENCY }
  const web = await startSubject({ ...env, BACKSPACE_ROLE: 'web' })
  const others = await Promise.all(
    Array.from({ length: workers }, () =>
      startSubject({ ...env, BACKSPACE_ROLE: 'worker', PUBLIC_URL: web.url }),
    ),
  )
  const client = await openOwn(url)
  const asked = { prompt: PROMPT, repoUrl: surroundings.repoUrl, agent: 'dummy' } as const
  const ask = async () => (await askForRun(web.url, asked)).runId
  let connections = 0
  try {
    // The first run loads what the others use.
    await finish(client, await Promise.all(others.map(ask)))
    const events = async () =>
      (await firstRow<{ n: number }>(client, 'select count(*)::int as n from run_events')).n
    const before = await events()
    const startedAt = performance.now()
    const ids = await Promise.all(Array.from({ length: quick ? 10 : 40 }, ask))
    await finish(client, ids, async () => {
      const { n } = await firstRow<{ n: number }>(
        client,
        `select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name <> 'bench'`,
      )
      connections = Math.max(connections, n)
    })
    const seconds = (performance.now() - startedAt) / 1000
    const perSecond = ((await events()) - before) / seconds
    const { rows } = await client.query<{ ms: number }>(
      `select extract(epoch from admitted_at - created_at)::float8 * 1000 as ms from runs where id = any($1)`,
      [ids],
    )
    const waits = rows.map(({ ms }) => ms)
    const variant = workers === 1 ? '1 worker' : `${workers} workers`
    return [
      { name: 'runs per minute', variant, value: (ids.length * 60) / seconds, unit: 'count' },
      { name: 'admission: p50', variant, value: percentile(waits, 0.5), unit: 'ms' },
      { name: 'admission: p95', variant, value: percentile(waits, 0.95), unit: 'ms' },
      { name: 'events per second', variant, value: perSecond, unit: 'count' },
      { name: 'connections to the database', variant, value: connections, unit: 'count' },
    ]
  } finally {
    await client.end()
    await Promise.all([web, ...others].map((subject) => subject.stop()))
  }
}

async function finish(
  client: Awaited<ReturnType<typeof openOwn>>,
  ids: readonly string[],
  look: () => Promise<void> = async () => {},
): Promise<void> {
  await until(async () => {
    await look()
    const { n } = await firstRow<{ n: number }>(
      client,
      'select count(*)::int as n from runs where id = any($1) and finished_at is not null',
      [ids],
    )
    return n === ids.length ? true : undefined
  }, PATIENCE_MS)
}
