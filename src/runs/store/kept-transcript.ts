import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Schema } from '../../db/schema.ts'
import { breathe } from '../../time/breathe.ts'
import { markTaken } from '../follow-ups/follow-up-store.ts'
import { lockHeld } from './run-rows.ts'

/** A stored transcript. It only grows, and each entry is kept byte for byte. Only the agent reads the entries. */
export interface StoredTranscript {
  readonly system: string
  readonly entries: readonly unknown[]
}

interface SaveTranscript {
  readonly runId: string
  readonly attempt: number
  readonly transcript: StoredTranscript
  /** Keys of the follow-ups that the transcript contains. */
  readonly taken: readonly string[]
  /** How many entries the caller believes to be stored. If that is right, one statement is enough. */
  readonly known: number
  readonly at: Date
}

/** One entry as it is stored. */
interface NewEntry {
  /** 1 for the first entry. */
  readonly position: number
  readonly json: string
}

/**
 * How many characters of entries one statement writes or reads. The embedded database does nothing else meanwhile:
 * 20,000 characters take it a millisecond, and a message of a model may have millions.
 */
const MOST_AT_ONCE = 128 * 1024
/** How many bytes of a longer entry one statement writes or reads. */
const PART = 256 * 1024

/**
 * Adds the entries that are not stored yet. If the transcript is shorter than the stored one, or has another system
 * text, it replaces the stored one. The same transaction marks the follow-ups in it as read, so that none is lost or
 * repeated.
 *
 * @throws {WriteRefused} when `attempt` no longer holds the run.
 */
export async function saveTranscript(db: Kysely<Schema>, input: SaveTranscript): Promise<void> {
  const { runId, attempt, transcript, taken, known, at } = input
  const added = await written(transcript, known)
  if (await addEntries(db, input, added)) return
  await db.transaction().execute(async (tx) => {
    await lockHeld(tx, runId, attempt)

    let kept = await keptEntries(tx, runId, transcript.system)
    if (kept === undefined || kept > transcript.entries.length) {
      await tx.deleteFrom('transcripts').where('run_id', '=', runId).execute()
      await tx.insertInto('transcripts').values({ run_id: runId, system: transcript.system }).execute()
      kept = 0
    }
    await insertEntries(tx, runId, kept === known ? added : await written(transcript, kept))
    await markTaken(tx, { runId, keys: taken, at })
  })
}

/** The entries from index `from` on as JSON. */
async function written({ entries }: StoredTranscript, from: number): Promise<readonly NewEntry[]> {
  const added: NewEntry[] = []
  for (const [index, entry] of entries.slice(from).entries()) {
    const json = JSON.stringify(entry)
    added.push({ position: from + index + 1, json })
    await breathe()
  }
  return added
}

/**
 * Adds a few short entries in one statement.
 *
 * @returns false, having changed nothing, if `attempt` does not hold the run, if the stored entries are not exactly the
 * first `known` ones, or if the new ones are many or long.
 */
async function addEntries(
  db: Kysely<Schema>,
  { runId, attempt, transcript, taken, known, at }: SaveTranscript,
  added: readonly NewEntry[],
): Promise<boolean> {
  const size = added.reduce((sum, { json }) => sum + json.length, 0)
  if (known === 0 || added.length === 0 || size > MOST_AT_ONCE) return false
  const { rows } = await sql<{ count: number }>`
    with held as (
      select id from runs where id = ${runId} and attempt = ${attempt}::int and not released for share
    ), kept as (
      select held.id from held join transcripts on run_id = held.id
      where system = ${transcript.system}
        and (select max(position) from transcript_entries where run_id = ${runId}) = ${known}::int
    ), added as (
      insert into transcript_entries (run_id, position, entry)
      select kept.id, ${known}::int + entry.position, entry.text::json
      from kept, unnest(${added.map(({ json }) => json)}::text[]) with ordinality as entry (text, position)
      returning position
    ), taken as (
      update run_notes set taken_at = ${at.toISOString()}::timestamptz
      where run_id = ${runId} and key = any(${taken}::text[]) and exists (select from kept)
    )
    select count(*)::int as count from added`.execute(db)
  return rows[0]?.count === added.length
}

/** Splits the entries over several statements, so that none of these takes long. */
async function insertEntries(
  tx: Transaction<Schema>,
  runId: string,
  added: readonly NewEntry[],
): Promise<void> {
  let some: NewEntry[] = []
  let size = 0
  for (const entry of added) {
    const { length } = entry.json
    if (some.length > 0 && size + length > MOST_AT_ONCE) {
      await insertSome(tx, runId, some)
      some = []
      size = 0
    }
    if (length > MOST_AT_ONCE) await insertInParts(tx, runId, entry)
    else {
      some.push(entry)
      size += length
    }
  }
  await insertSome(tx, runId, some)
}

async function insertSome(
  tx: Transaction<Schema>,
  runId: string,
  entries: readonly NewEntry[],
): Promise<void> {
  if (entries.length === 0) return
  await nextTurn()
  await sql`
    insert into transcript_entries (run_id, position, entry)
    select ${runId}, entry.position, entry.text::json
    from unnest(
      ${entries.map(({ position }) => position)}::int[], ${entries.map(({ json }) => json)}::text[]
    ) as entry (position, text)`.execute(tx)
}

/**
 * Stores a long entry in parts. The entry's own row says null, which no entry is. The JSON is cut as bytes, since a cut
 * in a string could halve a character.
 */
async function insertInParts(
  tx: Transaction<Schema>,
  runId: string,
  { position, json }: NewEntry,
): Promise<void> {
  await insertSome(tx, runId, [{ position, json: 'null' }])
  const bytes = Buffer.from(json)
  for (let part = 0; part * PART < bytes.length; part++) {
    await nextTurn()
    const piece = bytes.subarray(part * PART, (part + 1) * PART)
    await tx.insertInto('transcript_parts').values({ run_id: runId, position, part, bytes: piece }).execute()
  }
}

/** How many entries are stored; undefined when there are none, or they have another system text. */
async function keptEntries(db: Kysely<Schema>, runId: string, system: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('transcripts')
    .select((eb) => [
      'system',
      eb
        .selectFrom('transcript_entries')
        .select(sql<number>`count(*)::int`.as('count'))
        .where('run_id', '=', runId)
        .as('count'),
    ])
    .where('run_id', '=', runId)
    .executeTakeFirst()
  return row?.system === system ? (row.count ?? 0) : undefined
}

export async function loadTranscript(
  db: Kysely<Schema>,
  runId: string,
): Promise<StoredTranscript | undefined> {
  const transcript = await db
    .selectFrom('transcripts')
    .select('system')
    .where('run_id', '=', runId)
    .executeTakeFirst()
  if (transcript === undefined) return undefined
  const entries: unknown[] = []
  for (let after = -1; ; ) {
    await nextTurn()
    const rows = await entriesAfter(db, runId, after)
    for (const { position, entry } of rows) {
      entries.push(entry === null ? await loadInParts(db, runId, position) : entry)
    }
    const last = rows.at(-1)
    if (last === undefined) return { system: transcript.system, entries }
    after = last.position
  }
}

/** The entries that follow a position: as many as one statement may read, and at least one if there is any. */
async function entriesAfter(
  db: Kysely<Schema>,
  runId: string,
  after: number,
): Promise<readonly { readonly position: number; readonly entry: unknown }[]> {
  const { rows } = await sql<{ position: number; entry: unknown }>`
    select position, entry from (
      select position, entry,
        sum(length(entry::text)) over (order by position) - length(entry::text) as before
      from (
        select position, entry from transcript_entries
        where run_id = ${runId} and position > ${after}::int order by position limit 100
      ) next
    ) measured
    where before < ${MOST_AT_ONCE}::int
    order by position`.execute(db)
  return rows
}

async function loadInParts(db: Kysely<Schema>, runId: string, position: number): Promise<unknown> {
  const parts: Uint8Array[] = []
  for (;;) {
    await nextTurn()
    const row = await db
      .selectFrom('transcript_parts')
      .select('bytes')
      .where('run_id', '=', runId)
      .where('position', '=', position)
      .where('part', '=', parts.length)
      .executeTakeFirst()
    if (row === undefined) return JSON.parse(Buffer.concat(parts).toString())
    parts.push(row.bytes)
  }
}
