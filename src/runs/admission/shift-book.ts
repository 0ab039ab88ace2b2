import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { runsMayStart } from '../pause/operator-pause.ts'
import { DELIVERY, RUN } from '../queue/start-boss.ts'
import { isAlive } from './worker-beat.ts'

/** Counts the workers that may live only for minutes at a time, and says whether there is work to start one for. */
export interface ShiftBook {
  /**
   * Reserves a place for a worker with this id, which then renews it. A worker that never starts loses its place after
   * 15 seconds.
   *
   * @returns false if `most` workers of any kind are alive already.
   */
  claim(id: string, most: number): Promise<boolean>
  leave(id: string): Promise<void>
  lookForWork(): Promise<WorkLeft>
}

export interface WorkLeft {
  /** A webhook or an admitted run waits for a worker, or the worker that holds it is silent. */
  readonly due: boolean
  /** A run waits to be admitted. A limit may keep it waiting for hours. */
  readonly queued: boolean
}

/** One process claims a place at a time. No other lock uses this number. */
const BOOK_LOCK = 7_002_002
/** A worker that is silent for this long may be dead: it renews its queue entry every two seconds. */
const SILENT_SECONDS = 5
/**
 * A queue entry that was given back becomes free after a second, so entries that start within this time count as due.
 */
const SOON_SECONDS = 3

export function createShiftBook(db: Database): ShiftBook {
  return {
    claim: (id, most) =>
      db.sql.transaction().execute(async (tx) => {
        await sql`select pg_advisory_xact_lock(${BOOK_LOCK})`.execute(tx)
        const { numAffectedRows = 0n } = await sql`
          insert into workers (id, concurrency, started_at, seen_at)
          select ${id}, 1, now(), now()
          where (select count(*) from workers where ${isAlive()}) < ${most}::int`.execute(tx)
        return numAffectedRows > 0n
      }),

    async leave(id) {
      await db.sql.deleteFrom('workers').where('id', '=', id).execute()
    },

    async lookForWork() {
      const { rows } = await sql<WorkLeft>`
        with entry as (
          select name, state from pgboss.job
          where name in (${RUN}, ${DELIVERY})
            and (state in ('created', 'retry') and start_after < now() + ${SOON_SECONDS} * interval '1 second'
              or state = 'active' and coalesce(heartbeat_on, started_on) < now() - ${SILENT_SECONDS} * interval '1 second')
        )
        select exists (select from entry where name = ${DELIVERY} or ${runsMayStart()}) as due,
          exists (
            select from runs where admitted_at is null and status = 'queued' and ${runsMayStart()}
          ) as queued`.execute(db.sql)
      return rows[0] ?? { due: false, queued: false }
    },
  }
}
