import { setTimeout as delay } from 'node:timers/promises'

/**
 * Waits for `work`, but not longer than `ms` milliseconds; it is not stopped.
 *
 * @returns true when it succeeded in time.
 */
export async function within(ms: number, work: Promise<unknown> | undefined): Promise<boolean> {
  const waited = new AbortController()
  const tooLong = delay(ms, false, { signal: waited.signal }).catch(() => false)
  const done = Promise.resolve(work).then(
    () => true,
    () => false,
  )
  return await Promise.race([done, tooLong]).finally(() => waited.abort())
}
