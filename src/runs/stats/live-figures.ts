import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { capacity } from '../admission/turns.ts'
import { ofRefs } from './run-figures.ts'

/** What is going on at this moment. */
export interface LiveFigures {
  readonly running: number
  readonly queued: number
  /** How long the longest-waiting run has waited, in milliseconds; null when none waits. */
  readonly longestWaitMs: number | null
  /** Number of sandboxes in which a run works. */
  readonly sandboxes: number
  /** Number of clean sandboxes in which a change is being verified. */
  readonly cleanSandboxes: number
  /**
   * How many runs the living workers of the deployment can execute at once; null unless the figures cover all
   * repositories.
   */
  readonly slots: number | null
}

export async function readLive(db: Database, refs: readonly number[] | undefined): Promise<LiveFigures> {
  const { rows } = await sql<LiveFigures>`
    select
      count(*) filter (where runs.status = 'running')::int as running,
      count(*) filter (where runs.status = 'queued')::int as queued,
      (extract(epoch from now() - min(runs.created_at) filter (where runs.status = 'queued')) * 1000)::float8
        as "longestWaitMs",
      count(runs.progress ->> 'sandboxId') filter (where runs.status = 'running')::int as sandboxes,
      coalesce(sum(jsonb_array_length(runs.progress -> 'rooms')) filter (where runs.status = 'running'), 0)::int
        as "cleanSandboxes",
      case when ${refs === undefined}::boolean then ${capacity()} end as slots
    from runs join run_facts facts on facts.run_id = runs.id
    where runs.status in ('queued', 'running') and ${ofRefs(refs)}`.execute(db.sql)
  return rows[0] ?? NOTHING
}

const NOTHING: LiveFigures = {
  running: 0,
  queued: 0,
  longestWaitMs: null,
  sandboxes: 0,
  cleanSandboxes: 0,
  slots: null,
}
