import type { BackspaceApiError } from '../../client/create-client.ts'
import { knownError } from '../../errors.ts'
import { oneLine } from './paint.ts'

/** A service that has answered before comes back: it restarts, or this machine slept. Milliseconds, as all below. */
export const PATIENCE = 10 * 60_000
/** A service that has never answered is more likely not there. */
const FIRST_PATIENCE = 8_000
/** A person does not wait longer for a limit to pass. */
const LONGEST_WAIT = 60_000
/** A stream that stays open for this long works, even if it has nothing to say. */
const WORKS_AFTER = 5_000

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
  readonly onRetry?: ((retry: ServiceRetry) => void) | undefined
  /** How long to try a service that has never answered, in milliseconds. */
  readonly firstPatience?: number | undefined
}

/** For how long a service is tried that does not answer. */
export interface Patience {
  /** @param retryLater whether the answer asks to be tried again. */
  answered(retryLater: boolean): void
  /** A stream is open. */
  opened(): void
  /** A frame came. */
  heard(): void
  /** What a person can do about a service that was given up. */
  advice(): string
  /**
   * A request failed, and would be sent again.
   *
   * @throws `error`, or what is behind it, when that would not help, or has been tried for long enough.
   */
  beforeRetry(error: BackspaceApiError, waitMs: number): void
}

export function createPatience(
  url: string,
  { onRetry, firstPatience = FIRST_PATIENCE }: PatienceOptions,
): Patience {
  const { host } = new URL(url)
  let hasAnswered = false
  let openedAt: number | undefined
  let since = Date.now()
  return {
    answered(retryLater) {
      hasAnswered ||= retryLater
    },
    opened() {
      hasAnswered = true
      openedAt = Date.now()
    },
    advice: () => (hasAnswered ? GOES_ON : NOT_THERE),
    heard() {
      since = Date.now()
    },
    beforeRetry(error, waitMs) {
      const now = Date.now()
      const what = openedAt === undefined ? whatItDoes(error) : 'closed the stream'
      if (openedAt !== undefined && now - openedAt >= WORKS_AFTER) since = now
      openedAt = undefined
      // What it says is not what Backspace says.
      if (knownError(error.cause)) throw error
      if (waitMs > LONGEST_WAIT) throw error
      if (now + waitMs - since > (hasAnswered ? PATIENCE : firstPatience)) throw error
      onRetry?.({ host, what, since, nextAt: now + waitMs })
    },
  }
}

const NOT_THERE = 'Check the address, and that Backspace runs there.'
const GOES_ON = 'The run does not need this connection; open it again to see the rest.'

/** Nothing listens there. */
export const REFUSES = 'refuses the connection'

/** What a service does that did not answer well, to follow its name: `refuses the connection`, `answers 503: Restarting`. */
export function whatItDoes({ status, code, message, cause }: BackspaceApiError): string {
  if (status === 0) return cause === undefined ? 'closed the stream' : whyUnreachable(cause)
  return code.startsWith('http_')
    ? `answers ${status}`
    : `answers ${status}: ${oneLine(message).replace(/\.$/, '')}`
}

/** What a service did to a request that `fetch` gave up. */
export function whyUnreachable(error: unknown): string {
  if (error instanceof Error && /^(?:Abort|Timeout)Error$/.test(error.name)) return 'does not answer'
  const cause = error instanceof Error ? error.cause : undefined
  switch (cause instanceof Error && 'code' in cause ? cause.code : undefined) {
    case 'ECONNREFUSED':
      return REFUSES
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'has no known address'
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
      return 'does not answer'
    case 'ECONNRESET':
    case 'UND_ERR_SOCKET':
      return 'cut the connection'
    default:
      return 'cannot be reached'
  }
}
