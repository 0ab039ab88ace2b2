import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'

/** Periodic work that one process does for all of them. */
export interface Chore {
  readonly name: string
  /** Milliseconds between two times, across all processes. */
  readonly everyMs: number
  /** Also when a process starts, even after a short stop: it may have missed something. */
  readonly atStart?: boolean | undefined
  /** @param signal aborts when this process stops. May be interrupted and repeated. */
  readonly run: (signal: AbortSignal) => Promise<void>
}

interface Chores {
  /** Starts no further chore and waits for those in progress. */
  stop(): Promise<void>
}

interface ChoresOptions {
  readonly db: Database
  readonly chores: readonly Chore[]
  /** Milliseconds between two checks for due chores; default 5,000. */
  readonly lookEveryMs?: number | undefined
  readonly onError: (error: unknown, facts: { readonly chore: string }) => void
}

/** Processes that start at the same time, or restart repeatedly, share one time. */
const START_GAP_MS = 15_000

/**
 * Does each chore when it is due, which includes chores that were never done or came due during a stop. Time is the
 * database's, so processes with different clocks agree.
 */
export function startChores({ db, chores, lookEveryMs = 5_000, onError }: ChoresOptions): Chores {
  const stopping = new AbortController()
  const busy = new Map<string, Promise<void>>()
  const startedAt = performance.now()

  /** A chore for the start is due if no process has done it since this one started. */
  function dueAfterMs({ everyMs, atStart = false }: Chore): number {
    return atStart ? Math.min(everyMs, Math.max(performance.now() - startedAt, START_GAP_MS)) : everyMs
  }

  async function doIfDue(chore: Chore): Promise<void> {
    try {
      if (await claim(db, chore.name, dueAfterMs(chore))) await chore.run(stopping.signal)
    } catch (error) {
      if (!stopping.signal.aborted) onError(error, { chore: chore.name })
    }
  }

  function look(): void {
    for (const chore of chores) {
      if (busy.has(chore.name)) continue
      const done = doIfDue(chore).finally(() => busy.delete(chore.name))
      busy.set(chore.name, done)
    }
  }

  const timer = setInterval(look, lookEveryMs).unref()
  look()
  return {
    async stop() {
      clearInterval(timer)
      stopping.abort()
      await Promise.all(busy.values())
    },
  }
}

/** @returns true for the one process that is to do it. */
async function claim(db: Database, name: string, afterMs: number): Promise<boolean> {
  const { rows } = await sql<{ name: string }>`
    insert into chores (name, ran_at) values (${name}, now())
    on conflict (name) do update set ran_at = now()
    where chores.ran_at <= now() - ${afterMs}::double precision * interval '1 millisecond'
    returning name`.execute(db.sql)
  return rows.length > 0
}

/** What a chore stores for its next time, in any process. */
export interface ChoreNote {
  /** Undefined when nothing is stored yet. */
  read(): Promise<unknown>
  /** @param note any JSON; ignored when the chore was never done. */
  write(note: object): Promise<void>
}

export function createChoreNote(db: Database, chore: string): ChoreNote {
  return {
    async read() {
      const row = await db.sql
        .selectFrom('chores')
        .select('note')
        .where('name', '=', chore)
        .executeTakeFirst()
      return row?.note ?? undefined
    },
    async write(note) {
      await db.sql
        .updateTable('chores')
        .set({ note: JSON.stringify(note) })
        .where('name', '=', chore)
        .execute()
    },
  }
}
