import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { BackspaceError } from '../errors.ts'
import type { StoredAuditEntry } from './audit-entry.ts'

/** All entries of the audit log about one run. */
export interface RunStory {
  readonly runId: string
  readonly entries: readonly StoryEntry[]
}

interface StoryEntry extends StoredAuditEntry {
  /** Null for an entry that is not chained yet. */
  readonly sequence: number | null
}

const SHORTEST_ID = 6

/**
 * Reads everything about a run, including what was decided about its request before there was a run; oldest first.
 *
 * @param run the run's id, or the beginning of it.
 * @throws {BackspaceError} `not_found`; `bad_request` when the ids of several runs begin like this.
 */
export async function readStory(db: Database, run: string): Promise<RunStory> {
  const runId = await findRun(db, run)
  const { rows } = await sql<StoredAuditEntry & { sequence: string | null }>`
    with entry as (
      select sequence, null::bigint as id, at, run_id, actor, kind, facts from audit_log
      union all
      select null::bigint, id, at, run_id, actor, kind, facts from audit_waiting)
    select sequence::text, at, run_id as "runId", actor, kind, facts from entry
    where run_id = ${runId} or (run_id is null and facts ->> 'asked' in (
      select facts ->> 'asked' from entry where run_id = ${runId} and kind = 'run.requested'))
    order by entry.sequence nulls last, entry.id`.execute(db.sql)
  return {
    runId,
    entries: rows.map((row) => ({ ...row, sequence: row.sequence === null ? null : Number(row.sequence) })),
  }
}

async function findRun(db: Database, run: string): Promise<string> {
  if (run.length < SHORTEST_ID) {
    const text = `Give at least the first ${SHORTEST_ID} characters of the run's id.`
    throw new BackspaceError('bad_request', text)
  }
  const { rows } = await sql<{ id: string }>`
    select distinct run_id as id from (
      select run_id from audit_log union all select run_id from audit_waiting) entry
    where starts_with(run_id, ${run}) limit 2`.execute(db.sql)
  const [found, other] = rows
  if (found === undefined) {
    throw new BackspaceError('not_found', `The audit log knows no run ${run}. It may have been pruned.`)
  }
  if (other !== undefined) {
    throw new BackspaceError('bad_request', `Several runs begin with ${run}. Give more of the id.`)
  }
  return found.id
}
