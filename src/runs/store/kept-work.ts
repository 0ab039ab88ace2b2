import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../../db/schema.ts'
import { markTaken } from '../follow-ups/follow-up-store.ts'
import { lockHeld, refuse } from './run-rows.ts'

/** A stored transcript: append-only, each entry byte for byte as it was. Only the agent reads the entries. */
export interface StoredTranscript {
  readonly system: string
  readonly entries: readonly unknown[]
}

/**
 * Adds the entries that are not stored yet. A transcript that is shorter than the stored one, or starts with another
 * system text, replaces it. The same transaction marks the follow-ups that it contains, so that none is lost or repeated.
 *
 * @throws {WriteRefused} when `attempt` no longer holds the run.
 */
export async function saveTranscript(
  db: Kysely<Schema>,
  input: {
    readonly runId: string
    readonly attempt: number
    readonly transcript: StoredTranscript
    /** Keys of follow-ups that the transcript contains. */
    readonly taken: readonly string[]
    /** How many entries the caller believes to be stored. If that is right, one statement suffices. */
    readonly known: number
    readonly at: Date
  },
): Promise<void> {
  const { runId, attempt, transcript, taken, at } = input
  if (await addEntries(db, input)) return
  await db.transaction().execute(async (tx) => {
    await lockHeld(tx, runId, attempt)

    let kept = await keptEntries(tx, runId, transcript.system)
    if (kept === undefined || kept > transcript.entries.length) {
      await tx.deleteFrom('transcripts').where('run_id', '=', runId).execute()
      await tx.insertInto('transcripts').values({ run_id: runId, system: transcript.system }).execute()
      kept = 0
    }
    const added = transcript.entries.slice(kept).map((entry) => JSON.stringify(entry))
    await sql`
      insert into transcript_entries (run_id, position, entry)
      select ${runId}, ${kept}::int + entry.position, entry.text::json
      from unnest(${added}::text[]) with ordinality as entry (text, position)`.execute(tx)
    await markTaken(tx, { runId, keys: taken, at })
  })
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
  const rows = await db
    .selectFrom('transcript_entries')
    .select('entry')
    .where('run_id', '=', runId)
    .orderBy('position')
    .execute()
  return { system: transcript.system, entries: rows.map((row) => row.entry) }
}

/** @returns false, having done nothing, unless `attempt` holds the run and exactly the first `known` entries are stored. */
async function addEntries(
  db: Kysely<Schema>,
  { runId, attempt, transcript, taken, known, at }: Parameters<typeof saveTranscript>[1],
): Promise<boolean> {
  const added = transcript.entries.slice(known).map((entry) => JSON.stringify(entry))
  if (known === 0 || added.length === 0) return false
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
      from kept, unnest(${added}::text[]) with ordinality as entry (text, position)
      returning position
    ), taken as (
      update run_notes set taken_at = ${at.toISOString()}::timestamptz
      where run_id = ${runId} and key = any(${taken}::text[]) and exists (select from kept)
    )
    select count(*)::int as count from added`.execute(db)
  return rows[0]?.count === added.length
}

/** Undefined when nothing is stored, or another conversation is. */
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

/** The agent's work so far, from which another sandbox can continue. Its bytes come from a sandbox and are never parsed. */
export interface Checkpoint {
  /** The commit that the run starts from. */
  readonly baseSha: string
  /** The sandbox that holds all of the work, set up, while it exists. */
  readonly sandboxId: string
  /** Git's id, in the sandbox, of the base commit's tree with `patch` applied. */
  readonly tree: string
  /** `git diff --binary` against the base commit. */
  readonly patch: Uint8Array
  /** Git's exclude file: files that setup and checks left behind, which are not part of the change. */
  readonly excludes: Uint8Array
  /** True when the agent has changed more than `patch` holds. */
  readonly behind: boolean
  /** The agent's final report, opaque here; null while it works. */
  readonly work: unknown
}

/** Bytes of a patch that one statement writes or reads: the embedded database takes ten milliseconds for it. */
const PART = 512 * 1024

/**
 * Replaces the run's checkpoint.
 *
 * @throws {WriteRefused} when `attempt` no longer holds the run.
 */
export async function saveCheckpoint(db: Kysely<Schema>, input: NewCheckpoint): Promise<void> {
  const { runId } = input
  const { patch } = input.checkpoint
  if (patch.length <= PART) return writeCheckpoint(db, input)
  await db.transaction().execute(async (tx) => {
    await writeCheckpoint(tx, input)
    for (let position = 1; position * PART < patch.length; position++) {
      await nextTurn()
      const bytes = patch.slice(position * PART, (position + 1) * PART)
      await tx.insertInto('checkpoint_parts').values({ run_id: runId, position, bytes }).execute()
    }
  })
}

interface NewCheckpoint {
  readonly runId: string
  readonly attempt: number
  readonly checkpoint: Checkpoint
  readonly at: Date
}

/** With the first part of its patch, and without the others. */
async function writeCheckpoint(
  db: Kysely<Schema>,
  { runId, attempt, checkpoint, at }: NewCheckpoint,
): Promise<void> {
  const { baseSha, sandboxId, tree, patch, excludes, behind, work } = checkpoint
  const { rows } = await sql`
    with held as (
      select id from runs where id = ${runId} and attempt = ${attempt}::int and not released for share
    ), gone as (
      delete from checkpoint_parts where run_id = (select id from held)
    )
    insert into checkpoints (run_id, attempt, base_sha, sandbox_id, tree, patch, excludes, behind, work, at)
    select id, ${attempt}::int, ${baseSha}, ${sandboxId}, ${tree}, ${patch.slice(0, PART)}::bytea,
      ${excludes}::bytea, ${behind}::boolean, ${work === null ? null : JSON.stringify(work)}::json,
      ${at.toISOString()}::timestamptz
    from held
    on conflict (run_id) do update set
      attempt = excluded.attempt, base_sha = excluded.base_sha, sandbox_id = excluded.sandbox_id,
      tree = excluded.tree, patch = excluded.patch, excludes = excluded.excludes, behind = excluded.behind,
      work = excluded.work, at = excluded.at
    returning run_id`.execute(db)
  if (rows.length === 0) await refuse(db, runId, attempt)
}

export async function loadCheckpoint(db: Kysely<Schema>, runId: string): Promise<Checkpoint | undefined> {
  const row = await db
    .selectFrom('checkpoints')
    .select(['base_sha', 'sandbox_id', 'tree', 'patch', 'excludes', 'behind', 'work'])
    .select(({ selectFrom }) =>
      selectFrom('checkpoint_parts')
        .select(sql<number>`count(*)::int`.as('count'))
        .where('run_id', '=', runId)
        .as('parts'),
    )
    .where('run_id', '=', runId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const patch = [row.patch]
  for (let position = 1; position <= (row.parts ?? 0); position++) {
    await nextTurn()
    patch.push((await loadPart(db, runId, position)) ?? new Uint8Array())
  }
  const { tree, excludes, behind, work } = row
  return {
    baseSha: row.base_sha,
    sandboxId: row.sandbox_id,
    tree,
    patch: patch.length === 1 ? row.patch : Buffer.concat(patch),
    excludes,
    behind,
    work,
  }
}

async function loadPart(
  db: Kysely<Schema>,
  runId: string,
  position: number,
): Promise<Uint8Array | undefined> {
  const row = await db
    .selectFrom('checkpoint_parts')
    .select('bytes')
    .where('run_id', '=', runId)
    .where('position', '=', position)
    .executeTakeFirst()
  return row?.bytes
}
