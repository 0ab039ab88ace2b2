import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'

/** Says again and again that this process carries runs, so that the gate admits no more than somebody can take. */
export interface WorkerBeat {
  /** Says that it carries none any more. */
  stop(): Promise<void>
}

export interface WorkerBeatOptions {
  readonly db: Database
  /** Runs at once in this process. */
  readonly concurrency: number
  readonly onError: (error: unknown) => void
  readonly newId?: () => string
}

const BEAT_EVERY_MS = 2000

/** Resolves when the first beat is written. Times are the database's, so that clocks which differ do no harm. */
export async function startWorkerBeat(options: WorkerBeatOptions): Promise<WorkerBeat> {
  const { db, concurrency, onError, newId = randomUUID } = options
  const id = newId()

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

/** On PGlite every row is of a process that died: this one holds the directory alone. */
async function forgetTheDead({ kind, sql: tables }: Database): Promise<void> {
  const longAgo = sql<boolean>`seen_at < now() - interval '1 hour'`
  await tables
    .deleteFrom('workers')
    .$if(kind === 'postgres', (query) => query.where(longAgo))
    .execute()
}
