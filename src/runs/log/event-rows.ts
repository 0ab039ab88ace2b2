import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { AuditFact } from '../../audit/audit-entry.ts'
import type { Schema } from '../../db/schema.ts'
import { endingOf } from '../ending.ts'
import { isTerminalEvent, type RunEvent, type RunEventBody } from '../run-event.ts'
import { endedWith } from '../stats/run-facts.ts'
import { refusal, WriteRefused } from '../store/write-refused.ts'
import { knownEvent } from './known-event.ts'

/** Channel on which the id of each run with new events is sent. */
export const EVENTS_CHANNEL = 'backspace_events'

export interface NewEvents {
  readonly runId: string
  readonly attempt: number
  /** At least one; only the last may be terminal. */
  readonly events: readonly { readonly at: Date; readonly body: RunEventBody }[]
  /** Names this write, so that a repeat under the same name changes nothing and returns the same events. */
  readonly batch?: string | undefined
}

/**
 * Numbers events and writes them in one statement, so that either all of them are stored or none. The run's row is the
 * lock: no two writers get the same numbers. A terminal event ends the run in the same statement, which gives the row
 * its status, its time and the event's body. So no reader ever sees the event without the end, or the end without the
 * event.
 *
 * @throws {WriteRefused} when `attempt` no longer holds the run, or the run has ended.
 */
export async function insertEvents(db: Kysely<Schema>, input: NewEvents): Promise<readonly RunEvent[]> {
  const { runId, attempt, events, batch = null } = input
  const bodies = events.map((event) => JSON.stringify(event.body))
  const end = endOf(events, bodies)
  const { rows } = await sql<{ last_seq: number }>`
    with run as (
      update runs set last_seq = last_seq + ${events.length}::int, last_batch = ${batch}::text,
        status = coalesce(${end?.status}::text, status),
        result = coalesce(${end?.body}::json, result),
        cost_usd = coalesce(${end?.costUsd}::double precision, cost_usd),
        finished_at = coalesce(${end?.at}::timestamptz, finished_at)
      where id = ${runId} and attempt = ${attempt}::int and not released and status in ('queued', 'running')
        and (${batch}::text is null or last_batch is distinct from ${batch}::text)
      returning last_seq, id, started_at, finished_at, progress
    ), written as (
      insert into run_events (run_id, seq, attempt, type, at, body)
      select ${runId}, run.last_seq - ${events.length}::int + event.position, ${attempt}::int,
        event.type, event.at::timestamptz, event.body::json
      from run, unnest(
        ${events.map((event) => event.body.type)}::text[],
        ${events.map((event) => event.at.toISOString())}::text[],
        ${bodies}::text[]
      ) with ordinality as event (type, at, body, position)
    )${auditedWith(runId, events)}${summedUpWith(events)}
    select run.last_seq, pg_notify(${EVENTS_CHANNEL}, ${runId}) from run`.execute(db)
  const lastSeq = rows[0]?.last_seq ?? (await writtenBefore(db, input))
  return events.map((event, index) => ({
    // The stored JSON is parsed again, so that listeners see exactly what readers get.
    ...(JSON.parse(bodies[index] ?? '{}') as RunEventBody),
    runId,
    seq: lastSeq - events.length + index + 1,
    at: event.at.toISOString(),
  }))
}

interface RunEnd {
  readonly status: string
  /** The terminal event's body, character for character. */
  readonly body: string
  readonly costUsd: number | null
  readonly at: string
}

/** What these events write into the run's row if they end the run; undefined if they do not. */
function endOf(events: NewEvents['events'], bodies: readonly string[]): RunEnd | undefined {
  const last = events.at(-1)
  if (last === undefined || !isTerminalEvent(last.body)) return undefined
  const { status, totals } = endingOf(last.body)
  return { status, body: bodies.at(-1) ?? '', costUsd: totals.costUsd, at: last.at.toISOString() }
}

/**
 * How many characters of events one query reads: an event may have hundreds of thousands, and all are parsed in one go.
 * Each position gets at least one event.
 */
const PAGE_CHARACTERS = 1024 * 1024

/** The events after `afterSeq`, oldest first: at most `limit`, and fewer when they are long. */
export async function selectEvents(
  db: Kysely<Schema>,
  query: ReadPosition & { readonly limit: number },
): Promise<readonly RunEvent[]> {
  const [page] = await selectEventsAfter(db, [query], query.limit)
  return page?.events ?? []
}

/** A run, and the number of the last event that its reader has. */
export interface ReadPosition {
  readonly runId: string
  readonly afterSeq: number
}

/** Equal for equal positions. */
export function positionKey({ runId, afterSeq }: ReadPosition): string {
  return `${afterSeq} ${runId}`
}

/** The events that one query found for a position. */
export interface EventPage {
  readonly events: readonly RunEvent[]
  /** True if the run had no later event when the query ran. */
  readonly isLast: boolean
}

/**
 * A page of events after each position: at most `limit`, and fewer when they are long. Equal positions share one page.
 */
export async function selectEventsAfter(
  db: Kysely<Schema>,
  positions: readonly ReadPosition[],
  limit: number,
): Promise<readonly EventPage[]> {
  const different = new Map(
    positions.map((reader) => [positionKey(reader), { reader, events: [] as RunEvent[], isLast: true }]),
  )
  const asked = [...different.values()]
  const { rows } = await sql<EventRow & { position: string; is_last: boolean }>`
    select position, seq, at, body, is_last from (
      select reader.position, event.seq, event.at, event.body,
        sum(length(event.body::text)) over (partition by reader.position order by event.seq)
          - length(event.body::text) as before,
        lead(event.seq) over (partition by reader.position order by event.seq) is null as is_last
      from unnest(
        ${asked.map(({ reader }) => reader.runId)}::text[],
        ${asked.map(({ reader }) => reader.afterSeq)}::int[]
      ) with ordinality as reader (run_id, after_seq, position)
      cross join lateral (
        select seq, at, body from run_events
        where run_id = reader.run_id and seq > reader.after_seq
        order by seq limit ${limit}::int
      ) event
    ) event
    where before < ${Math.floor(PAGE_CHARACTERS / Math.max(1, asked.length))}::int
    order by position, seq`.execute(db)
  for (const row of rows) {
    const found = asked[Number(row.position) - 1]
    if (!found) continue
    found.events.push(toEvent(found.reader.runId, row))
    found.isLast = row.is_last && found.events.length < limit
  }
  return positions.map((reader) => different.get(positionKey(reader)) ?? { events: [], isLast: true })
}

export interface EventRow {
  readonly seq: number
  readonly at: Date
  readonly body: unknown
}

export function toEvent(runId: string, { seq, at, body }: EventRow): RunEvent {
  return { ...knownEvent(body as RunEventBody), runId, seq, at: at.toISOString() }
}

/**
 * The number of the run's last event, if this very batch wrote it and only the database's answer was lost.
 *
 * @throws {WriteRefused} otherwise.
 */
async function writtenBefore(
  db: Kysely<Schema>,
  { runId, attempt, batch }: Omit<NewEvents, 'events'>,
): Promise<number> {
  const run = await db
    .selectFrom('runs')
    .select(['attempt', 'released', 'last_batch', 'last_seq'])
    .where('id', '=', runId)
    .executeTakeFirst()
  if (run !== undefined && batch !== undefined && run.last_batch === batch) return run.last_seq
  throw new WriteRefused(refusal(run, attempt), runId)
}

/**
 * SQL, part of the statement that stores events: it stores their audit entries, so that neither is ever there without
 * the other. Empty for most events.
 */
function auditedWith(
  runId: string,
  events: readonly { readonly at: Date; readonly body: RunEventBody }[],
): RawBuilder<unknown> {
  const entries = events.flatMap(({ at, body }) => {
    const entry = auditEntryOf(body)
    return entry === undefined ? [] : [{ ...entry, at: at.toISOString() }]
  })
  if (entries.length === 0) return sql``
  return sql`, audited as (
      insert into audit_waiting (at, run_id, actor, kind, facts)
      select entry.at::timestamptz, ${runId}, 'backspace', entry.kind, entry.facts::jsonb
      from run, unnest(
        ${entries.map(({ at }) => at)}::text[],
        ${entries.map(({ kind }) => kind)}::text[],
        ${entries.map(({ facts }) => JSON.stringify(facts))}::text[]
      ) with ordinality as entry (at, kind, facts, position)
      order by entry.position
    )`
}

/**
 * SQL, part of the statement that stores events: the facts for lists and statistics. Empty unless the events end the
 * run.
 */
function summedUpWith(events: NewEvents['events']): RawBuilder<unknown> {
  const last = events.at(-1)?.body
  return last !== undefined && isTerminalEvent(last) ? endedWith(last) : sql``
}

/** The audit entry for an event of a run; undefined for most events. */
function auditEntryOf(body: RunEventBody): AuditFact | undefined {
  if (body.type === 'run.started') return { kind: 'run.started', facts: { attempt: body.attempt } }
  if (!isTerminalEvent(body)) return undefined
  const { status, outcome, code } = endingOf(body)
  return { kind: 'run.ended', facts: { status, reason: code ?? outcome ?? status } }
}
