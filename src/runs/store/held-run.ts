import { type Kysely, sql, type Transaction } from 'kysely'
import type { Schema } from '../../db/schema.ts'
import { BackspaceError } from '../../errors.ts'
import type { Run } from '../run.ts'
import { RUN_COLUMNS, toRun } from './run-row.ts'
import { refusal, WriteRefused } from './write-refused.ts'

/**
 * Asks whether `attempt` may begin something outside that cannot be undone.
 *
 * @throws {WriteRefused} when it no longer holds the run.
 * @throws {BackspaceError} `cancelled` when somebody asked the run to stop, with the words that its signal will have.
 */
export async function requireHeld(db: Kysely<Schema>, id: string, attempt: number): Promise<void> {
  const run = await selectHold(db, id).select('cancel_reason').executeTakeFirst()
  if (run?.attempt !== attempt || run.released || run.log_closed) {
    throw new WriteRefused(refusal(run, attempt), id)
  }
  if (run.cancel_reason !== null) throw new BackspaceError('cancelled', run.cancel_reason)
}

/**
 * Inside a transaction that writes to the run: nobody takes it away before that is committed.
 *
 * @throws {WriteRefused} when `attempt` no longer holds the run.
 */
export async function lockHeld(tx: Transaction<Schema>, id: string, attempt: number): Promise<void> {
  const run = await selectHold(tx, id).forShare().executeTakeFirst()
  if (run?.attempt !== attempt || run.released) throw new WriteRefused(refusal(run, attempt), id)
}

/**
 * After a fenced statement that touched no row.
 *
 * @throws {WriteRefused} always.
 */
export async function refuse(db: Kysely<Schema>, id: string, attempt: number): Promise<never> {
  const run = await selectHold(db, id).executeTakeFirst()
  throw new WriteRefused(refusal(run, attempt), id)
}

/** Who holds a run, as far as `refusal` needs it. */
function selectHold(db: Kysely<Schema>, id: string) {
  return db.selectFrom('runs').select(['attempt', 'released', 'log_closed']).where('id', '=', id)
}

export interface SeizedRun {
  readonly run: Run
  /** True when the terminal event was written but not the end itself. */
  readonly logClosed: boolean
  readonly cancelReason: string
}

/**
 * Takes a run that somebody asked to stop away from whoever holds it: every attempt so far is stale from now on.
 *
 * @returns undefined when it is not running, or nobody asked.
 */
export async function seizeRun(db: Kysely<Schema>, id: string): Promise<SeizedRun | undefined> {
  const row = await db
    .updateTable('runs')
    .set({ attempt: sql<number>`attempt + 1`, released: false })
    .where('id', '=', id)
    .where('status', '=', 'running')
    .where('cancel_reason', 'is not', null)
    .returning([...RUN_COLUMNS, 'log_closed', 'cancel_reason'])
    .executeTakeFirst()
  return row && { run: toRun(row), logClosed: row.log_closed, cancelReason: row.cancel_reason ?? '' }
}
