import { sql, type Transaction } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { Schema } from '../../db/schema.ts'
import { type OperatorPause, readPause, runsMayStart } from '../pause/operator-pause.ts'
import type { AdmissionLimits } from './admission-limits.ts'
import { chooseNext } from './turns.ts'

/** Admits waiting runs as slots become free. Every process has a gate; whichever is asked first admits. */
export interface AdmissionGate {
  /** Call it when a run was submitted or ended, or a worker started or stopped; returns at once. */
  ask(): void
  /** Admits no more runs and waits for the admission in progress. */
  stop(): Promise<void>
}

interface AdmissionGateOptions extends AdmitRunsDeps {
  /** Called when an admission fails, and not again until one has worked. */
  readonly onError: (error: unknown) => void
  /** Called about once a second with the operator's pause, or undefined without one. */
  readonly onLook: (pause: OperatorPause | undefined) => Promise<void>
}

/** Asks without a reason now and then: a process may die before it asks, and daily limits free slots at midnight. */
const ASK_EVERY_MS = 1000

export function createAdmissionGate(options: AdmissionGateOptions): AdmissionGate {
  let asked = false
  let stopped = false
  let failing = false
  let busy: Promise<void> | undefined

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work()
      failing = false
    } catch (error) {
      asked = false
      if (!failing) options.onError(error)
      failing = true
    }
  }

  async function admitWhileAsked(): Promise<void> {
    while (asked && !stopped) {
      asked = false
      if (await admitRuns(options)) asked = true
    }
  }

  function run(): void {
    if (stopped) return
    busy ??= attempt(admitWhileAsked).finally(() => {
      busy = undefined
      // Someone asked after the last look and before `busy` was cleared.
      if (asked) run()
    })
  }

  function ask(): void {
    asked = true
    run()
  }

  async function look(): Promise<void> {
    if (busy !== undefined) return
    await attempt(async () => {
      const { waiting, pause } = await lookAround(options.db)
      if (waiting && pause === undefined) ask()
      await options.onLook(pause)
    })
  }

  let looking: Promise<void> | undefined
  const timer = setInterval(() => {
    looking ??= look().finally(() => {
      looking = undefined
    })
  }, ASK_EVERY_MS).unref()

  return {
    ask,
    async stop() {
      stopped = true
      clearInterval(timer)
      await looking
      await busy
    },
  }
}

interface AdmitRunsDeps {
  readonly db: Database
  readonly limits: AdmissionLimits
  /** Puts the run into the workers' queue, in the transaction that admits it. */
  readonly enqueue: (tx: Transaction<Schema>, runId: string) => Promise<void>
  readonly now?: (() => Date) | undefined
}

/** One process admits at a time, so that no two fill the same slot. No other lock uses this number. */
const GATE_LOCK = 7_002_001

/** The most runs that one transaction admits: it blocks other admissions and, on PGlite, every other query. */
const MOST_AT_ONCE = 20

/**
 * Gives free slots to the runs whose turn it is, and puts these runs into the workers' queue.
 *
 * @returns true when there may be more runs to admit.
 */
async function admitRuns(deps: AdmitRunsDeps): Promise<boolean> {
  const { db, limits, enqueue, now = () => new Date() } = deps
  return await db.sql.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${GATE_LOCK})`.execute(tx)
    for (let admitted = 0; admitted < MOST_AT_ONCE; admitted++) {
      const next = await chooseNext(tx, { limits, at: now() })
      if (next === undefined) return false
      const { numUpdatedRows } = await tx
        .updateTable('runs')
        // The database's clock decides the order of turns.
        .set({ admitted_at: sql<Date>`clock_timestamp()`, budget_usd: next.budgetUsd })
        .where('id', '=', next.id)
        .where('status', '=', 'queued')
        .where('admitted_at', 'is', null)
        .executeTakeFirst()
      // Someone may have stopped the run since it was chosen.
      if (numUpdatedRows > 0n) await enqueue(tx, next.id)
    }
    return true
  })
}

/**
 * Tells whether any run waits for a slot, and reads the operator's pause. The query is cheap enough to run each second.
 */
async function lookAround(
  db: Database,
): Promise<{ readonly waiting: boolean; readonly pause: OperatorPause | undefined }> {
  const { rows } = await sql<{ waiting: boolean; paused: boolean }>`
    select exists (select from runs where admitted_at is null and status = 'queued') as waiting,
      not (${runsMayStart()}) as paused`.execute(db.sql)
  return { waiting: rows[0]?.waiting ?? false, pause: rows[0]?.paused ? await readPause(db.sql) : undefined }
}
