import { type Kysely, sql } from 'kysely'
import type { Schema } from '../../db/schema.ts'
import { refuse } from './held-run.ts'

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
