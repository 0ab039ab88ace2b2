import { openDatabase } from '../../../src/db/open-database.ts'
import { prune } from '../../../src/runs/upkeep/prune.ts'
import { askForRun } from '../ask-for-run.ts'
import type { BenchSurroundings } from '../service/bench-surroundings.ts'
import { startSubject } from '../service/subject.ts'
import { until } from '../until.ts'
import { firstRow, openOwn, PATIENCE_MS, PROMPT } from './scale-service.ts'

/** A service on a database with a history. All figures are milliseconds. */
export interface Place {
  /** Ids of its oldest runs. */
  readonly old: readonly string[]
  /** Of a second process. */
  start(): Promise<number>
  /** From the request to the last byte of the answer. */
  get(path: string, accept?: string): Promise<number>
  /** From a request to the start of its run. */
  run(): Promise<number>
  /** Deletes the events of twenty runs that are past their time. */
  prune(): Promise<number>
  /** From the kill of the process that works on a run until another one has claimed it. Ends the service. */
  takeOver(): Promise<number>
  megabytes(): Promise<number>
  close(): Promise<void>
}

const RETENTION = { eventsDays: 30, runsDays: 365, deliveriesDays: 14 }
const PRUNED_RUNS = 20

export async function openPlace({
  url,
  old,
  surroundings,
}: {
  readonly url: string
  readonly old: readonly string[]
  readonly surroundings: BenchSurroundings
}): Promise<Place> {
  const { repoUrl, anthropic, e2b } = surroundings
  const env = { ...surroundings.env, DATABASE_URL: url }
  const db = await openDatabase({ url })
  const own = await openOwn(url)
  const subject = await startSubject(env)
  const query = <Row extends object>(text: string, values?: unknown[]) => firstRow<Row>(own, text, values)

  async function startNext() {
    const next = await startSubject(env)
    return { next, ms: next.startMs }
  }

  return {
    old,
    async start() {
      const { next, ms } = await startNext()
      await next.stop()
      return ms
    },
    async get(path, accept = 'application/json') {
      const before = performance.now()
      const response = await fetch(subject.url + path, { headers: { accept } })
      const text = await response.text()
      if (!response.ok) throw new Error(`${path}: ${response.status} ${text.slice(0, 200)}`)
      return performance.now() - before
    },
    async run() {
      const { runId: id } = await askForRun(subject.url, { prompt: PROMPT, repoUrl, agent: 'dummy' })
      return await until(async () => {
        const run = await query<{ ms: number; ended: boolean }>(
          `select extract(epoch from started_at - created_at)::float8 * 1000 as ms, finished_at is not null as ended
           from runs where id = $1`,
          [id],
        )
        return run.ended ? run.ms : undefined
      }, PATIENCE_MS)
    },
    async prune() {
      await own.query(
        `update runs set finished_at = finished_at - interval '60 days' where id in (
           select id from runs where not events_pruned and finished_at is not null and repository <> 'acme/bench'
           order by ordinal offset 3 limit ${PRUNED_RUNS})`,
      )
      const before = performance.now()
      await prune({ db, retention: RETENTION, signal: new AbortController().signal, pauseMs: 0 })
      return performance.now() - before
    },
    async takeOver() {
      const before = anthropic.turns().length
      const { runId: id } = await askForRun(subject.url, { prompt: PROMPT, repoUrl })
      await until(async () => (anthropic.turns().length > before ? true : undefined), PATIENCE_MS)
      process.kill(subject.pid, 'SIGKILL')
      const killedAt = performance.now()
      const { next } = await startNext()
      await until(async () => {
        const { attempt } = await query<{ attempt: number }>('select attempt from runs where id = $1', [id])
        return attempt > 1 ? true : undefined
      }, PATIENCE_MS)
      const ms = performance.now() - killedAt
      for (const sandbox of e2b.sandboxes()) e2b.killSandbox(sandbox.id)
      await next.stop()
      return ms
    },
    async megabytes() {
      const size = 'select pg_database_size(current_database()) / 1048576.0::float8 as mb'
      return (await query<{ mb: number }>(size)).mb
    },
    async close() {
      await subject.stop()
      await own.end()
      await db.close()
    },
  }
}
