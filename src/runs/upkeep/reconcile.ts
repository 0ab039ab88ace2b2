import type { Transaction } from 'kysely'
import { type RawBuilder, sql } from 'kysely'
import { fromKysely, type PgBoss } from 'pg-boss'
import type { Database } from '../../db/database.ts'
import type { Schema } from '../../db/schema.ts'
import { DELIVERY, RUN } from '../queue/start-boss.ts'

/** How many places of each kind disagreed and were corrected. */
export interface Reconciled {
  /** Runs that should have been in the queue. */
  readonly runsQueuedAgain: number
  /** Queue entries of runs that have ended or do not exist. */
  readonly entriesCancelled: number
  /** Accepted webhooks that should have been in the queue. */
  readonly deliveriesQueuedAgain: number
}

export interface ReconcileDeps {
  readonly db: Database
  readonly boss: Pick<PgBoss, 'cancel' | 'deleteJob'>
  /** Both work as in `RunQueue`. */
  readonly enqueueRun: (tx: Transaction<Schema>, runId: string) => Promise<void>
  readonly enqueueDeliveries: (tx: Transaction<Schema>, deliveryIds: readonly string[]) => Promise<void>
}

/** Anything younger than this may still be in progress. */
const SETTLED = sql`now() - interval '30 seconds'`
const DELIVERY_LATE = sql`now() - interval '2 minutes'`
/** GitHub redelivers for this long. After that no person waits for an answer. */
const DELIVERY_LOST = sql`now() - interval '3 days'`
const AT_ONCE = 200

/**
 * Finds and corrects places where the stored runs and the queue disagree: after a crash between two writes, after
 * pg-boss gave up an entry, or after a restore, since a backup has no queue. Safe to run twice at once.
 */
export async function reconcile(deps: ReconcileDeps): Promise<Reconciled> {
  return {
    runsQueuedAgain: await queueRunsAgain(deps),
    entriesCancelled: await cancelEntries(deps),
    deliveriesQueuedAgain: await queueDeliveriesAgain(deps),
  }
}

function liveEntry(queue: string, condition: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`exists (
    select from pgboss.job entry
    where entry.name = ${queue} and entry.state in ('created', 'retry', 'active') and ${condition})`
}

async function queueRunsAgain({ db, boss, enqueueRun }: ReconcileDeps): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    select id from runs
    where (status = 'running' or (status = 'queued' and admitted_at is not null))
      and created_at < ${SETTLED}
      and not ${liveEntry(RUN, sql`entry.id = runs.id::uuid`)}
    order by ordinal limit ${AT_ONCE}`.execute(db.sql)
  for (const { id } of rows) {
    await db.sql.transaction().execute(async (tx) => {
      // A finished entry keeps its id, and pg-boss ignores a new entry with an id that exists.
      await boss.deleteJob(RUN, id, { db: fromKysely(tx) })
      await enqueueRun(tx, id)
    })
  }
  return rows.length
}

async function cancelEntries({ db, boss }: ReconcileDeps): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    select entry.id::text as id from pgboss.job entry
    left join runs run on run.id = entry.id::text
    where entry.name = ${RUN} and entry.state in ('created', 'retry', 'active')
      and entry.created_on < ${SETTLED} and (run.id is null or run.finished_at < ${SETTLED})
    limit ${AT_ONCE}`.execute(db.sql)
  if (rows.length > 0) {
    await boss.cancel(
      RUN,
      rows.map((row) => row.id),
    )
  }
  return rows.length
}

async function queueDeliveriesAgain({ db, enqueueDeliveries }: ReconcileDeps): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    select id from deliveries
    where handled_at is null and received_at between ${DELIVERY_LOST} and ${DELIVERY_LATE}
      and not ${liveEntry(DELIVERY, sql`entry.data ->> 'deliveryId' = deliveries.id`)}
    order by received_at limit ${AT_ONCE}`.execute(db.sql)
  if (rows.length > 0) {
    const ids = rows.map(({ id }) => id)
    await db.sql.transaction().execute((tx) => enqueueDeliveries(tx, ids))
  }
  return rows.length
}
