import { randomUUID } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../db/database.ts'

/** Keeps this worker's row fresh, so that the gate admits no more runs than living workers can take. */
export interface WorkerBeat {
  /** Removes the row. */
  stop(): Promise<void>
}

export interface WorkerBeatOptions {
  readonly db: Database
  /** Runs at once in this process. */
  readonly concurrency: number
  readonly onError: (error: unknown) => void
  /** Default: a new one. */
  readonly id?: string | undefined
}

const BEAT_EVERY_MS = 2000

/** Resolves when the row is stored. Times are the database's, so clocks of different machines need not agree. */
export async function startWorkerBeat(options: WorkerBeatOptions): Promise<WorkerBeat> {
  const { db, concurrency, onError, id = randomUUID() } = options

  async function beat(): Promise<void> {
    await sql`
      insert into workers (id, concurrency, started_at, seen_at) values (${id}, ${concurrency}, now(), now())
      on conflict (id) do update set seen_at = now()`.execute(db.sql)
  }

  await forgetTheDead(db)
  await beat()
  let stopped = false
  let failing = false
  let beating: Promise<void> | undefined
  const timer = setInterval(() => {
    beating ??= beat()
      .then(
        () => {
          failing = false
        },
        (error: unknown) => {
          if (!failing) onError(error)
          failing = true
        },
      )
      .finally(() => {
        beating = undefined
      })
  }, BEAT_EVERY_MS).unref()

  return {
    async stop() {
      if (stopped) return
      stopped = true
      clearInterval(timer)
      await beating
      await sql`delete from workers where id = ${id}`.execute(db.sql).catch(onError)
    },
  }
}

/** SQL condition: the worker of this row of `workers` is alive, since it renewed `seen_at` lately. */
export function isAlive(): RawBuilder<boolean> {
  return sql`seen_at between now() - interval '15 seconds' and now() + interval '15 seconds'`
}

/** Deletes the rows of dead workers. On PGlite that is every row, since this process alone holds the directory. */
async function forgetTheDead({ kind, sql: tables }: Database): Promise<void> {
  const longAgo = sql<boolean>`seen_at < now() - interval '1 hour'`
  await tables
    .deleteFrom('workers')
    .$if(kind === 'postgres', (query) => query.where(longAgo))
    .execute()
}
