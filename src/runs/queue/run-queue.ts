import type { Transaction } from 'kysely'
import { fromKysely } from 'pg-boss'
import type { Database } from '../../db/database.ts'
import { retryDatabase } from '../../db/retry-database.ts'
import type { Schema } from '../../db/schema.ts'
import { within } from '../../time/within.ts'
import { type AdmissionGate, createAdmissionGate } from '../admission/admission-gate.ts'
import type { AdmissionLimits } from '../admission/admission-limits.ts'
import { describeWaiting, type Waiting } from '../admission/waiting.ts'
import { startWorkerBeat, type WorkerBeat } from '../admission/worker-beat.ts'
import type { StoredDelivery } from '../deliveries/delivery.ts'
import { createDeliveryWorker } from '../deliveries/delivery-worker.ts'
import type { RunLog } from '../log/run-log.ts'
import type { OperatorPause } from '../pause/operator-pause.ts'
import { watchPause } from '../pause/watch-pause.ts'
import type { Run } from '../run.ts'
import type { RunStore } from '../store/run-store.ts'
import { type Reconciled, reconcile } from '../upkeep/reconcile.ts'
import { appendEnding, type Unfinished } from './append-ending.ts'
import { CANCEL_CHANNEL, type CancelRun, createCancelRun } from './cancel-run.ts'
import { createRunWorker, type Execute, type RunWorker } from './run-worker.ts'
import { DELIVERY, RUN, startBoss } from './start-boss.ts'
import { takeEntries } from './take-entries.ts'

/**
 * Gives runs and deliveries to workers, across processes and restarts. A stored run waits until the gate admits it:
 * accounts take turns, the runs of a thread go in order, and no limit is exceeded. A worker with a free slot then
 * claims the run; if that worker dies, another one claims it within 40 seconds.
 */
export interface RunQueue {
  /** Starts to take work. A process that never calls `start` only enqueues. */
  start(handlers: QueueHandlers): Promise<void>
  /** Admits the runs that may start. Call it when a run was stored; it returns at once. */
  admit(): void
  /** Call it in the transaction that admits the run. Workers may claim the run once that is committed. */
  enqueueRun(tx: Transaction<Schema>, runId: string): Promise<void>
  /** Call it in the transaction that stores the deliveries. */
  enqueueDeliveries(tx: Transaction<Schema>, deliveryIds: readonly string[]): Promise<void>
  readonly cancel: CancelRun
  /** Finds and corrects places where the stored runs and the queue disagree. */
  reconcile(): Promise<Reconciled>
  /**
   * Whether this process works on a run or a webhook now. A run that it holds until the operator's pause ends does not
   * count.
   */
  isBusy(): boolean
  /** The position of a queued run and what it waits for; undefined when it is not queued. */
  waiting(runId: string): Promise<Waiting | undefined>
  /**
   * Shuts the queue down for good: claims no more runs, gives those in progress `graceMs` to finish, then releases the
   * others. Takes at most six seconds longer than `graceMs`.
   */
  drain(graceMs: number): Promise<void>
}

export interface QueueHandlers {
  readonly execute: Execute
  /** Handles a webhook. It must be idempotent: if it throws, it is called again, after pauses that grow. */
  readonly deliver: (delivery: StoredDelivery) => Promise<void>
}

export interface RunQueueOptions {
  readonly db: Database
  readonly store: RunStore
  readonly log: RunLog
  /** Runs at once in this process. */
  readonly concurrency: number
  readonly limits: AdmissionLimits
  /** Starts no timers, for a process that its host freezes between requests. The workers then do what is due. */
  readonly onlyEnqueues?: boolean | undefined
  /** Id of a worker that has claimed a place in the `ShiftBook`. */
  readonly workerId?: string | undefined
  /** A worker that is silent for this long counts as dead; default 25, at least 10. */
  readonly heartbeatSeconds?: number | undefined
  /** See `AppendEndingDeps`; default: no run is traced. */
  readonly isTraced?: ((runId: string) => boolean) | undefined
  /** See `RunWorkerDeps`. */
  readonly stopWithinMs?: number | undefined
  readonly now?: (() => Date) | undefined
  /** Called for a cancelled run whose worker did not end it. The sandbox of that run may still exist. */
  readonly onAbandoned?: ((run: Run) => Promise<void>) | undefined
  /** Called when the operator's pause begins, gets another reason, or ends. */
  readonly onPause?: ((pause: OperatorPause | undefined) => void) | undefined
  /** Called for errors that no caller gets, with the run's id if there is one. */
  readonly onError?:
    | ((error: unknown, facts: { readonly runId?: string; readonly deliveryId?: string }) => void)
    | undefined
}

/** Most deliveries need no action and are done at once. Those that call GitHub must not keep the others waiting. */
const DELIVERIES = { most: 4, batch: 25, nextAfterMs: 200, pauseMs: 50 } as const
const CANCEL_POLL_MS = 1000
/** How long `start` tries again if the database goes away right after it was reached. */
const BEGIN_WITHIN_MS = 60_000
const LET_GO_MS = 3_000
const LAST_WORD_MS = 1_500
/** For a process that only enqueues: the workers' gates look each second on their own. */
const NO_GATE: AdmissionGate = { ask: () => {}, stop: async () => {} }

/** Opens the queue on a migrated database. */
export async function createRunQueue(options: RunQueueOptions): Promise<RunQueue> {
  const { db, store, log, concurrency, now = () => new Date(), onError = () => {} } = options
  const { isTraced = () => false, stopWithinMs, onAbandoned = () => Promise.resolve() } = options
  const onProblem = (error: unknown) => onError(error, {})
  const { heartbeatSeconds, onlyEnqueues = false, workerId } = options
  const boss = await startBoss(db, { heartbeatSeconds, onlyEnqueues, onError })
  const gate = onlyEnqueues
    ? NO_GATE
    : createAdmissionGate({
        ...options,
        enqueue: enqueueRun,
        onError: onProblem,
        onLook: (pause) => watch(pause),
      })
  const stops: (() => void | Promise<void>)[] = []
  const takings: (() => Promise<void>)[] = []
  const end = (run: Run, why: Unfinished) => appendEnding({ log, now, isTraced }, run, why)
  const cancelRun = createCancelRun({ db, boss, store, end, onAbandoned, onError })
  let runs: RunWorker | undefined
  const watch = watchPause({
    db,
    log,
    now,
    held: () => runs?.held() ?? [],
    cancel: cancelRun,
    onChange: options.onPause ?? (() => {}),
  })
  let beat: WorkerBeat | undefined
  let working = 0
  let drained: Promise<void> | undefined

  function listenForCancels(worker: RunWorker): void {
    const check = () => void worker.checkCancels().catch((error: unknown) => onError(error, {}))
    const timer = setInterval(check, CANCEL_POLL_MS).unref()
    stops.push(() => clearInterval(timer))
    // The listener reconnects on its own; the timer covers the time in between.
    const listening = db.listen(CANCEL_CHANNEL, check)
    listening.catch(onProblem)
    stops.push(() =>
      listening.then(
        (stop) => stop(),
        () => {},
      ),
    )
  }

  // The gate already keeps the runs of a thread in order, so here each run gets a key of its own.
  async function enqueueRun(tx: Transaction<Schema>, runId: string): Promise<void> {
    await boss.send(RUN, { runId }, { id: runId, singletonKey: runId, db: fromKysely(tx) })
  }

  async function enqueueDeliveries(tx: Transaction<Schema>, deliveryIds: readonly string[]): Promise<void> {
    const entries = deliveryIds.map((deliveryId) => ({ data: { deliveryId } }))
    await boss.insert(DELIVERY, entries, { db: fromKysely(tx) })
  }

  async function during(work: () => Promise<void>): Promise<void> {
    working++
    await work().finally(() => working--)
  }

  async function letGo(): Promise<void> {
    await runs?.releaseAll()
    await gate.stop()
    await boss.stop({ timeout: LET_GO_MS })
    for (const stop of stops) await stop()
  }

  async function drain(graceMs: number): Promise<void> {
    await within(LAST_WORD_MS, beat?.stop().catch(onProblem))
    for (const stop of takings) await stop()
    await within(graceMs, runs?.idle())
    // If the database hangs, none of this returns. The queue then takes the runs that were not released for lost.
    await within(LET_GO_MS + LAST_WORD_MS, letGo().catch(onProblem))
  }

  return {
    async start({ execute, deliver }) {
      const worker = createRunWorker({ store, log, end, execute, stopWithinMs, onError })
      runs = worker
      listenForCancels(worker)
      const handleDelivery = createDeliveryWorker({ db, deliver, now, onError })
      takings.push(
        await takeEntries<{ runId: string }>(boss, {
          queue: RUN,
          most: concurrency,
          work: ({ data, signal }) => during(() => worker.work(data.runId, signal).finally(gate.ask)),
        }),
        await takeEntries<{ deliveryId: string }>(boss, {
          queue: DELIVERY,
          ...DELIVERIES,
          work: ({ data }) => during(() => handleDelivery(data.deliveryId)),
        }),
      )
      beat = await retryDatabase(
        () => startWorkerBeat({ db, id: workerId, concurrency, onError: onProblem }),
        {
          forMs: BEGIN_WITHIN_MS,
        },
      )
      gate.ask()
    },
    admit: gate.ask,
    enqueueRun,
    enqueueDeliveries,
    cancel: (runId, reason) => cancelRun(runId, reason).finally(gate.ask),
    reconcile: () => reconcile({ db, boss, enqueueRun, enqueueDeliveries }),
    isBusy: () => working > (runs?.held().length ?? 0),
    waiting: (runId) => describeWaiting(options, runId),
    drain(graceMs) {
      drained ??= drain(graceMs)
      return drained
    },
  }
}
