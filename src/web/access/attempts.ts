import { BackspaceError } from '../../errors.ts'

/** Counts wrong credentials by address. */
export interface Attempts {
  /**
   * Counts one more.
   *
   * @throws {BackspaceError} `rate_limited` above the limit.
   */
  count(address: string): void
}

const MINUTE_MS = 60_000
const PER_MINUTE = 10
/** Addresses in memory; the oldest is forgotten first. */
const ADDRESSES = 10_000

/**
 * A right credential is never refused for the wrong ones from the same address: behind a proxy that would let one client
 * lock out all others. Guessing is hopeless anyway; the limit bounds what guesses cost, and shows them in the metrics.
 */
export function createAttempts(now: () => number = Date.now): Attempts {
  const windows = new Map<string, { readonly since: number; count: number }>()

  function windowOf(address: string, at: number) {
    const window = windows.get(address)
    if (window && at - window.since < MINUTE_MS) return window
    const fresh = { since: at, count: 0 }
    windows.delete(address)
    windows.set(address, fresh)
    const [oldest] = windows.keys()
    if (windows.size > ADDRESSES && oldest !== undefined) windows.delete(oldest)
    return fresh
  }

  return {
    count(address) {
      const at = now()
      const window = windowOf(address, at)
      window.count += 1
      if (window.count <= PER_MINUTE) return
      throw new BackspaceError(
        'rate_limited',
        `More than ${PER_MINUTE} wrong API tokens came from this address within a minute. Check the token, and try again in a minute.`,
        {
          facts: {
            limit: 'wrong_tokens',
            retryAfterSeconds: Math.max(1, Math.ceil((window.since + MINUTE_MS - at) / 1000)),
          },
        },
      )
    },
  }
}
