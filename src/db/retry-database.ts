import { setTimeout as delay } from 'node:timers/promises'
import { BackspaceError } from '../errors.ts'

/** The database was away for longer than the caller was willing to wait. */
export class DatabaseAway extends BackspaceError {
  constructor(cause: unknown) {
    super('unavailable', 'The database does not answer. Try again in a minute.', { cause })
    this.name = 'DatabaseAway'
  }
}

interface RetryOptions {
  /** No retry starts later than this many milliseconds after the first attempt. */
  readonly forMs: number
  /** Milliseconds before the first retry; default 100. Each pause is twice as long as the one before. */
  readonly pauseMs?: number | undefined
  /** Ends the pauses, and with them the retries. */
  readonly signal?: AbortSignal | undefined
}

const LONGEST_PAUSE_MS = 3_000

/**
 * Repeats `work`, after pauses that grow, while the database is away. Other errors are thrown unchanged.
 *
 * @param work gets true from the second attempt on, since the attempt before may have been committed although its
 * answer was lost.
 * @throws {DatabaseAway} when the time is over.
 */
export async function retryDatabase<T>(
  work: (again: boolean) => Promise<T>,
  { forMs, pauseMs = 100, signal }: RetryOptions,
): Promise<T> {
  const until = performance.now() + forMs
  for (let pause = pauseMs, again = false; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS), again = true) {
    try {
      return await work(again)
    } catch (error) {
      if (!isDatabaseAway(error)) throw error
      if (signal?.aborted || performance.now() + pause > until) throw new DatabaseAway(error)
      await delay(pause, undefined, signal && { signal }).catch(() => {})
    }
  }
}

/** Codes of failures that pass with time: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const PASSING_SQLSTATE = [
  /^08/, // connection exceptions
  /^53/, // out of connections, memory or disk
  /^57P0[1-5]$/, // shut down, crashed, starting up, dropped
  /^25P03$/, // this connection was idle in a transaction for too long
  /^25006$/, // read only: the other half of a fail-over
  /^40(001|P01)$/, // serialization failure, deadlock
]

const PASSING_SYSTEM = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
])

/** Messages with which `pg` reports a lost connection; these errors have no code. */
const PASSING_TEXT =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Client was closed)/

/** True for an error of the connection or of the server, which says nothing about the query itself. */
function isDatabaseAway(error: unknown): boolean {
  if (error instanceof DatabaseAway) return true
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  if (code === undefined) return PASSING_TEXT.test(error.message)
  return PASSING_SYSTEM.has(code) || PASSING_SQLSTATE.some((state) => state.test(code))
}
