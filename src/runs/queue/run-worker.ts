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
 * Carries a claimed run to its end. It appends the terminal event itself; what it throws instead is recorded for it. `signal.reason` is a BackspaceError `cancelled` when somebody stopped the run,
 * and RunReleased when the run goes on elsewhere: then it returns without an end. It throws DatabaseAway when it can
 * write nothing down any more: then too the run goes on elsewhere.
 */
export type Execute = (input: {
  readonly run: Run
  readonly attempt: number
  readonly signal: AbortSignal
}) => Promise<void>

export interface RunWorker {
  /**
   * Claims the run, executes it, and sees to it that it ends exactly once.
   *
   * @param lost aborts when the queue has given the run to somebody else.
   * @throws {RunReleased} when another attempt must carry it on, or when `execute` was told to stop and does not.
   */
  work(runId: string, lost: AbortSignal): Promise<void>
  /** Stops those of its runs that somebody asked to stop. */
  checkCancels(): Promise<void>
  /** Resolves when it has no run. */
  idle(): Promise<void>
  /** Gives all its runs back. */
  releaseAll(): Promise<void>
}

export interface RunWorkerDeps {
  readonly store: RunStore
  readonly log: RunLog
  /** `appendEnding`, with the log. */
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

/** A run that has killed this many workers is not given to another one. */
const MOST_LOSSES = 3
const STOP_WITHIN_MS = 60_000
/** A database that is away is told for this long that a run is given back; later it finds out by itself. */
const RELEASE_WITHIN_MS = 1_000

export function createRunWorker(deps: RunWorkerDeps): RunWorker {
  const { store, log, end, stopWithinMs = STOP_WITHIN_MS, onError } = deps
  const active = new Map<string, ActiveRun>()

  /** Says that the run is given back, so that this process does not count as one that died with it. */
  async function release(run: Pick<Run, 'id' | 'attempt'>): Promise<void> {
    const released = store.release(run.id, run.attempt)
    released.catch((error: unknown) => onError(error, { runId: run.id }))
    await within(RELEASE_WITHIN_MS, released)
  }

  /** How a claimed run ends that must not be executed (again), if so. */
  function endBefore(claim: Claim): Unfinished | undefined {
    if (claim.cancelReason !== null) return { code: 'cancelled', message: claim.cancelReason }
    if (claim.losses < MOST_LOSSES) return undefined
    return {
      code: 'worker_lost',
      message: `The run was given up: the process that carried it died ${claim.losses} times. Try again; if it happens again, the service's log has the details under run ${claim.run.id}.`,
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

  async function carry(claim: Claim, signal: AbortSignal): Promise<void> {
    const { run } = claim
    try {
      const early = endBefore(claim)
      if (early !== undefined) return await end(run, early)
      await execute(run, signal)
    } catch (error) {
      if (!goesOnElsewhere(error)) throw error
      // After a refusal somebody else holds the run by now, or has ended it: what this attempt did does not count.
      if (!(error instanceof WriteRefused)) await release(run)
      // The queue hands the run out again unless it has done so already. A run that has ended is not executed then.
      throw new RunReleased()
    }
  }

  /** An attempt that was told to stop and hangs all the same must not keep its place in this process for ever. */
  async function endedOrHung(carried: Promise<void>, runId: string, signal: AbortSignal): Promise<void> {
    const over = new AbortController()
    const hung = async () => {
      if (!signal.aborted) await once(signal, 'abort', { signal: over.signal })
      await delay(stopWithinMs, undefined, { signal: over.signal, ref: false })
      onError(new Error('A run that was stopped still hangs: its place is given to another one'), { runId })
      throw new RunReleased()
    }
    await Promise.race([carried, hung()]).finally(() => over.abort())
  }

  return {
    async work(runId, lost) {
      const claim = await store.markRunning(runId, lost)
      if (claim === undefined) return
      const controller = new AbortController()
      const letGo = () => controller.abort(new RunReleased())
      lost.addEventListener('abort', letGo)
      if (lost.aborted) letGo()
      const done = endedOrHung(carry(claim, controller.signal), runId, controller.signal)
      const mine = { attempt: claim.run.attempt, controller, done }
      active.set(runId, mine)
      try {
        await done
      } finally {
        lost.removeEventListener('abort', letGo)
        // A later attempt may be here by now.
        if (active.get(runId) === mine) active.delete(runId)
      }
    },

    async checkCancels() {
      for (const [runId, reason] of await store.cancelRequests([...active.keys()])) {
        active.get(runId)?.controller.abort(new BackspaceError('cancelled', reason))
      }
    },

    async idle() {
      while (active.size > 0) await Promise.allSettled([...active.values()].map((run) => run.done))
    },

    async releaseAll() {
      const letGo = [...active].map(async ([id, { attempt, controller }]) => {
        // First the fence, then the signal: whatever execute still tries to write is refused.
        await release({ id, attempt })
        controller.abort(new RunReleased())
      })
      await Promise.all(letGo)
    },
  }
}

/** How a run ends whose `execute` has returned or thrown without ending it. */
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
