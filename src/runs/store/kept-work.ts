import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../../db/schema.ts'
import { refuse } from './run-rows.ts'

/**
 * The agent's work so far, from which another sandbox can go on. Its bytes come from a sandbox and are never parsed.
 */
export interface Checkpoint {
  /** The commit that the run started from. */
  readonly baseSha: string
  /** The sandbox that is set up and holds all of the work, as long as it exists. */
  readonly sandboxId: string
  /** The id that git gives, in the sandbox, to the base commit's tree with `patch` applied. */
  readonly tree: string
  /** The output of `git diff --binary` against the base commit. */
  readonly patch: Uint8Array
  /** Git's exclude file. It lists files that setup and checks left behind and that are not part of the change. */
  readonly excludes: Uint8Array
  /** True when the agent has changed more than `patch` contains. */
  readonly behind: boolean
  /** The agent's final report, which this module does not interpret; null while the agent works. */
  readonly work: unknown
}

/** How many bytes of a patch one statement writes or reads. They take the embedded database ten milliseconds. */
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

/** Stores the checkpoint with the first part of its patch. The other parts are stored on their own. */
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
