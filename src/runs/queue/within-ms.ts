import { setTimeout as delay } from 'node:timers/promises'

/** Waits for `work`, but not longer than `ms` milliseconds; throws what it throws in that time. It is not stopped. */
export async function withinMs(ms: number, work: Promise<void> | undefined): Promise<void> {
  const waited = new AbortController()
  const late = delay(ms, undefined, { signal: waited.signal })
  await Promise.race([work, late]).finally(() => waited.abort())
}
