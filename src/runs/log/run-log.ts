import { randomUUID } from 'node:crypto'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from '../../db/database.ts'
import { DatabaseAway, retryDatabase } from '../../db/retry-database.ts'
import { isTerminalEvent, type RunEvent, type RunEventBody } from '../run-event.ts'
import { insertEvents, selectEvents } from './event-rows.ts'
import { createEventTail } from './event-tail.ts'

/** What happened in each run, in order. The one place that numbers events. */
export interface RunLog {
  /**
   * Appends in the order of the calls; resolves when the event is stored. Events that arrive while a write is under
   * way or was just done are written together by the next one. While the database is away they wait, a minute at most.
   *
   * @throws {WriteRefused} when `attempt` no longer holds the run, or its terminal event is written.
   * @throws {DatabaseAway} when the minute is over: for this event and for every one that waits behind it.
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
   * What is there after `afterSeq` and then what comes, without gap or repeat, until the terminal event, an abort of
   * `signal`, or `close`. An unknown run waits: ask the store first.
   */
  follow(runId: string, options: FollowOptions): AsyncIterable<RunEvent>
  /** Events that this process stored, right after they were; a listener must not throw. Returns its removal. */
  onAppend(listener: (event: RunEvent) => void): () => void
  /** Tells the listeners of events that were stored inside somebody's transaction, after it was committed. */
  announce(events: readonly RunEvent[]): void
  /** Ends everything that follows. */
  close(): Promise<void>
}

interface FollowOptions {
  readonly afterSeq: number
  readonly signal?: AbortSignal
}

interface RunLogOptions {
  readonly db: Database
  readonly now?: () => Date
  /** Told when a listener threw or listening failed. */
  readonly onError?: (error: unknown) => void
  /** How long, in milliseconds, an event waits for a database that is away; default 60,000. */
  readonly writeForMs?: number
}

interface Pending {
  readonly attempt: number
  readonly at: Date
  readonly body: RunEventBody
  readonly resolve: (event: RunEvent) => void
  readonly reject: (error: unknown) => void
}

const BATCH = 200
/** Between two writes of one run: a step tells of three things within that time. */
const GATHER_MS = 10
const WRITE_FOR_MS = 60_000
const READ_FOR_MS = 10_000

export function createRunLog(options: RunLogOptions): RunLog {
  const { db, now = () => new Date(), onError = () => {}, writeForMs = WRITE_FOR_MS } = options
  /** Runs with a write under way, and what waits for the next one. */
  const waiting = new Map<string, Pending[]>()
  const listeners = new Set<(event: RunEvent) => void>()
  const tail = createEventTail({ db, onError })

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
        // What comes after an event that is missing must not be written either.
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
    follow: (runId, followOptions) => tail.follow(runId, followOptions),
    onAppend(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    announce,
    close: () => tail.close(),
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

/** Everything that has happened in a run so far and is still kept. */
export async function readEvents(log: Pick<RunLog, 'read'>, runId: string): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = []
  for (;;) {
    // By number: those of an old run may have been deleted in between.
    const page = await log.read(runId, events.at(-1)?.seq ?? 0)
    if (page.length === 0) return events
    events.push(...page)
  }
}
