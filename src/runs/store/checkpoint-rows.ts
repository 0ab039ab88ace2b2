import type { Kysely } from 'kysely'
import type { Schema } from '../../db/schema.ts'
import { lockHeld } from './held-run.ts'

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
  const values = {
    ...{ attempt, base_sha: baseSha, sandbox_id: sandboxId, tree, patch, excludes, behind, at },
    work: work === null ? null : JSON.stringify(work),
  }
  await db.transaction().execute(async (tx) => {
    await lockHeld(tx, runId, attempt)
    await tx
      .insertInto('checkpoints')
      .values({ run_id: runId, ...values })
      .onConflict((conflict) => conflict.column('run_id').doUpdateSet(values))
      .execute()
  })
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
