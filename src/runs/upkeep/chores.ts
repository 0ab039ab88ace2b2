import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'

/** Periodic work that one process does on behalf of all. */
export interface Chore {
  readonly name: string
  /** Milliseconds between two runs of the chore, across all processes. */
  readonly everyMs: number
  /** Does the chore also when a process starts, even after a short stop, in which something may have been missed. */
  readonly atStart?: boolean | undefined
  /**
   * Does the work. It may be interrupted and repeated.
   *
   * @param signal aborts when this process stops.
   */
  readonly run: (signal: AbortSignal) => Promise<void>
}

interface Chores {
  /** Starts no more chores, and waits for those in progress. */
  stop(): Promise<void>
  /** Whether a chore is in progress. */
  isBusy(): boolean
}

interface ChoresOptions {
  readonly db: Database
  readonly chores: readonly Chore[]
  /** Milliseconds between two checks for due chores; default 5,000. */
  readonly lookEveryMs?: number | undefined
  readonly onError: (error: unknown, facts: { readonly chore: string }) => void
}

/** Processes that start within this time of each other, or restart repeatedly, do a chore for the start only once. */
const START_GAP_MS = 15_000

/**
 * Does each chore when it is due. A chore that was never done, or came due while nothing ran, is due at once. Times are
 * the database's, so processes with different clocks agree.
 */
export function startChores({ db, chores, lookEveryMs = 5_000, onError }: ChoresOptions): Chores {
  const stopping = new AbortController()
  const busy = new Map<string, Promise<void>>()
  const startedAt = performance.now()

  /**
   * Milliseconds after which a chore is due again. A chore for the start is due if it was not done since this process
   * started.
   */
  function dueAfterMs({ everyMs, atStart = false }: Chore): number {
    return atStart ? Math.min(everyMs, Math.max(performance.now() - startedAt, START_GAP_MS)) : everyMs
  }

  async function doIfDue(chore: Chore, claimed: Promise<ReadonlySet<string>>): Promise<void> {
    try {
      if ((await claimed).has(chore.name)) await chore.run(stopping.signal)
    } catch (error) {
      if (!stopping.signal.aborted) onError(error, { chore: chore.name })
    }
  }

  function look(): void {
    const free = chores.filter(({ name }) => !busy.has(name))
    if (free.length === 0) return
    const claimed = claim(
      db,
      free.map((chore) => ({ name: chore.name, afterMs: dueAfterMs(chore) })),
    )
    for (const chore of free) {
      const done = doIfDue(chore, claimed).finally(() => busy.delete(chore.name))
      busy.set(chore.name, done)
    }
  }

  const timer = setInterval(look, lookEveryMs).unref()
  look()
  return {
    isBusy: () => busy.size > 0,
    async stop() {
      clearInterval(timer)
      stopping.abort()
      await Promise.all(busy.values())
    },
  }
}

/**
 * Claims due chores for this process, in one query and in a fixed order, so that no two processes wait for each other.
 *
 * @returns the names of the chores that are due. Only one process gets each.
 */
async function claim(
  db: Database,
  chores: readonly { readonly name: string; readonly afterMs: number }[],
): Promise<ReadonlySet<string>> {
  const sorted = chores.toSorted((one, other) => (one.name < other.name ? -1 : 1))
  const { rows } = await sql<{ name: string }>`
    with asked as (
      select * from unnest(
        ${sorted.map(({ name }) => name)}::text[],
        ${sorted.map(({ afterMs }) => afterMs)}::double precision[]
      ) with ordinality as asked (name, after_ms, position)
    )
    insert into chores (name, ran_at) select name, now() from asked order by position
    on conflict (name) do update set ran_at = now()
    where chores.ran_at <= now()
      - (select after_ms from asked where asked.name = excluded.name) * interval '1 millisecond'
    returning name`.execute(db.sql)
  return new Set(rows.map(({ name }) => name))
}

/** What a chore stores for its next run, in whatever process that is. */
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
