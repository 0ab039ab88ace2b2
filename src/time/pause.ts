import { setTimeout as delay } from 'node:timers/promises'

/** Waits `ms` milliseconds; rejects with `signal.reason` when the signal aborts first. */
export type Pause = (ms: number, signal?: AbortSignal) => Promise<void>

/** A {@link Pause} that waits by the clock. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, signal && { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

interface RetryOptions {
  /**
   * Milliseconds before the second attempt, before the third, and so on. After the last wait there is one last attempt.
   */
  readonly waitsMs: readonly number[]
  /** Whether another attempt may succeed. `failures` is the number of failed attempts so far. Default: always. */
  readonly mayPass?: (error: unknown, failures: number) => boolean
  readonly pause?: Pause | undefined
  /** Ends the waits; the retry then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Repeats `attempt` until it succeeds.
 *
 * @throws what the last attempt threw.
 */
export async function retry<T>(
  attempt: () => Promise<T>,
  { waitsMs, mayPass = () => true, pause: wait = pause, signal }: RetryOptions,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt()
    } catch (error) {
      const waitMs = waitsMs[failures - 1]
      if (waitMs === undefined || !mayPass(error, failures)) throw error
      await wait(waitMs, signal)
    }
  }
}
