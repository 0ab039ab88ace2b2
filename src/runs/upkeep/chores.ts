import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'

/** Something that one process does for all, now and then. */
export interface Chore {
  readonly name: string
  /** At least this long between two times, whichever processes do them. */
  readonly everyMs: number
  /** Also when a process starts, however short its stop: something may have been missed meanwhile. */
  readonly atStart?: boolean
  /** @param signal aborts when this process stops. Must bear being cut off and done again. */
  readonly run: (signal: AbortSignal) => Promise<void>
}

interface Chores {
  /** Begins none any more and waits for those under way. */
  stop(): Promise<void>
}

interface ChoresOptions {
  readonly db: Database
  readonly chores: readonly Chore[]
  /** How often it is looked whether something is due; default 5,000 milliseconds. */
  readonly lookEveryMs?: number | undefined
  readonly onError: (error: unknown, facts: { readonly chore: string }) => void
}

/** Processes that start one after the other, or again and again, need not each do what is done at the start. */
const START_GAP_MS = 15_000

/**
 * Does each chore when it is due, at once for those that were never done: so also at the start after a long stop.
 * Time is the database's, so that processes whose clocks differ agree.
 */
export function startChores({ db, chores, lookEveryMs = 5_000, onError }: ChoresOptions): Chores {
  const stopping = new AbortController()
  const busy = new Map<string, Promise<void>>()
  const startedAt = performance.now()

  /** What was done last before this process started is due at once, and what anybody did since then is not. */
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

/** @returns true for the one process whose turn it is. */
async function claim(db: Database, name: string, afterMs: number): Promise<boolean> {
  const { rows } = await sql<{ name: string }>`
    insert into chores (name, ran_at) values (${name}, now())
    on conflict (name) do update set ran_at = now()
    where chores.ran_at <= now() - ${afterMs}::double precision * interval '1 millisecond'
    returning name`.execute(db.sql)
  return rows.length > 0
}

/** What a chore writes down for its next time, in whichever process that is. */
export interface ChoreNote {
  /** Undefined when nothing was written yet. */
  read(): Promise<unknown>
  /** @param note any JSON; forgotten when the chore was never done. */
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
