import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { BackspaceError } from '../../errors.ts'
import { within } from '../../time/within.ts'
import { failureOf } from '../ending.ts'
import type { RunLog } from '../log/run-log.ts'
import { isTerminal, type Run } from '../run.ts'
import type { Claim, RunStore } from '../store/run-store.ts'
import { WriteRefused } from '../store/write-refused.ts'
import type { Unfinished } from './append-ending.ts'
import { goesOnElsewhere, RunReleased } from './run-released.ts'

/**
 * Executes a claimed run. It appends the terminal event itself, or throws the reason why the run failed.
 * `signal.reason` is a BackspaceError `cancelled` when the run was stopped, and RunReleased when another attempt is to
 * continue it; in that case it returns and ends nothing. It throws DatabaseAway when it can no longer write, and then,
 * too, another attempt continues the run.
 */
export type Execute = (input: {
  readonly run: Run
  readonly attempt: number
  readonly signal: AbortSignal
}) => Promise<void>

export interface RunWorker {
  /**
   * Claims the run, executes it, and makes sure that it ends.
   *
   * @param lost aborts when the queue has given the run to another worker.
   * @throws {RunReleased} when another attempt must continue it, or when `execute` ignores its aborted signal.
   */
  work(runId: string, lost: AbortSignal): Promise<void>
  /** Ids of the runs that wait in this worker until the operator's pause ends. */
  held(): readonly string[]
  /** Aborts those runs of this worker that someone asked to stop. */
  checkCancels(): Promise<void>
  /** Resolves when this worker has no run. */
  idle(): Promise<void>
  /** Releases all runs of this worker, so that other attempts continue them. */
  releaseAll(): Promise<void>
}

export interface RunWorkerDeps {
  readonly store: RunStore
  readonly log: RunLog
  /** Calls `appendEnding` with the log. */
  readonly end: (run: Run, why: Unfinished) => Promise<void>
  readonly execute: Execute
  /** How long, in milliseconds, `execute` may take to return once its signal is aborted; default 60,000. */
  readonly stopWithinMs?: number | undefined
  readonly onError: (error: unknown, facts: { readonly runId: string }) => void
}

interface ActiveRun {
  readonly attempt: number
  readonly controller: AbortController
  readonly done: Promise<void>
}

/** A run that has lost this many workers is given up. */
const MOST_LOSSES = 3
const STOP_WITHIN_MS = 60_000
/** How often a held run looks whether the pause is over. */
const ASK_AGAIN_MS = 1_000
/** How long to try a release while the database is away. After that, the run counts as lost. */
const RELEASE_WITHIN_MS = 1_000

export function createRunWorker(deps: RunWorkerDeps): RunWorker {
  const { store, log, end, stopWithinMs = STOP_WITHIN_MS, onError } = deps
  const active = new Map<string, ActiveRun>()
  const held = new Set<string>()
  const closing = new AbortController()

  /** Gives the run back, so that it is not counted as lost when this process goes. */
  async function release(run: Pick<Run, 'id' | 'attempt'>): Promise<void> {
    const released = store.release(run.id, run.attempt)
    released.catch((error: unknown) => onError(error, { runId: run.id }))
    await within(RELEASE_WITHIN_MS, released)
  }

  /** Why a claimed run ends before it is executed; undefined when it is to be executed. */
  function endBefore(claim: Claim): Unfinished | undefined {
    if (claim.cancelReason !== null) return { code: 'cancelled', message: claim.cancelReason }
    if (claim.losses < MOST_LOSSES) return undefined
    return {
      code: 'worker_lost',
      message: `The run was given up because the process that executed it died ${claim.losses} times. Try again; if it happens again, the service's log has the details under run ${claim.run.id}.`,
    }
  }

  async function execute(run: Run, signal: AbortSignal): Promise<void> {
    let thrown: unknown
    try {
      await log.append(run.id, run.attempt, { type: 'run.started', attempt: run.attempt })
      await deps.execute({ run, attempt: run.attempt, signal })
    } catch (error) {
      thrown = error
    }
    if (signal.reason instanceof RunReleased) throw signal.reason
    if (goesOnElsewhere(thrown)) throw thrown
    const after = await store.get(run.id)
    if (after === undefined || isTerminal(after.status)) return
    await end(run, endAfter({ run, thrown, signal, onError }))
  }

  async function workOnClaim(claim: Claim, signal: AbortSignal): Promise<void> {
    const { run } = claim
    try {
      const early = endBefore(claim)
      if (early !== undefined) return await end(run, early)
      await execute(run, signal)
    } catch (error) {
      if (!goesOnElsewhere(error)) throw error
      // After a refused write there is nothing to release: another attempt holds the run, or it has ended.
      if (!(error instanceof WriteRefused)) await release(run)
      // The queue then gives the run to another worker, if it has not done so. It does not execute a run that has
      // ended.
      throw new RunReleased()
    }
  }

  /** Throws if the work ignores its aborted signal for too long, so that it cannot keep its slot forever. */
  async function unlessHung(work: Promise<void>, runId: string, signal: AbortSignal): Promise<void> {
    const over = new AbortController()
    const hung = async () => {
      if (!signal.aborted) await once(signal, 'abort', { signal: over.signal })
      await delay(stopWithinMs, undefined, { signal: over.signal, ref: false })
      onError(new Error('A stopped run still hangs: its slot is given to another run'), { runId })
      throw new RunReleased()
    }
    await Promise.race([work, hung()]).finally(() => over.abort())
  }

  /** Claims the run. During a pause the queue entry and its slot stay here, so no other run may be claimed either. */
  async function claimWhenAllowed(runId: string, lost: AbortSignal): Promise<Claim | undefined> {
    const signal = AbortSignal.any([lost, closing.signal])
    try {
      for (;;) {
        const claim = await store.markRunning(runId, lost)
        if (claim !== undefined || !(await store.isLive(runId))) return claim
        held.add(runId)
        await delay(ASK_AGAIN_MS, undefined, { signal, ref: false }).catch(() => {
          throw new RunReleased()
        })
      }
    } finally {
      held.delete(runId)
    }
  }

  return {
    async work(runId, lost) {
      const claim = await claimWhenAllowed(runId, lost)
      if (claim === undefined) return
      const controller = new AbortController()
      const letGo = () => controller.abort(new RunReleased())
      lost.addEventListener('abort', letGo)
      if (lost.aborted) letGo()
      const done = unlessHung(workOnClaim(claim, controller.signal), runId, controller.signal)
      const mine = { attempt: claim.run.attempt, controller, done }
      active.set(runId, mine)
      try {
        await done
      } finally {
        lost.removeEventListener('abort', letGo)
        // A later attempt may have taken this place in the map.
        if (active.get(runId) === mine) active.delete(runId)
      }
    },

    held: () => [...held],

    async checkCancels() {
      for (const [runId, reason] of await store.cancelRequests([...active.keys()])) {
        active.get(runId)?.controller.abort(new BackspaceError('cancelled', reason))
      }
    },

    async idle() {
      while (active.size > 0) await Promise.allSettled([...active.values()].map((run) => run.done))
    },

    async releaseAll() {
      closing.abort()
      const letGo = [...active].map(async ([id, { attempt, controller }]) => {
        // The run is released before the signal is aborted, so that writes of `execute` after that are refused.
        await release({ id, attempt })
        controller.abort(new RunReleased())
      })
      await Promise.all(letGo)
    },
  }
}

/** Why a run ends whose `execute` returned or threw without ending it. */
function endAfter(input: {
  readonly run: Run
  readonly thrown: unknown
  readonly signal: AbortSignal
  readonly onError: RunWorkerDeps['onError']
}): Unfinished {
  const { run, thrown, signal, onError } = input
  const cancelled = signal.reason instanceof BackspaceError && signal.reason.code === 'cancelled'
  const failure = failureOf(cancelled ? signal.reason : thrown, run.id)
  if (failure.code === 'internal') {
    onError(thrown ?? new Error('execute returned without ending the run'), { runId: run.id })
  }
  return failure
}
