import { setTimeout as delay } from 'node:timers/promises'
import type { PgBoss } from 'pg-boss'
import type { Database } from '../../db/database.ts'
import { isTerminal, type Run } from '../run.ts'
import type { RunStore } from '../store/run-store.ts'
import { WriteRefused } from '../store/write-refused.ts'
import type { Unfinished } from './append-ending.ts'
import { RUN } from './start-boss.ts'

/** Channel on which the id of a run is sent when its worker must look for a cancellation. */
export const CANCEL_CHANNEL = 'backspace_cancel'

export type CancelAnswer = 'cancelled' | 'already_finished' | 'not_found'

/**
 * Stops a run in whichever process it works, and resolves when it has ended. A queued run ends at once. The worker of a
 * running one gets a short time to end it; from a worker that is dead, suspended or hung, the run is taken away.
 *
 * @param reason shown to people: who stopped the run. If it is stopped twice, the first reason is kept.
 */
export type CancelRun = (runId: string, reason: string) => Promise<CancelAnswer>

export interface CancelRunDeps {
  readonly db: Database
  readonly boss: Pick<PgBoss, 'cancel'>
  readonly store: RunStore
  /** Calls `appendEnding` with the log. */
  readonly end: (run: Run, why: Unfinished) => Promise<void>
  /** See `RunQueueOptions`. */
  readonly onAbandoned: (run: Run) => Promise<void>
  readonly onError: (error: unknown, facts: { readonly runId: string }) => void
}

/** A cancelled run must end within two seconds, so its worker gets this much of them. */
const WORKER_HAS_MS = 1_200
const LOOK_EVERY_MS = 100

export function createCancelRun(deps: CancelRunDeps): CancelRun {
  return async (runId, reason) => {
    for (;;) {
      try {
        return await tryCancel(deps, runId, reason)
      } catch (error) {
        if (!(error instanceof WriteRefused)) throw error
        if (error.reason !== 'stale_attempt') return 'already_finished'
        // A worker claimed the run in the meantime: try again.
      }
    }
  }
}

async function tryCancel(deps: CancelRunDeps, runId: string, reason: string): Promise<CancelAnswer> {
  const { db, boss, store, end } = deps
  const run = await store.get(runId)
  if (run === undefined) return 'not_found'
  if (isTerminal(run.status)) return 'already_finished'
  if (run.status === 'queued') {
    await end(run, { code: 'cancelled', message: reason })
    await boss.cancel(RUN, runId)
    return 'cancelled'
  }
  if (!(await store.requestCancel(runId, reason))) return 'already_finished'
  await db.notify(CANCEL_CHANNEL, runId)
  if (!(await endsInTime(store, runId))) await takeAway(deps, runId)
  return 'cancelled'
}

async function endsInTime(store: RunStore, runId: string): Promise<boolean> {
  for (let waited = 0; waited < WORKER_HAS_MS; waited += LOOK_EVERY_MS) {
    await delay(LOOK_EVERY_MS)
    const run = await store.get(runId)
    if (run === undefined || isTerminal(run.status)) return true
  }
  return false
}

async function takeAway({ boss, store, end, onAbandoned, onError }: CancelRunDeps, runId: string) {
  const seized = await store.seize(runId)
  if (seized === undefined) return
  const { run, cancelReason } = seized
  await end(run, { code: 'cancelled', message: cancelReason })
  await boss.cancel(RUN, runId)
  onAbandoned(run).catch((error: unknown) => onError(error, { runId }))
}
