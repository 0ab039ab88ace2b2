import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { keepReads } from '../../memory/kept-reads.ts'

/** The runs of one repository that ended on one day (UTC). */
export interface DayRuns {
  readonly ref: number
  readonly succeeded: number
  readonly failed: number
  readonly cancelled: number
  /** Number of runs that ended with a pull request. */
  readonly pullRequests: number
  /** Dollars; runs whose price is unknown are left out. */
  readonly usd: number
  readonly runsOfUnknownCost: number
  readonly cacheHits: number
  /** Number of setups that started from what an earlier run left. */
  readonly cacheBegun: number
  readonly cacheMisses: number
}

/**
 * The pull requests that runs opened on one day (UTC) in one repository, by what became of them; each is counted once.
 */
export interface DayPullRequests {
  readonly ref: number
  readonly opened: number
  readonly open: number
  readonly mergedUntouched: number
  readonly mergedAfterRework: number
  /** Number of those that were merged, then reverted within 14 days. */
  readonly reverted: number
  readonly closed: number
  readonly unknown: number
}

export interface DayFigures {
  readonly day: Date
  readonly runs: readonly DayRuns[]
  readonly pullRequests: readonly DayPullRequests[]
}

/** Reads `count` days from `from` on, oldest first. */
export type ReadDays = (from: Date, count: number) => Promise<readonly DayFigures[]>

const DAY_MS = 24 * 60 * 60_000
/** How long the figures of today are kept, and those of earlier days, which hardly change. */
const TODAY_MS = 10_000
const EARLIER_MS = { runs: 2 * 60_000, pullRequests: 60_000 }
/** How many days are kept in memory: more than a caller can ask for. */
const KEPT = 100
/** A later revert has other reasons than the change itself. */
const REVERT_DAYS = 14

/**
 * Reads figures day by day and keeps them for every caller, whatever that caller may see. A day is read in a few
 * milliseconds, so a month of a hundred thousand runs holds nothing else up.
 */
export function createDayFigures(db: Database, now: () => Date): ReadDays {
  const runs = keepReads<number, readonly DayRuns[]>({ most: KEPT, now })
  const pullRequests = keepReads<number, readonly DayPullRequests[]>({ most: KEPT, now })
  return async (from, count) => {
    const days: DayFigures[] = []
    for (let index = 0; index < count; index++) {
      const day = new Date(from.getTime() + index * DAY_MS)
      const key = day.getTime()
      const keepMs = index === count - 1 ? { runs: TODAY_MS, pullRequests: TODAY_MS } : EARLIER_MS
      days.push({
        day,
        runs: await runs.get(key, keepMs.runs, () => readRuns(db, day)),
        pullRequests: await pullRequests.get(key, keepMs.pullRequests, () => readPullRequests(db, day)),
      })
    }
    return days
  }
}

async function readRuns(db: Database, day: Date): Promise<readonly DayRuns[]> {
  const { rows } = await sql<DayRuns>`
    select ref,
      count(*) filter (where status = 'succeeded')::int as succeeded,
      count(*) filter (where status = 'failed')::int as failed,
      count(*) filter (where status = 'cancelled')::int as cancelled,
      count(*) filter (where outcome = 'pull_request')::int as "pullRequests",
      coalesce(sum(coalesce(cost_usd, known_cost_usd)), 0)::float8 as usd,
      count(*) filter (where cost_usd is null)::int as "runsOfUnknownCost",
      count(*) filter (where setup_cache = 'hit')::int as "cacheHits",
      count(*) filter (where setup_cache = 'begun')::int as "cacheBegun",
      count(*) filter (where setup_cache = 'miss')::int as "cacheMisses"
    from run_facts
    where finished_at >= ${day.toISOString()}::timestamptz and finished_at < ${nextDay(day)}::timestamptz
    group by ref`.execute(db.sql)
  return rows
}

async function readPullRequests(db: Database, day: Date): Promise<readonly DayPullRequests[]> {
  const { rows } = await sql<DayPullRequests>`
    select ref,
      count(*)::int as opened,
      count(*) filter (where became = 'open')::int as open,
      count(*) filter (where became = 'merged' and not reworked)::int as "mergedUntouched",
      count(*) filter (where became = 'merged' and reworked)::int as "mergedAfterRework",
      count(*) filter (where became = 'reverted')::int as reverted,
      count(*) filter (where became = 'closed')::int as closed,
      count(*) filter (where became = 'unknown' or (became = 'merged' and reworked is null))::int as unknown
    from (
      select ref, reworked, case
          when state = 'merged' and reverted_at <= ended_at + ${REVERT_DAYS}::int * interval '1 day' then 'reverted'
          else state
        end as became
      from pull_request_outcomes
      where opened_at >= ${day.toISOString()}::timestamptz and opened_at < ${nextDay(day)}::timestamptz
    ) pull_requests
    group by ref`.execute(db.sql)
  return rows
}

function nextDay(day: Date): string {
  return new Date(day.getTime() + DAY_MS).toISOString()
}
