import type { BackspaceApiError } from '../../../client/create-client.ts'
import { knownError } from '../../../errors.ts'
import { oneLine } from './paint.ts'

/** How long to retry a service that has answered before: it may be restarting, or this machine slept. All in milliseconds. */
export const PATIENCE = 10 * 60_000
/** How long to retry a service that has never answered, because it is probably not there. */
const FIRST_PATIENCE = 8_000
/** The longest `Retry-After` that a person would wait for. */
const LONGEST_WAIT = 60_000
/** A stream that stays open for this long counts as working, even if no frame has arrived. */
const WORKS_AFTER = 5_000

/** A service that does not answer, and is tried again. */
export interface ServiceRetry {
  /** Host and port: `127.0.0.1:3000`. */
  readonly host: string
  /** What the service does, as a phrase after its name: `refuses the connection`. */
  readonly what: string
  /** When the service last answered, or was first asked: milliseconds since 1970. */
  readonly since: number
  /** When the service is asked again: milliseconds since 1970. */
  readonly nextAt: number
}

export interface PatienceOptions {
  readonly onRetry?: ((retry: ServiceRetry) => void) | undefined
  /** How long to try a service that has never answered, in milliseconds. */
  readonly firstPatience?: number | undefined
}

/** Decides for how long to retry a service that does not answer. */
export interface Patience {
  /** @param retryLater whether the answer asks to be tried again. */
  answered(retryLater: boolean): void
  /** Tells that a stream has opened. */
  opened(): void
  /** Tells that a frame has arrived. */
  heard(): void
  /** Says what a person can do after the command gave up. */
  advice(): string
  /**
   * Tells that a request failed and is to be sent again in `waitMs`.
   *
   * @throws `error`, or its cause, if another try would not help or the service was tried for long enough.
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
      // The answer is not one of Backspace.
      if (knownError(error.cause)) throw error
      if (waitMs > LONGEST_WAIT) throw error
      if (now + waitMs - since > (hasAnswered ? PATIENCE : firstPatience)) throw error
      onRetry?.({ host, what, since, nextAt: now + waitMs })
    },
  }
}

const NOT_THERE = 'Check the address, and that Backspace runs there.'
const GOES_ON = 'The run continues without this connection; connect again to see the rest.'

/** Whether nothing listens at the address. */
export const REFUSES = 'refuses the connection'

/** What a failing service does, as a phrase after its name: `refuses the connection`, `answers 503: Restarting`. */
export function whatItDoes({ status, code, message, cause }: BackspaceApiError): string {
  if (status === 0) return cause === undefined ? 'closed the stream' : whyUnreachable(cause)
  return code.startsWith('http_')
    ? `answers ${status}`
    : `answers ${status}: ${oneLine(message).replace(/\.$/, '')}`
}

/** What the service did, by the error of `fetch`. */
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
