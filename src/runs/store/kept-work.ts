import { type Kysely, sql } from 'kysely'
import type { Schema } from '../../db/schema.ts'
import { markTaken } from '../notes/note-store.ts'
import { lockHeld, refuse } from './run-rows.ts'

/** A transcript as it is kept: append-only, each entry byte for byte as it was. The agent knows what is in them. */
export interface StoredTranscript {
  readonly system: string
  readonly entries: readonly unknown[]
}

/**
 * Adds the entries that are not kept yet. A transcript that is shorter than what is kept, or begins with another
 * system text, replaces it. The notes that it has taken in are marked so with it: they are neither lost nor told twice.
 *
 * @throws {WriteRefused} when `attempt` no longer holds the run.
 */
export async function saveTranscript(
  db: Kysely<Schema>,
  input: {
    readonly runId: string
    readonly attempt: number
    readonly transcript: StoredTranscript
    /** Keys of notes. */
    readonly taken: readonly string[]
    /** How many entries the caller believes to be kept. Right, and one statement does; wrong, and it is looked up. */
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

/** @returns false, with nothing done, unless what is kept is the transcript's first `known` entries and `attempt` holds the run. */
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

/** Undefined when nothing is kept, or another conversation is. */
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

/** What an attempt has got so far, to go on from in another sandbox. Its bytes come from a sandbox: never looked into. */
export interface Checkpoint {
  /** The commit that the run starts from. */
  readonly baseSha: string
  /** The sandbox that holds all of it, prepared, for as long as it lives. */
  readonly sandboxId: string
  /** Git's id of the tree that `patch` makes of the base commit, as the sandbox says. */
  readonly tree: string
  /** `git diff --binary` against the base commit. */
  readonly patch: Uint8Array
  /** Git's exclude file: what setup and checks left behind, and is no change. */
  readonly excludes: Uint8Array
  /** True when more was changed than `patch` holds. */
  readonly behind: boolean
  /** What the agent said at its end, opaque here; null while it has not ended. */
  readonly work: unknown
}

/**
 * Replaces the run's checkpoint.
 *
 * @throws {WriteRefused} when `attempt` no longer holds the run.
 */
export async function saveCheckpoint(
  db: Kysely<Schema>,
  input: {
    readonly runId: string
    readonly attempt: number
    readonly checkpoint: Checkpoint
    readonly at: Date
  },
): Promise<void> {
  const { runId, attempt, checkpoint, at } = input
  const { baseSha, sandboxId, tree, patch, excludes, behind, work } = checkpoint
  const { rows } = await sql`
    with held as (
      select id from runs where id = ${runId} and attempt = ${attempt}::int and not released for share
    )
    insert into checkpoints (run_id, attempt, base_sha, sandbox_id, tree, patch, excludes, behind, work, at)
    select id, ${attempt}::int, ${baseSha}, ${sandboxId}, ${tree}, ${patch}::bytea, ${excludes}::bytea,
      ${behind}::boolean, ${work === null ? null : JSON.stringify(work)}::json, ${at.toISOString()}::timestamptz
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
    .where('run_id', '=', runId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { tree, patch, excludes, behind, work } = row
  return { baseSha: row.base_sha, sandboxId: row.sandbox_id, tree, patch, excludes, behind, work }
}
