import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type Backspace, createBackspace } from '../backspace.ts'
import type { Config } from '../config.ts'
import type { ShiftBook } from '../runs/admission/shift-book.ts'
import { createFunctionServer } from './function-server.ts'
import type { Invocation } from './invocation.ts'

/**
 * Workers that live no longer than one call of a function. A worker takes a run, hands it over before the call must
 * end, and asks for a successor, which continues the run in the same sandbox.
 */
export interface Shifts {
  /**
   * Begins a shift, unless as many as allowed are working. The shift goes on in `waitUntil`.
   *
   * @returns whether a shift has begun.
   */
  begin(invocation: Invocation): Promise<boolean>
  /** Like `begin`, but only if there is work to do. */
  beginIfNeeded(invocation: Invocation): Promise<boolean>
}

/** How long the parts of a shift take, in milliseconds. */
export interface ShiftPace {
  /** How long before the end of the call the worker begins to hand over. */
  readonly handOverMs: number
  /** How much of that time runs may still use. The rest is for storing their state, and for calling the successor. */
  readonly graceMs: number
  /**
   * A shift ends after this long without work. By then it sees what its start looked for, and the entry of a worker
   * that has just died.
   */
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
    // A shift that starts this late would have to end at once.
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
    // The place is free now. Work that came while it was taken has not started a shift.
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
