import { randomUUID } from 'node:crypto'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from '../../db/database.ts'
import { DatabaseAway, retryDatabase } from '../../db/retry-database.ts'
import { isTerminalEvent, type RunEvent, type RunEventBody } from '../run-event.ts'
import { insertEvents, selectEvents } from './event-rows.ts'
import { createEventTail } from './event-tail.ts'
import { createLiveOutput, type LiveOutput } from './live-output.ts'
import { type SearchQuery, searchEvents } from './search-events.ts'

/** The events of each run, in order. Nothing else numbers events. */
export interface RunLog {
  /**
   * Appends an event, in the order of the calls, and resolves when it is stored. Events that arrive during a write, or
   * right after it, share the next one. While the database is away they wait, for a minute at most. A terminal event
   * also ends the run, in the same statement.
   *
   * @throws {WriteRefused} when `attempt` no longer holds the run, or the run has ended.
   * @throws {DatabaseAway} after that minute: for this event and for every event that waits behind it.
   */
  append(runId: string, attempt: number, body: RunEventBody): Promise<RunEvent>
  /**
   * The events with a number above `afterSeq` (0: all), oldest first; at most `limit`, default 500. For a run that
   * ended long ago, only the first and the last event are kept.
   *
   * @throws {DatabaseAway}
   */
  read(runId: string, afterSeq: number, limit?: number): Promise<readonly RunEvent[]>
  /**
   * Events before `beforeSeq` whose stored JSON contains `text` in any case, newest first; at most `limit`. The JSON
   * also holds text that no page shows, so the caller must check whether the words are among those that are shown.
   */
  search(runId: string, query: SearchQuery): Promise<readonly RunEvent[]>
  /**
   * The stored events after `afterSeq`, then new ones as they come, without gap or repeat, until the terminal event, an
   * abort of `signal`, or `close`. Waits forever if the run is unknown, so ask the store first.
   */
  follow(runId: string, options: FollowOptions): AsyncIterable<RunEvent>
  /**
   * Calls `listener` with each event that this process stores. The listener must not throw.
   *
   * @returns a function that removes the listener.
   */
  onAppend(listener: (event: RunEvent) => void): () => void
  /** Passes events to the listeners that were stored by a caller's own transaction. Call it after the commit. */
  announce(events: readonly RunEvent[]): void
  /** The output of commands that still run; it is not part of the log. */
  readonly output: LiveOutput
  /** Ends all followers. */
  close(): Promise<void>
}

interface FollowOptions {
  readonly afterSeq: number
  readonly signal?: AbortSignal | undefined
}

interface RunLogOptions {
  readonly db: Database
  readonly now?: (() => Date) | undefined
  /** Called when a listener throws or LISTEN fails. */
  readonly onError?: ((error: unknown) => void) | undefined
  /** How long, in milliseconds, an event waits for a database that is away; default 60,000. */
  readonly writeForMs?: number | undefined
}

interface Pending {
  readonly attempt: number
  readonly at: Date
  readonly body: RunEventBody
  readonly resolve: (event: RunEvent) => void
  readonly reject: (error: unknown) => void
}

const BATCH = 200
/** The pause between two writes of one run: a step often emits three events within it. */
const GATHER_MS = 10
const WRITE_FOR_MS = 60_000
const READ_FOR_MS = 10_000

export function createRunLog(options: RunLogOptions): RunLog {
  const { db, now = () => new Date(), onError = () => {}, writeForMs = WRITE_FOR_MS } = options
  /** Runs with a write in progress, and the events that wait for the next one. */
  const waiting = new Map<string, Pending[]>()
  const listeners = new Set<(event: RunEvent) => void>()
  const tail = createEventTail({ db, onError })
  const output = createLiveOutput({ db, onError })

  function announce(events: readonly RunEvent[]): void {
    for (const event of events) {
      for (const listener of listeners) {
        try {
          listener(event)
        } catch (error) {
          onError(error)
        }
      }
    }
  }

  function write(runId: string, events: readonly Pending[]): Promise<readonly RunEvent[]> {
    const input = { runId, attempt: events[0]?.attempt ?? 0, events, batch: randomUUID() }
    return retryDatabase(() => insertEvents(db.sql, input), { forMs: writeForMs })
  }

  async function drain(runId: string, pending: Pending[]): Promise<void> {
    for (await nextTurn(); pending.length > 0; await delay(GATHER_MS)) {
      const batch = pending.splice(0, batchLength(pending))
      try {
        const events = await write(runId, batch)
        announce(events)
        for (const [index, event] of events.entries()) batch[index]?.resolve(event)
      } catch (error) {
        // The events after one that could not be written must not be written either.
        if (error instanceof DatabaseAway) batch.push(...pending.splice(0))
        for (const { reject } of batch) reject(error)
      }
    }
    waiting.delete(runId)
  }

  return {
    append(runId, attempt, body) {
      return new Promise((resolve, reject) => {
        const entry = { attempt, at: now(), body, resolve, reject }
        const pending = waiting.get(runId)
        if (pending !== undefined) {
          pending.push(entry)
          return
        }
        const started = [entry]
        waiting.set(runId, started)
        void drain(runId, started)
      })
    },
    read: (runId, afterSeq, limit = 500) =>
      retryDatabase(() => selectEvents(db.sql, { runId, afterSeq, limit }), { forMs: READ_FOR_MS }),
    search: (runId, query) => retryDatabase(() => searchEvents(db.sql, runId, query), { forMs: READ_FOR_MS }),
    follow: (runId, followOptions) => tail.follow(runId, followOptions),
    onAppend(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    announce,
    output,
    async close() {
      await Promise.all([tail.close(), output.close()])
    },
  }
}

/** How many of the first entries one statement may write: all of one attempt, and none after a terminal event. */
function batchLength(pending: readonly Pending[]): number {
  const attempt = pending[0]?.attempt
  let length = 0
  for (const entry of pending.slice(0, BATCH)) {
    if (entry.attempt !== attempt) break
    length++
    if (isTerminalEvent(entry.body)) break
  }
  return length
}

/** All stored events of a run. */
export async function readEvents(log: Pick<RunLog, 'read'>, runId: string): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = []
  for (;;) {
    // By the number of the last event: events of an old run may be deleted between two reads.
    const page = await log.read(runId, events.at(-1)?.seq ?? 0)
    if (page.length === 0) return events
    events.push(...page)
  }
}
