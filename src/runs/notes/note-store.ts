import type { Kysely, Transaction } from 'kysely'
import type { Database } from '../../db/database.ts'
import { retryDatabase } from '../../db/retry-database.ts'
import type { Schema } from '../../db/schema.ts'
import type { RunRequest } from '../run.ts'

/** What somebody added to a run under way. */
export interface RunNote {
  readonly key: string
  /** Who added it: a GitHub login, or the name of an API token. */
  readonly author: string
  readonly text: string
  /** What it is as a run of its own. */
  readonly request: RunRequest
}

/** Notes that wait for the agent, or for a run of their own. */
export interface NoteStore {
  /** Those of a run that are not in its transcript, oldest first. */
  waiting(runId: string): Promise<readonly RunNote[]>
  /** Those that their run can no longer take, because it has ended; `runId` looks at one run only. */
  leftOver(runId?: string): Promise<readonly LeftOverNote[]>
  /** Forgets a note. */
  drop(key: string): Promise<void>
}

export interface LeftOverNote {
  readonly key: string
  readonly request: RunRequest
  /** True when somebody stopped the run, and with it what was asked of it before. */
  readonly stopped: boolean
}

const READ = { forMs: 10_000 } as const

export function createNoteStore(db: Database): NoteStore {
  return {
    async waiting(runId) {
      const query = db.sql
        .selectFrom('run_notes')
        .select(['key', 'author', 'text', 'request'])
        .where('run_id', '=', runId)
        .where('taken_at', 'is', null)
        .orderBy('ordinal')
      const rows = await retryDatabase(() => query.execute(), READ)
      // `keepNote` is the only writer of the column.
      return rows.map((row) => ({ ...row, request: row.request as RunRequest }))
    },

    async leftOver(runId) {
      let query = db.sql
        .selectFrom('run_notes as note')
        .innerJoin('runs as run', 'run.id', 'note.run_id')
        .select(['note.key', 'note.request', 'run.status'])
        .where('note.taken_at', 'is', null)
        .where('run.finished_at', 'is not', null)
        .orderBy('note.ordinal')
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

/** Where a note is to be added. */
export type NoteTarget = { readonly threadKey: string } | { readonly runId: string }

/**
 * Adds a note to the run of the thread that works at the moment, or to the named run while it has not ended. The run's
 * row is locked, so that a run that ends at the same time either has the note or has refused it.
 *
 * @returns the run that has the note, now or since an earlier call with the same key; undefined when none takes it.
 */
export async function keepNote(
  tx: Transaction<Schema>,
  input: { readonly note: RunNote; readonly target: NoteTarget; readonly at: Date },
): Promise<string | undefined> {
  const { note, target, at } = input
  const { key, author, text, request } = note
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
  const own = followUp(request, { id: run.id, request: run.request as RunRequest })
  await tx
    .insertInto('run_notes')
    .values({ key, run_id: run.id, author, text, request: JSON.stringify(own), created_at: at })
    .execute()
  return run.id
}

/** As a run of its own it goes on from the run that it was meant for, with its options; what is tainted stays so. */
function followUp(
  request: RunRequest,
  run: { readonly id: string; readonly request: RunRequest },
): RunRequest {
  const { options, tainted } = run.request
  return {
    ...request,
    options: { ...options, ...request.options },
    tainted: tainted || request.tainted,
    parentRunId: run.id,
  }
}

/** Inside the transaction that writes the transcript which holds them. */
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
