import { setTimeout as delay } from 'node:timers/promises'
import type { Transaction } from 'kysely'
import { fromKysely } from 'pg-boss'
import type { Database } from '../../db/database.ts'
import type { Schema } from '../../db/schema.ts'
import type { Delivery } from '../deliveries/delivery.ts'
import { createDeliveryWorker } from '../deliveries/delivery-worker.ts'
import type { RunLog } from '../log/run-log.ts'
import { isTerminal, type Run } from '../run.ts'
import { runEnd, type TerminalEvent } from '../run-end.ts'
import { runTotals } from '../run-totals.ts'
import { threadKey } from '../store/run-row.ts'
import type { RunStore } from '../store/run-store.ts'
import { WriteRefused } from '../store/write-refused.ts'
import { createRunWorker, type Execute, type RunWorker } from './run-worker.ts'
import { DELIVERY, RUN, startBoss } from './start-boss.ts'

/**
 * Gives runs and deliveries to workers, across processes and restarts. Runs of one thread execute one at a time, in
 * order of submission; otherwise first come, first served, as many at once per process as `concurrency` says. A run
 * whose worker died is claimed again within 20 seconds.
 */
export interface RunQueue {
  /** Starts to work; without it this process only enqueues. */
  start(handlers: QueueHandlers): Promise<void>
  /** Inside the transaction that writes the run. */
  enqueueRun(tx: Transaction<Schema>, run: Run): Promise<void>
  /** Inside the transaction that writes the delivery. */
  enqueueDelivery(tx: Transaction<Schema>, deliveryId: string): Promise<void>
  /**
   * Ends a queued run at once; asks the worker of a running one, wherever it is, to stop.
   *
   * @param reason shown to people: who stopped it.
   */
  cancel(runId: string, reason: string): Promise<'cancelled' | 'already_finished' | 'not_found'>
  /** 1 for the queued run that is next; undefined when the run is not queued. */
  position(runId: string): Promise<number | undefined>
  /**
   * Claims nothing more, lets running runs finish for `graceMs`, gives back those that have not, and stops for good.
   * Takes at most about five seconds longer than `graceMs`.
   */
  drain(graceMs: number): Promise<void>
}

export interface QueueHandlers {
  readonly execute: Execute
  /** Handles a webhook; called again, with growing pauses, when it throws, so it must bear repeats. */
  readonly deliver: (delivery: Delivery) => Promise<void>
}

export interface RunQueueOptions {
  readonly db: Database
  readonly store: RunStore
  readonly log: RunLog
  /** Runs at once in this process. */
  readonly concurrency: number
  readonly langsmithEnabled?: boolean
  readonly now?: () => Date
  /** Told of what went wrong and was not anybody's to handle; with the run's id when it is about one. */
  readonly onError?: (
    error: unknown,
    facts: { readonly runId?: string; readonly deliveryId?: string },
  ) => void
}

const CANCEL_CHANNEL = 'backspace_cancel'
const DELIVERIES_AT_ONCE = 4
const CANCEL_POLL_MS = 1000
const LET_GO_MS = 5000

const POLLING = {
  pollingIntervalSeconds: 1,
  notifyPollingIntervalSeconds: 2,
  heartbeatRefreshSeconds: 2,
} as const

/** Opens the queue on a migrated database. */
export async function createRunQueue(options: RunQueueOptions): Promise<RunQueue> {
  const { db, store, log, concurrency, now = () => new Date(), onError = () => {} } = options
  const boss = await startBoss(db, onError)
  const stops: (() => void | Promise<void>)[] = []
  let runs: RunWorker | undefined
  let drained: Promise<void> | undefined

  async function endQueued(run: Run, reason: string): Promise<void> {
    const events = await log.read(run.id, 0)
    const totals = runTotals(events, { endedAt: now(), langsmithEnabled: options.langsmithEnabled ?? false })
    const event: TerminalEvent = { type: 'run.cancelled', message: reason, totals }
    await log.append(run.id, run.attempt, event)
    const { status, result } = runEnd(event)
    await store.finish(run.id, run.attempt, status, result)
    await boss.cancel(RUN, run.id)
  }

  async function tryCancel(runId: string, reason: string) {
    const run = await store.get(runId)
    if (run === undefined) return 'not_found'
    if (isTerminal(run.status)) return 'already_finished'
    if (run.status === 'queued') {
      await endQueued(run, reason)
      return 'cancelled'
    }
    if (!(await store.requestCancel(runId, reason))) return 'already_finished'
    await db.notify(CANCEL_CHANNEL, runId)
    return 'cancelled'
  }

  async function watchCancels(worker: RunWorker): Promise<void> {
    const check = () => void worker.checkCancels().catch((error: unknown) => onError(error, {}))
    const timer = setInterval(check, CANCEL_POLL_MS).unref()
    stops.push(() => clearInterval(timer))
    stops.push(await db.listen(CANCEL_CHANNEL, check))
  }

  /**
   * Workers that are at work look for more as soon as they are done, instead of at their next poll: there may be a
   * backlog, and the end of a run lets the next one of its thread be claimed, of which there is no notification.
   */
  function lookForMore(): void {
    for (const worker of boss.getWipData()) if (worker.count > 0) boss.notifyWorker(worker.id)
  }

  async function drain(graceMs: number): Promise<void> {
    await boss.offWork(RUN, { wait: false })
    await boss.offWork(DELIVERY, { wait: false })
    const waited = new AbortController()
    const grace = delay(graceMs, undefined, { signal: waited.signal }).catch(() => {})
    await Promise.race([runs?.idle(), grace])
    waited.abort()
    await runs?.releaseAll()
    await boss.stop({ timeout: LET_GO_MS })
    for (const stop of stops) await stop()
  }

  return {
    async start({ execute, deliver }) {
      const worker = createRunWorker({
        store,
        log,
        execute,
        now,
        langsmithEnabled: options.langsmithEnabled ?? false,
        onError,
      })
      runs = worker
      await watchCancels(worker)
      await boss.work<{ runId: string }>(RUN, { ...POLLING, localConcurrency: concurrency }, async (jobs) => {
        for (const job of jobs) await worker.work(job.data.runId, job.signal).finally(lookForMore)
      })
      const handleDelivery = createDeliveryWorker({ db, deliver, now, onError })
      await boss.work<{ deliveryId: string }>(
        DELIVERY,
        { ...POLLING, localConcurrency: DELIVERIES_AT_ONCE },
        async (jobs) => {
          for (const job of jobs) await handleDelivery(job.data.deliveryId).finally(lookForMore)
        },
      )
    },
    async enqueueRun(tx, run) {
      const { repository, thread } = run.request
      const singletonKey = thread === undefined ? run.id : threadKey(repository, thread.number)
      await boss.send(RUN, { runId: run.id }, { id: run.id, singletonKey, db: fromKysely(tx) })
    },
    async enqueueDelivery(tx, deliveryId) {
      await boss.send(DELIVERY, { deliveryId }, { db: fromKysely(tx) })
    },
    async cancel(runId, reason) {
      for (;;) {
        try {
          return await tryCancel(runId, reason)
        } catch (error) {
          if (!(error instanceof WriteRefused)) throw error
          if (error.reason !== 'stale_attempt') return 'already_finished'
          // A worker claimed the run meanwhile: look again.
        }
      }
    },
    position: (runId) => store.position(runId),
    drain(graceMs) {
      drained ??= drain(graceMs)
      return drained
    },
  }
}
