import type { Database } from '../../db/database.ts'
import { gatherCalls } from '../../db/gather-calls.ts'
import { retryDatabase } from '../../db/retry-database.ts'
import { isTerminalEvent, type RunEvent } from '../run-event.ts'
import { EVENTS_CHANNEL, positionKey, type ReadPosition, selectEventsAfter } from './event-rows.ts'

export interface EventTail {
  /** See `RunLog.follow`. */
  follow(
    runId: string,
    options: { readonly afterSeq: number; readonly signal?: AbortSignal | undefined },
  ): AsyncIterable<RunEvent>
  close(): Promise<void>
}

/** A notification is lost if its connection breaks. A follower then gets the event after this time at most. */
const POLL_MS = 1000
/** The pause between two reads. Under load one read serves many events; an event that arrives alone is read at once. */
const GATHER_MS = 10
/** How many positions one query reads. Each may return a page of events. */
const POSITIONS_AT_ONCE = 50
const PAGE = 500
/** How long a failing read is repeated. After that the readers get the error, and may resume later. */
const READ_FOR_MS = 2_000

/**
 * Follows runs that any process may write. One LISTEN serves all followers, one query at a time reads for all of them
 * that wait, and followers at the same position share its result, so a hundred viewers cost no more than one.
 */
export function createEventTail(options: {
  readonly db: Database
  readonly onError: (error: unknown) => void
}): EventTail {
  const { db, onError } = options
  const closing = new AbortController()
  const sleepers = new Map<string, Set<() => void>>()
  const read = gatherCalls({
    // A broken connection is no reason to send every reader away, so the read is repeated.
    work: (positions: readonly ReadPosition[]) =>
      retryDatabase(() => selectEventsAfter(db.sql, positions, PAGE), {
        forMs: READ_FOR_MS,
        signal: closing.signal,
      }),
    batchLength,
    pauseMs: GATHER_MS,
  })
  let listening: Promise<() => Promise<void>> | undefined

  function wake(runId: string): void {
    for (const wakeUp of sleepers.get(runId) ?? []) wakeUp()
  }

  function listen(): void {
    if (listening !== undefined) return
    listening = db.listen(EVENTS_CHANNEL, wake)
    listening.catch((error: unknown) => {
      listening = undefined
      onError(error)
    })
  }

  async function* follow(runId: string, from: number, signal: AbortSignal): AsyncGenerator<RunEvent> {
    listen()
    const sleeper = createSleeper(signal)
    const ofRun = sleepers.get(runId) ?? new Set<() => void>()
    sleepers.set(runId, ofRun.add(sleeper.wake))
    let seq = from
    try {
      while (!signal.aborted) {
        sleeper.arm()
        const { events, isLast } = await read({ runId, afterSeq: seq })
        for (const event of events) {
          if (signal.aborted) return
          yield event
          seq = event.seq
          if (isTerminalEvent(event)) return
        }
        if (!isLast) continue
        // A follower that starts after the terminal event would otherwise wait forever.
        if (seq === from && (await endedBy(db, runId, seq))) return
        await sleeper.sleep(POLL_MS)
      }
    } finally {
      ofRun.delete(sleeper.wake)
      if (ofRun.size === 0 && sleepers.get(runId) === ofRun) sleepers.delete(runId)
    }
  }

  return {
    follow(runId, { afterSeq, signal }) {
      const ends = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal])
      return follow(runId, afterSeq, ends)
    },
    async close() {
      closing.abort()
      const stop = await listening?.catch(() => undefined)
      await stop?.()
    },
  }
}

/** How many of the first positions one query can read: those that come to `POSITIONS_AT_ONCE` different ones. */
function batchLength(positions: readonly ReadPosition[]): number {
  const different = new Set<string>()
  const tooMany = positions.findIndex((reader) => different.add(positionKey(reader)).size > POSITIONS_AT_ONCE)
  return tooMany === -1 ? positions.length : tooMany
}

/** True when the run has ended and has no event after `seq`. */
async function endedBy(db: Database, runId: string, seq: number): Promise<boolean> {
  const run = await db.sql
    .selectFrom('runs')
    .select(['finished_at', 'last_seq'])
    .where('id', '=', runId)
    .executeTakeFirst()
  return run !== undefined && run.finished_at !== null && run.last_seq <= seq
}

interface Sleeper {
  /** From this call on a wake-up counts, even before `sleep` is called. */
  arm(): void
  /** Resolves after a wake-up since `arm`, after an abort, or after `ms`. */
  sleep(ms: number): Promise<void>
  readonly wake: () => void
}

function createSleeper(signal: AbortSignal): Sleeper {
  let armed = Promise.withResolvers<void>()
  return {
    arm() {
      armed = Promise.withResolvers()
    },
    async sleep(ms) {
      const timer = setTimeout(armed.resolve, ms)
      signal.addEventListener('abort', this.wake)
      if (signal.aborted) this.wake()
      await armed.promise
      signal.removeEventListener('abort', this.wake)
      clearTimeout(timer)
    },
    wake: () => armed.resolve(),
  }
}
