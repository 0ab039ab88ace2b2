import { BackspaceError, knownError } from '../../errors.ts'
import type { RunLog } from '../log/run-log.ts'
import type { Run } from '../run.ts'
import { isTerminal } from '../run.ts'
import { runEnd, type TerminalEvent, terminalEventOf } from '../run-end.ts'
import type { RunEvent } from '../run-event.ts'
import { runTotals } from '../run-totals.ts'
import type { Claim, RunStore } from '../store/run-store.ts'
import { WriteRefused } from '../store/write-refused.ts'
import { RunReleased } from './run-released.ts'

/**
 * Carries a claimed run to its end. It appends the terminal event itself and then calls `store.finish`; what it
 * throws instead is recorded for it. `signal.reason` is a BackspaceError `cancelled` when somebody stopped the run,
 * and RunReleased when the run goes on elsewhere: then it returns without an end.
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
   * @throws {RunReleased} when another attempt must carry it on.
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
  readonly execute: Execute
  readonly now: () => Date
  readonly langsmithEnabled: boolean
  readonly onError: (error: unknown, facts: { readonly runId: string }) => void
}

interface ActiveRun {
  readonly attempt: number
  readonly controller: AbortController
  readonly done: Promise<void>
}

/** A run that has killed this many workers is not given to another one. */
const MOST_LOSSES = 3

export function createRunWorker(deps: RunWorkerDeps): RunWorker {
  const { store, log, now, onError } = deps
  const active = new Map<string, ActiveRun>()

  async function end(run: Run, body: EndBody): Promise<void> {
    const events = await readAll(log, run.id)
    const totals = runTotals(events, { endedAt: now(), langsmithEnabled: deps.langsmithEnabled })
    const event: TerminalEvent = { ...body, totals }
    await log.append(run.id, run.attempt, event)
    await record(run, event)
  }

  async function record(run: Run, event: TerminalEvent): Promise<void> {
    const { status, result } = runEnd(event)
    await store.finish(run.id, run.attempt, status, result)
  }

  /** The terminal event is written but its worker died before it could say so in the run. */
  async function mend(run: Run): Promise<void> {
    const event = terminalEventOf(await readAll(log, run.id))
    if (event !== undefined) await record(run, event)
  }

  /** How a claimed run ends that must not be executed (again), if so. */
  function endBefore(claim: Claim): EndBody | undefined {
    if (claim.cancelReason !== null) return { type: 'run.cancelled', message: claim.cancelReason }
    if (claim.losses < MOST_LOSSES) return undefined
    return {
      type: 'run.failed',
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
    const after = await store.get(run.id)
    if (after === undefined || isTerminal(after.status)) return
    if (signal.reason instanceof RunReleased) throw signal.reason
    if (terminalEventOf(await readAll(log, run.id)) !== undefined) return mend(run)
    await end(run, endAfter({ run, thrown, signal, onError }))
  }

  async function carry(claim: Claim, signal: AbortSignal): Promise<void> {
    try {
      if (claim.logClosed) return await mend(claim.run)
      const early = endBefore(claim)
      if (early !== undefined) return await end(claim.run, early)
      await execute(claim.run, signal)
    } catch (error) {
      // Somebody else holds the run by now, or has ended it: what this attempt did does not count.
      if (error instanceof WriteRefused) return
      throw error
    }
  }

  return {
    async work(runId, lost) {
      const claim = await store.markRunning(runId)
      if (claim === undefined) return
      const controller = new AbortController()
      const letGo = () => controller.abort(new RunReleased())
      lost.addEventListener('abort', letGo)
      if (lost.aborted) letGo()
      const done = carry(claim, controller.signal)
      active.set(runId, { attempt: claim.run.attempt, controller, done })
      try {
        await done
      } finally {
        lost.removeEventListener('abort', letGo)
        active.delete(runId)
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
      for (const [runId, { attempt, controller }] of active) {
        // First the fence, then the signal: whatever execute still tries to write is refused.
        await store.release(runId, attempt).catch((error: unknown) => onError(error, { runId }))
        controller.abort(new RunReleased())
      }
    },
  }
}

type EndBody =
  | { readonly type: 'run.cancelled'; readonly message: string }
  | { readonly type: 'run.failed'; readonly code: string; readonly message: string }

/** How a run ends whose `execute` has returned or thrown without ending it. */
function endAfter(input: {
  readonly run: Run
  readonly thrown: unknown
  readonly signal: AbortSignal
  readonly onError: RunWorkerDeps['onError']
}): EndBody {
  const { run, thrown, signal, onError } = input
  if (signal.reason instanceof BackspaceError && signal.reason.code === 'cancelled') {
    return { type: 'run.cancelled', message: signal.reason.userMessage }
  }
  const known = knownError(thrown)
  if (known !== undefined) return { type: 'run.failed', code: known.code, message: known.userMessage }
  onError(thrown ?? new Error('execute returned without ending the run'), { runId: run.id })
  return {
    type: 'run.failed',
    code: 'internal',
    message: `Something went wrong inside Backspace: failed, run ${run.id}. Try again; the service's log has the details under that id.`,
  }
}

async function readAll(log: RunLog, runId: string): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = []
  for (;;) {
    const page = await log.read(runId, events.length)
    if (page.length === 0) return events
    events.push(...page)
  }
}
