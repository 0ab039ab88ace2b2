import { sql } from 'kysely'
import type { Database } from '../db/database.ts'

/** How many runs of the whole deployment have not ended. */
export interface LiveRuns {
  /** Wait for a place. */
  readonly waiting: number
  /** Hold a place. */
  readonly running: number
}

export async function countLiveRuns(db: Database): Promise<LiveRuns> {
  const { rows } = await sql<LiveRuns>`
    select
      count(*) filter (where admitted_at is null)::int as waiting,
      count(*) filter (where admitted_at is not null)::int as running
    from runs where status in ('queued', 'running')`.execute(db.sql)
  return rows[0] ?? { waiting: 0, running: 0 }
}
