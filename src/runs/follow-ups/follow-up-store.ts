import type { Kysely, Transaction } from 'kysely'
import type { Database } from '../../db/database.ts'
import { retryDatabase } from '../../db/retry-database.ts'
import type { Schema } from '../../db/schema.ts'
import { BackspaceError } from '../../errors.ts'
import { counted } from '../../text/amounts.ts'
import { continueRun } from '../continue-run.ts'
import type { RunRequest } from '../run.ts'
import { hasAgent } from '../settings-request.ts'

/** What a person added to a run while it worked, as it is stored. */
export interface StoredFollowUp {
  readonly key: string
  /** Who added it: a GitHub login, or the name of an API token. */
  readonly author: string
  readonly text: string
  /** The request for a run of its own, in case the follow-up becomes one. */
  readonly request: RunRequest
}

/** Follow-ups that wait for the agent to read them, or to become runs of their own. */
export interface FollowUpStore {
  /** The follow-ups of a run that are not in its transcript, oldest first. */
  waiting(runId: string): Promise<readonly StoredFollowUp[]>
  /** The follow-ups that no agent read before their run ended, of all runs or of `runId`. */
  leftOver(runId?: string): Promise<readonly LeftOverFollowUp[]>
  /** Deletes a follow-up. */
  drop(key: string): Promise<void>
}

export interface LeftOverFollowUp {
  readonly key: string
  readonly request: RunRequest
  /** True when the run was cancelled, which cancels its follow-ups, too. */
  readonly stopped: boolean
}

const READ = { forMs: 10_000 } as const
/** How many follow-ups may wait to be read by one run. */
const MOST_WAITING = 50

export function createFollowUpStore(db: Database): FollowUpStore {
  return {
    async waiting(runId) {
      const query = db.sql
        .selectFrom('run_notes')
        .select(['key', 'author', 'text', 'request'])
        .where('run_id', '=', runId)
        .where('taken_at', 'is', null)
        .orderBy('ordinal')
      const rows = await retryDatabase(() => query.execute(), READ)
      // `keepFollowUp` is the only writer of the column.
      return rows.map((row) => ({ ...row, request: row.request as RunRequest }))
    },

    async leftOver(runId) {
      let query = db.sql
        .selectFrom('run_notes as waiting')
        .innerJoin('runs as run', 'run.id', 'waiting.run_id')
        .select(['waiting.key', 'waiting.request', 'run.status'])
        .where('waiting.taken_at', 'is', null)
        .where('run.finished_at', 'is not', null)
        .orderBy('waiting.ordinal')
        .limit(100)
      if (runId !== undefined) query = query.where('run.id', '=', runId)
      const rows = await query.execute()
      return rows.map(({ key, request, status }) => ({
        key,
        request: request as RunRequest,
        stopped: status === 'cancelled',
      }))
    },

    async drop(key) {
      await db.sql.deleteFrom('run_notes').where('key', '=', key).execute()
    },
  }
}

/** The run that a follow-up is meant for: the running one of a thread, or the one with this id. */
export type FollowUpTarget = { readonly threadKey: string } | { readonly runId: string }

/**
 * Adds a follow-up to the running run of a thread, or to the named run while it has not ended. The run's row is locked,
 * so a run that ends at the same moment has either taken the follow-up or refused it.
 *
 * @returns the run that took the follow-up, in this call or an earlier one with the same key; undefined when no run
 * takes it.
 * @throws {BackspaceError} `rate_limited` when too many follow-ups wait for the run.
 */
export async function keepFollowUp(
  tx: Transaction<Schema>,
  input: { readonly followUp: StoredFollowUp; readonly target: FollowUpTarget; readonly at: Date },
): Promise<string | undefined> {
  const { followUp, target, at } = input
  const { key, author, text, request } = followUp
  const there = await tx.selectFrom('run_notes').select('run_id').where('key', '=', key).executeTakeFirst()
  if (there) return there.run_id
  const open = tx
    .selectFrom('runs')
    .select(['id', 'request'])
    .where('cancel_reason', 'is', null)
    .orderBy('ordinal', 'desc')
    .limit(1)
    .forShare()
  const found =
    'runId' in target
      ? open.where('id', '=', target.runId).where('status', 'in', ['queued', 'running'])
      : open.where('thread_key', '=', target.threadKey).where('status', '=', 'running')
  const run = await found.executeTakeFirst()
  if (!run) return undefined
  const worksOn = run.request as RunRequest
  if (!hasAgent(worksOn)) return undefined
  await refuseTooMany(tx, run.id)
  // If the follow-up becomes a run of its own, it continues the run that it was meant for.
  const own = continueRun({ id: run.id, request: worksOn }, request)
  await tx
    .insertInto('run_notes')
    .values({ key, run_id: run.id, author, text, request: JSON.stringify(own), created_at: at })
    .execute()
  return run.id
}

/** Every follow-up enters the transcript, so a run that is flooded with them would do nothing but read. */
async function refuseTooMany(tx: Transaction<Schema>, runId: string): Promise<void> {
  const waiting = await tx
    .selectFrom('run_notes')
    .select('key')
    .where('run_id', '=', runId)
    .where('taken_at', 'is', null)
    .offset(MOST_WAITING - 1)
    .limit(1)
    .executeTakeFirst()
  if (waiting === undefined) return
  throw new BackspaceError(
    'rate_limited',
    `${counted(MOST_WAITING, 'follow-up')} already wait for this run, which is the limit. Try again when the agent has read them.`,
    { facts: { limit: 'follow_ups', retryAfterSeconds: 60 } },
  )
}

/** Marks follow-ups as read. Call it in the transaction that stores the transcript with their texts. */
export async function markTaken(
  tx: Kysely<Schema>,
  taken: { readonly runId: string; readonly keys: readonly string[]; readonly at: Date },
): Promise<void> {
  const { runId, keys, at } = taken
  if (keys.length === 0) return
  await tx
    .updateTable('run_notes')
    .set({ taken_at: at })
    .where('run_id', '=', runId)
    .where('key', 'in', keys)
    .execute()
}
