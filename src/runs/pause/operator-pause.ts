import { type Kysely, type RawBuilder, sql } from 'kysely'
import { storeAuditEntries } from '../../audit/audit-log.ts'
import type { Database } from '../../db/database.ts'
import type { Schema } from '../../db/schema.ts'
import { BackspaceError } from '../../errors.ts'

/** An order of the operator: until the pause is over, no process claims a run. */
export interface OperatorPause {
  /** Shown to people, in public threads as well. */
  readonly reason: string
  /** Whether the runs that were working at that moment are stopped. */
  readonly stopRunning: boolean
  readonly at: Date
}

/**
 * The operator's switch for all runs of the deployment. Workers read it with each claim, so it takes effect at once.
 */
export interface PauseStore {
  read(): Promise<OperatorPause | undefined>
  /**
   * Begins a pause, or gives the present one another reason. Requests are still accepted, but their runs wait.
   *
   * @throws {BackspaceError} `bad_request` when the reason is empty, too long, or longer than a line.
   */
  begin(order: Omit<OperatorPause, 'at'>): Promise<OperatorPause>
  /** @returns the pause that ended; undefined when there was none. */
  end(): Promise<OperatorPause | undefined>
}

const LONGEST_REASON = 200

export function createPauseStore(db: Database, now: () => Date = () => new Date()): PauseStore {
  return {
    read: () => readPause(db.sql),

    async begin({ reason: given, stopRunning }) {
      const pause = { reason: checkReason(given), stop_running: stopRunning, at: now() }
      await db.sql.transaction().execute(async (tx) => {
        await tx
          .insertInto('operator_pause')
          .values(pause)
          .onConflict((conflict) => conflict.column('single').doUpdateSet(pause))
          .execute()
        const { reason, at } = pause
        const facts = { reason, stopRunning }
        await storeAuditEntries(tx, [{ kind: 'service.paused', actor: 'operator', facts, at }])
      })
      return toPause(pause)
    },

    async end() {
      return await db.sql.transaction().execute(async (tx) => {
        const ended = await tx.deleteFrom('operator_pause').returningAll().executeTakeFirst()
        if (ended === undefined) return undefined
        const facts = { reason: ended.reason }
        await storeAuditEntries(tx, [{ kind: 'service.resumed', actor: 'operator', facts, at: now() }])
        return toPause(ended)
      })
    },
  }
}

export async function readPause(tables: Kysely<Schema>): Promise<OperatorPause | undefined> {
  const row = await tables.selectFrom('operator_pause').selectAll().executeTakeFirst()
  return row && toPause(row)
}

/** SQL condition: the operator has not paused all runs. */
export function runsMayStart(): RawBuilder<boolean> {
  return sql`not exists (select from operator_pause)`
}

function toPause(row: {
  readonly reason: string
  readonly stop_running: boolean
  readonly at: Date
}): OperatorPause {
  return { reason: row.reason, stopRunning: row.stop_running, at: row.at }
}

function checkReason(given: string): string {
  const reason = given.trim().replace(/\.$/, '')
  if (reason !== '' && reason.length <= LONGEST_REASON && !/\p{Cc}/u.test(reason)) return reason
  throw new BackspaceError(
    'bad_request',
    `Say why, in one line of at most ${LONGEST_REASON} characters: people read it in their threads.`,
  )
}
