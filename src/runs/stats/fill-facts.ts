import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import { z } from 'zod'
import type { Database } from '../../db/database.ts'
import { RUN_COLUMNS, toRun } from '../store/run-rows.ts'
import { type Chore, createChoreNote } from '../upkeep/chores.ts'
import { insertFacts } from './run-facts.ts'

const NAME = 'run-facts'
const EVERY_MS = 60_000
const AT_ONCE = 100
const PAUSE_MS = 50
/** Each round looks at this many of the newest runs, since a process of an older version may have stored them. */
const NEWEST = 1_000

/** How far back the older runs have facts: all from this ordinal on have them. */
const noteSchema = z.object({ from: z.string() })

/**
 * Adds facts to the runs that have none: those from before there were facts, newest first and in small steps, and those
 * that a process of an older version stored or ended.
 */
export function fillFacts(db: Database): Chore {
  const note = createChoreNote(db, NAME)

  async function run(signal: AbortSignal): Promise<void> {
    await closeEnded(db)
    const known = noteSchema.safeParse(await note.read()).data?.from
    await addMissing(db, { newest: NEWEST, signal })
    let from = known ?? null
    while (from !== '0' && !signal.aborted) {
      from = (await addMissing(db, { below: from, newest: AT_ONCE, signal })) ?? '0'
      await note.write({ from })
      await delay(PAUSE_MS, undefined, { signal }).catch(() => {})
    }
  }
  return { name: NAME, everyMs: EVERY_MS, atStart: true, run }
}

/**
 * Adds missing facts to the newest runs below an ordinal.
 *
 * @returns the ordinal of the last run that it looked at; undefined when there is none.
 */
async function addMissing(
  db: Database,
  {
    below = null,
    newest,
    signal,
  }: { readonly below?: string | null; readonly newest: number; readonly signal: AbortSignal },
): Promise<string | undefined> {
  // With `not exists`, the server would read all facts to find those of these runs.
  const { rows } = await sql<{ id: string; ordinal: string; missing: boolean }>`
    select id, ordinal, (select run_id from run_facts where run_id = runs.id) is null as missing from runs
    where ${below}::bigint is null or ordinal < ${below}::bigint
    order by ordinal desc limit ${newest}::int`.execute(db.sql)
  const ids = rows.filter(({ missing }) => missing).map(({ id }) => id)
  for (let at = 0; at < ids.length && !signal.aborted; at += AT_ONCE) {
    await storeFacts(db, ids.slice(at, at + AT_ONCE))
  }
  return rows.at(-1)?.ordinal
}

/** Corrects facts that still show a run as unfinished though it ended a while ago. */
async function closeEnded(db: Database): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select runs.id from run_facts facts join runs on runs.id = facts.run_id
    where facts.finished_at is null and runs.finished_at < now() - interval '30 seconds'
    limit ${AT_ONCE}::int`.execute(db.sql)
  if (rows.length > 0)
    await storeFacts(
      db,
      rows.map(({ id }) => id),
    )
}

async function storeFacts(db: Database, ids: readonly string[]): Promise<void> {
  await db.sql.transaction().execute(async (tx) => {
    const rows = await tx
      .selectFrom('runs')
      .select([...RUN_COLUMNS, 'ordinal', 'requester'])
      .where('id', 'in', ids)
      .orderBy('ordinal')
      .execute()
    await tx.deleteFrom('run_facts').where('run_id', 'in', ids).where('finished_at', 'is', null).execute()
    for (const row of rows) {
      await insertFacts(tx, { run: toRun(row), ordinal: row.ordinal, requester: row.requester })
    }
  })
}
