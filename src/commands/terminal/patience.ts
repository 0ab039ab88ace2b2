import { BackspaceError } from '../../errors.ts'
import { pause } from '../../time/pause.ts'

/** A service that has answered before comes back: it restarts, or this machine slept. Milliseconds, as all below. */
const PATIENCE = 10 * 60_000
/** A service that has never answered is more likely not there. */
const FIRST_PATIENCE = 8_000
const LONGEST_WAIT = 5_000

/** Why a service could not be used this time. */
export interface ServiceProblem {
  /** What it does, to follow its name: `refuses the connection`. */
  readonly what: string
  /** It asks to be left alone for this long, in milliseconds. */
  readonly retryAfterMs?: number | undefined
}

/** A service is away and is tried again. */
export interface ServiceRetry {
  /** `127.0.0.1:3000` */
  readonly host: string
  /** What the service does, to follow its name: `refuses the connection`. */
  readonly what: string
  /** When it was last heard of, or first asked: milliseconds since 1970. */
  readonly since: number
  /** When it is asked again. */
  readonly nextAt: number
}

export interface PatienceOptions {
  readonly signal?: AbortSignal | undefined
  readonly onRetry?: ((retry: ServiceRetry) => void) | undefined
  /** How long to try a service that has never answered, in milliseconds. */
  readonly firstPatience?: number | undefined
}

/** How often, and for how long, a service is tried that does not answer. */
export interface Patience {
  /** The service is there. */
  answered(): void
  /** It does what it is asked to: the next problem is a new one. */
  works(): void
  /**
   * Waits until the next attempt.
   *
   * @throws {BackspaceError} `unavailable`, which names the address, when the service stays away.
   */
  wait(problem: ServiceProblem): Promise<void>
}

export function createPatience(
  url: string,
  { signal, onRetry, firstPatience = FIRST_PATIENCE }: PatienceOptions = {},
): Patience {
  const { host, origin } = new URL(url)
  let hasAnswered = false
  let failures = 0
  let since = Date.now()
  function works(): void {
    hasAnswered = true
    failures = 0
    since = Date.now()
  }
  return {
    works,
    answered() {
      hasAnswered = true
    },
    async wait({ what, retryAfterMs = 0 }) {
      const waitMs = Math.max(retryAfterMs, Math.min(LONGEST_WAIT, 1000 * 2 ** failures))
      const nextAt = Date.now() + waitMs
      if (nextAt - since > (hasAnswered ? PATIENCE : firstPatience)) {
        throw new BackspaceError('unavailable', `${origin} ${what}. ${hasAnswered ? GOES_ON : NOT_THERE}`)
      }
      failures++
      onRetry?.({ host, what, since, nextAt })
      await pause(waitMs, signal)
    },
  }
}

const NOT_THERE = 'Check the address, and that Backspace runs there.'
const GOES_ON = 'The run does not need this connection; open it again to see the rest.'
