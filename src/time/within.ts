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

/** Waits for `work`, but not longer than `ms` milliseconds; throws what it throws in that time. It is not stopped. */
export async function withinMs(ms: number, work: Promise<void> | undefined): Promise<void> {
  const waited = new AbortController()
  const late = delay(ms, undefined, { signal: waited.signal })
  await Promise.race([work, late]).finally(() => waited.abort())
}
