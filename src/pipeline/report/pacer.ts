/** Repeats the same work, one at a time, with an interval between. */
export interface Pacer {
  /** Runs it once, after `delayMs` or when the interval is over; calls until then are merged. */
  soon(delayMs?: number): void
  /** Runs it once, right after the work under way, regardless of the interval. */
  flush(): Promise<void>
  /** Starts no more work; resolves when the work under way is done. */
  close(): Promise<void>
}

/**
 * @param intervalMs from one start to the next that `soon` schedules.
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
      // Unreferenced: a pending edit must not keep the process alive.
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
