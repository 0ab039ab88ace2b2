import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { ofRefs, type Window } from './run-figures.ts'

/**
 * What became of the pull requests that runs opened in a window, each counted once: a pull request that was reverted counts
 * as reverted and not as merged.
 */
export interface PullRequestFigures {
  readonly opened: number
  readonly open: number
  /** Merged with no commit but the one that Backspace opened it with. */
  readonly mergedUntouched: number
  /** Merged with further commits, of people or of later runs. */
  readonly mergedAfterRework: number
  /** Merged, and reverted within 14 days. */
  readonly reverted: number
  /** Closed without a merge. */
  readonly closed: number
  /** GitHub has not been asked yet, or no longer shows it, or it is not known with which commit it was opened. */
  readonly unknown: number
}

/** Later reverts have other reasons than the change itself. */
const REVERT_DAYS = 14

export async function readPullRequests(db: Database, { refs, from }: Window): Promise<PullRequestFigures> {
  const { rows } = await sql<PullRequestFigures>`
    select
      count(*)::int as opened,
      count(*) filter (where became = 'open')::int as open,
      count(*) filter (where became = 'merged' and reworked is false)::int as "mergedUntouched",
      count(*) filter (where became = 'merged' and reworked)::int as "mergedAfterRework",
      count(*) filter (where became = 'reverted')::int as reverted,
      count(*) filter (where became = 'closed')::int as closed,
      count(*) filter (where became = 'unknown' or (became = 'merged' and reworked is null))::int as unknown
    from (
      select reworked, case
          when state = 'merged' and reverted_at <= ended_at + ${REVERT_DAYS}::int * interval '1 day' then 'reverted'
          else state
        end as became
      from pull_request_outcomes
      where opened_at >= ${from.toISOString()}::timestamptz and ${ofRefs(refs)}
    ) pull_requests`.execute(db.sql)
  return rows[0] ?? NONE
}

const NONE: PullRequestFigures = {
  opened: 0,
  open: 0,
  mergedUntouched: 0,
  mergedAfterRework: 0,
  reverted: 0,
  closed: 0,
  unknown: 0,
}
