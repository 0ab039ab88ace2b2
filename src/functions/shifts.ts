import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type Backspace, createBackspace } from '../backspace.ts'
import type { Config } from '../config.ts'
import type { ShiftBook } from '../runs/admission/shift-book.ts'
import { createFunctionServer } from './function-server.ts'
import type { Invocation } from './invocation.ts'

/**
 * Workers that live no longer than a call of a function. One takes a run, hands it over before the call must end, and asks for
 * a successor, which goes on in the same sandbox.
 */
export interface Shifts {
  /**
   * Begins a shift, unless as many as allowed are at work; it goes on in `waitUntil`.
   *
   * @returns whether one has begun.
   */
  begin(invocation: Invocation): Promise<boolean>
  /** As `begin`, if there is anything to do. */
  beginIfNeeded(invocation: Invocation): Promise<boolean>
}

/** How long the parts of a shift take, in milliseconds. */
export interface ShiftPace {
  /** Before the end of the call, the worker begins to hand over. */
  readonly handOverMs: number
  /** Runs may go on for so much of that time; the rest is for storing, and for calling the successor. */
  readonly graceMs: number
  /** A shift without work ends. What its start looks for, and an entry of a worker that has just died, show by then. */
  readonly idleMs: number
}

interface ShiftDeps {
  readonly config: Config
  readonly book: ShiftBook
  readonly pace: ShiftPace
  /** Asks for a successor in a call of its own. */
  readonly callSuccessor: () => Promise<void>
  readonly onError: (error: unknown, facts: { readonly shift: string }) => void
}

const LOOK_EVERY_MS = 500

export function createShifts({ config, book, pace, callSuccessor, onError }: ShiftDeps): Shifts {
  const { workers } = config.functions
  const workerConfig: Config = { ...config, role: 'worker', concurrency: 1 }

  async function begin({ endsAt, waitUntil }: Invocation): Promise<boolean> {
    const handOverAt = endsAt - pace.handOverMs
    // Called late: a worker that has to leave at once serves no one.
    const isTooLate = performance.now() + pace.idleMs > handOverAt
    const id = randomUUID()
    if (workers === 0 || isTooLate || !(await book.claim(id, workers))) return false
    waitUntil(work(id, handOverAt).catch((error: unknown) => onError(error, { shift: id })))
    return true
  }

  async function work(id: string, handOverAt: number): Promise<void> {
    let isUnfinished = false
    try {
      const server = createFunctionServer(config.web.publicUrl)
      const worker = await createBackspace(workerConfig, {}, { host: { server, workerId: id } })
      try {
        await worker.start()
        isUnfinished = (await untilOver(worker, handOverAt)) === 'time'
      } finally {
        await worker.stop(pace.graceMs)
      }
    } finally {
      await book.leave(id)
    }
    // Now that the place is free: what came while it was taken began no shift.
    if (isUnfinished || (await book.lookForWork()).due) await callSuccessor()
  }

  async function untilOver(worker: Backspace, handOverAt: number): Promise<'time' | 'idle'> {
    let idleSince = performance.now()
    while (performance.now() < handOverAt) {
      const isBusy = worker.isBusy() || (await book.lookForWork()).due
      if (isBusy) idleSince = performance.now()
      if (performance.now() - idleSince >= pace.idleMs) return 'idle'
      await delay(LOOK_EVERY_MS)
    }
    return 'time'
  }

  return {
    begin,
    async beginIfNeeded(invocation) {
      if (workers === 0) return false
      const { due, queued } = await book.lookForWork()
      return (due || queued) && (await begin(invocation))
    },
  }
}
