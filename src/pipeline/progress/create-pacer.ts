/** Does the same work again and again, one at a time and not too often. */
export interface Pacer {
  /** Once after `delayMs`, or when the interval allows it; calls until then are the same call. */
  soon(delayMs?: number): void
  /** Once right after what is under way, whatever the interval says. */
  flush(): Promise<void>
  /** Starts nothing more; resolves when nothing is under way. */
  close(): Promise<void>
}

/**
 * @param intervalMs between the start of one work and the next that `soon` asks for.
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
      // Unreferenced: a comment that is due must not keep a finished process alive.
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
