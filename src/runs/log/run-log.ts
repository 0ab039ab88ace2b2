import { randomUUID } from 'node:crypto'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from '../../db/database.ts'
import { DatabaseAway, retryDatabase } from '../../db/retry-database.ts'
import { isTerminalEvent, type RunEvent, type RunEventBody } from '../run-event.ts'
import { insertEvents, selectEvents } from './event-rows.ts'
import { createEventTail } from './event-tail.ts'
import { createLiveOutput, type LiveOutput } from './live-output.ts'
import { type SearchQuery, searchEvents } from './search-events.ts'

/** What happened in each run, in order. The one place that numbers events. */
export interface RunLog {
  /**
   * Appends in the order of the calls; resolves when the event is stored. Events that arrive during a write, or right
   * after it, share the next one. While the database is away they wait, for a minute at most. A terminal event also
   * ends the run, in the same statement.
   *
   * @throws {WriteRefused} when `attempt` no longer holds the run, or the run has ended.
   * @throws {DatabaseAway} after that minute: for this event and for every event that waits behind it.
   */
  append(runId: string, attempt: number, body: RunEventBody): Promise<RunEvent>
  /**
   * Events with a higher number than `afterSeq` (0: all), oldest first; at most `limit`, default 500. Of a run that
   * ended long ago only the first and the last are kept.
   *
   * @throws {DatabaseAway}
   */
  read(runId: string, afterSeq: number, limit?: number): Promise<readonly RunEvent[]>
  /**
   * Events before `beforeSeq` whose stored text contains `text` in any case, the last ones first; at most `limit`. The text
   * is searched as it is stored: whether the words are among those that are shown is for the caller to see.
   */
  search(runId: string, query: SearchQuery): Promise<readonly RunEvent[]>
  /**
   * The events after `afterSeq`, stored ones first, then new ones as they come, without gap or repeat, until the terminal
   * event, an abort of `signal`, or `close`. Waits forever for an unknown run: ask the store first.
   */
  follow(runId: string, options: FollowOptions): AsyncIterable<RunEvent>
  /** Calls `listener`, which must not throw, with each event that this process stores. Returns its removal. */
  onAppend(listener: (event: RunEvent) => void): () => void
  /** Passes events to the listeners that a caller's own transaction stored; call it after the commit. */
  announce(events: readonly RunEvent[]): void
  /** What commands under way have printed; it is not part of the log. */
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
/** Between two writes of one run: a step often emits three events within that time. */
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
        // Events after a missing one must not be written either.
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

/** How many of the first entries one statement may write: one attempt, and nothing after a terminal event. */
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

/** All events of a run that are still stored. */
export async function readEvents(log: Pick<RunLog, 'read'>, runId: string): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = []
  for (;;) {
    // By number: events of an old run may have been deleted in between.
    const page = await log.read(runId, events.at(-1)?.seq ?? 0)
    if (page.length === 0) return events
    events.push(...page)
  }
}
