import { sql } from 'kysely'
import type { Database } from '../../src/db/database.ts'

/** A run whose row and terminal event disagree, as one query saw both. */
export interface EndingApart {
  readonly runId: string
  readonly status: string
  /** Type of the terminal event; null without one. */
  readonly event: string | null
}

/**
 * Runs that break the promise that status, result, time and terminal event agree at every moment. One statement reads
 * all of them, so it sees what any reader could see.
 */
export async function endingsApart({ sql: db }: Pick<Database, 'sql'>): Promise<readonly EndingApart[]> {
  const { rows } = await sql<EndingApart>`
    select run.id as "runId", run.status, event.type as event
    from runs run
    left join lateral (
      select * from run_events
      where run_id = run.id and seq = run.last_seq and type in ('run.succeeded', 'run.failed', 'run.cancelled')
    ) event on true
    where case when event.type is null
      then run.status not in ('queued', 'running') or run.result is not null or run.finished_at is not null
      else event.type <> 'run.' || run.status
        or event.body::text is distinct from run.result::text
        or event.at is distinct from run.finished_at
    end`.execute(db)
  return rows
}
