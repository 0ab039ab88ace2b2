import { setTimeout as delay } from 'node:timers/promises'
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../db/database.ts'

/** How long things are kept, in days. */
export interface Retention {
  /** For the events, transcript and checkpoint of an ended run. Its first and its last event stay. */
  readonly eventsDays: number
  /** For ended runs, with everything that belongs to them, and for what became of their pull requests. */
  readonly runsDays: number
  /** For webhooks. */
  readonly deliveriesDays: number
}

export interface PruneOptions {
  readonly db: Database
  readonly retention: Retention
  /** Stops the deletion between two statements. */
  readonly signal: AbortSignal
  /** Milliseconds to wait after each statement; default 50. */
  readonly pauseMs?: number | undefined
}

const RUNS_AT_ONCE = 50
const ROWS_AT_ONCE = 500

/**
 * Deletes what is past its retention, in small statements, so that no other query waits for long. A run's age counts
 * from its end. After a stop, the next call goes on where this one stopped.
 */
export async function prune(options: PruneOptions): Promise<void> {
  const { eventsDays, runsDays, deliveriesDays } = options.retention
  await pruneEvents(options, Math.min(eventsDays, runsDays))
  await repeat(
    options,
    sql`delete from runs where id in (
      select id from runs where finished_at < ${daysAgo(runsDays)} and events_pruned
      order by finished_at limit ${RUNS_AT_ONCE})`,
  )
  await repeat(
    options,
    sql`delete from pull_request_outcomes where (ref, number) in (
      select ref, number from pull_request_outcomes where opened_at < ${daysAgo(runsDays)} limit ${ROWS_AT_ONCE})`,
  )
  await repeat(
    options,
    sql`delete from run_repositories where requested_at < ${daysAgo(runsDays)} and ref in (
      select ref from run_repositories repository where requested_at < ${daysAgo(runsDays)}
        and not exists (select from run_facts where run_facts.ref = repository.ref)
        and not exists (select from pull_request_outcomes where pull_request_outcomes.ref = repository.ref)
      limit ${ROWS_AT_ONCE})`,
  )
  await repeat(
    options,
    sql`delete from deliveries where id in (
      select id from deliveries where received_at < ${daysAgo(deliveriesDays)} limit ${ROWS_AT_ONCE})`,
  )
}

async function pruneEvents(options: PruneOptions, days: number): Promise<void> {
  const { db, signal } = options
  while (!signal.aborted) {
    const { rows } = await sql<{ id: string }>`
      select id from runs where finished_at < ${daysAgo(days)} and not events_pruned
      order by finished_at limit ${RUNS_AT_ONCE}`.execute(db.sql)
    if (rows.length === 0) return
    for (const { id } of rows) {
      await pruneRun(options, id)
      if (signal.aborted) return
    }
  }
}

async function pruneRun(options: PruneOptions, id: string): Promise<void> {
  const { db, signal } = options
  await repeat(
    options,
    sql`delete from run_events where run_id = ${id} and seq in (
      select seq from run_events
      where run_id = ${id} and seq > 1 and seq < (select last_seq from runs where id = ${id})
      limit ${ROWS_AT_ONCE})`,
  )
  await repeat(
    options,
    sql`delete from transcript_entries where run_id = ${id} and position in (
      select position from transcript_entries where run_id = ${id} limit ${ROWS_AT_ONCE})`,
  )
  if (signal.aborted) return
  await db.sql.deleteFrom('transcripts').where('run_id', '=', id).execute()
  await db.sql.deleteFrom('checkpoints').where('run_id', '=', id).execute()
  await db.sql.updateTable('runs').set({ events_pruned: true }).where('id', '=', id).execute()
}

async function repeat(
  { db, signal, pauseMs = 50 }: PruneOptions,
  statement: RawBuilder<unknown>,
): Promise<void> {
  while (!signal.aborted) {
    const { numAffectedRows = 0n } = await statement.execute(db.sql)
    if (numAffectedRows === 0n) return
    await delay(pauseMs, undefined, { signal }).catch(() => {})
  }
}

function daysAgo(days: number): RawBuilder<Date> {
  return sql<Date>`now() - ${days}::int * interval '1 day'`
}
