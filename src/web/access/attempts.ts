import { BackspaceError } from '../../errors.ts'
import { BoundedMap } from '../../memory/bounded-map.ts'

/** Limits how often a client may do something, by address or credential. */
export interface Attempts {
  /**
   * Counts one attempt.
   *
   * @throws {BackspaceError} `rate_limited` above the limit.
   */
  count(client: string): void
  /**
   * Refuses a client that has reached the limit, before work that is expensive even if it turns out not to count.
   *
   * @throws {BackspaceError} `rate_limited` at the limit.
   */
  refuseAtLimit(client: string): void
}

export interface AttemptsOptions {
  readonly perMinute: number
  /** Name of the limit, for the metrics. */
  readonly limit: string
  /** The message above the limit; "Try again in a minute." is added to it. */
  readonly message: string
  readonly now?: (() => number) | undefined
}

const MINUTE_MS = 60_000
/** Most clients in memory; the oldest is forgotten first. */
const CLIENTS = 10_000

/** Wrong API tokens, by address. */
export const WRONG_TOKENS = {
  perMinute: 10,
  limit: 'wrong_tokens',
  message: 'More than 10 wrong API tokens came from this address within a minute. Check the token.',
} as const

/** Links that show no run, by address. */
export const WRONG_LINKS = {
  perMinute: 30,
  limit: 'wrong_links',
  message: 'More than 30 links that do not work were opened from this address within a minute.',
} as const

/** Sign-ins that GitHub does not confirm, by address. Each costs a request to GitHub. */
export const SIGN_INS = {
  perMinute: 60,
  limit: 'sign_ins',
  message: 'More than 60 sign-ins from this address failed within a minute.',
} as const

/** Requests for repositories that GitHub does not let the person write to. Each costs requests to GitHub. */
export const REFUSED_STARTS = {
  perMinute: 20,
  limit: 'refused_starts',
  message: 'More than 20 requests of yours were refused within a minute.',
} as const

/**
 * A valid credential is never refused because of wrong ones from the same address: behind a proxy, that would let one
 * client lock out all others. Guessing is hopeless anyway; the limit bounds what guesses cost and shows them in the metrics.
 */
export function createAttempts({ perMinute, limit, message, now = Date.now }: AttemptsOptions): Attempts {
  const windows = new BoundedMap<string, { readonly since: number; count: number }>(CLIENTS)

  function windowOf(client: string, at: number) {
    const window = windows.get(client)
    if (window && at - window.since < MINUTE_MS) return window
    const fresh = { since: at, count: 0 }
    windows.set(client, fresh)
    return fresh
  }

  function tooMany(since: number, at: number): BackspaceError {
    const retryAfterSeconds = Math.max(1, Math.ceil((since + MINUTE_MS - at) / 1000))
    return new BackspaceError('rate_limited', `${message} Try again in a minute.`, {
      facts: { limit, retryAfterSeconds },
    })
  }

  return {
    count(client) {
      const at = now()
      const window = windowOf(client, at)
      window.count += 1
      if (window.count > perMinute) throw tooMany(window.since, at)
    },
    refuseAtLimit(client) {
      const at = now()
      const window = windowOf(client, at)
      if (window.count >= perMinute) throw tooMany(window.since, at)
    },
  }
}
