import { setTimeout as delay } from 'node:timers/promises'

/** Waits; rejects with `signal.reason` when it is aborted. */
export type Pause = (ms: number, signal?: AbortSignal) => Promise<void>

/** {@link Pause} by the clock. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, signal ? { signal } : {})
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}
