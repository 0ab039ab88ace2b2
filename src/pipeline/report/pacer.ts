/** Repeats the same work at intervals, never twice at the same time. */
export interface Pacer {
  /** Runs the work once, after `delayMs` and not before the interval is over. Calls until then are merged. */
  soon(delayMs?: number): void
  /** Runs the work once, right after the current run of it, regardless of the interval. */
  flush(): Promise<void>
  /** Starts no more work; resolves when the current run of it is done. */
  close(): Promise<void>
}

/**
 * @param intervalMs the least time between two starts that `soon` schedules.
 * @param work must not reject.
 */
export function createPacer(intervalMs: number, work: () => Promise<void>): Pacer {
  let timer: NodeJS.Timeout | undefined
  let startedAt = Number.NEGATIVE_INFINITY
  let closed = false
  let queue: Promise<void> = Promise.resolve()

  function start(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    queue = queue.then(async () => {
      startedAt = performance.now()
      await work()
    })
    return queue
  }

  return {
    soon(delayMs = 0) {
      if (closed || timer !== undefined) return
      const delay = Math.max(delayMs, startedAt + intervalMs - performance.now())
      // Unreferenced, because a pending edit must not keep the process alive.
      timer = setTimeout(() => void start(), delay).unref()
    },
    flush: () => (closed ? queue : start()),
    close() {
      closed = true
      clearTimeout(timer)
      return queue
    },
  }
}
