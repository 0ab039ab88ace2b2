import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../db/database.ts'

/** Which runs, by their end. */
export interface Window {
  readonly refs: readonly number[] | undefined
  readonly from: Date
}

/** SQL: the rows of these repositories. */
export function ofRefs(refs: readonly number[] | undefined): RawBuilder<unknown> {
  return refs === undefined ? sql`true` : sql`ref = any(${[...refs]}::int[])`
}

/** What ended on a day, UTC. */
export interface DayFigures {
  /** `2026-11-29` */
  readonly day: string
  readonly succeeded: number
  readonly failed: number
  readonly cancelled: number
  /** Dollars, as far as prices are known. */
  readonly usd: number
  readonly runsOfUnknownCost: number
  readonly cacheHits: number
  /** Setups that began with what an earlier run left. */
  readonly cacheBegun: number
  readonly cacheMisses: number
}

const COUNTS = sql`
  count(*) filter (where status = 'succeeded')::int as succeeded,
  count(*) filter (where status = 'failed')::int as failed,
  count(*) filter (where status = 'cancelled')::int as cancelled,
  coalesce(sum(coalesce(cost_usd, known_cost_usd)), 0)::float8 as usd`

/** Days on which a run ended. */
export async function readDays(db: Database, { refs, from }: Window): Promise<readonly DayFigures[]> {
  const { rows } = await sql<DayFigures>`
    select to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD') as day, ${COUNTS},
      count(*) filter (where cost_usd is null)::int as "runsOfUnknownCost",
      count(*) filter (where setup_cache = 'hit')::int as "cacheHits",
      count(*) filter (where setup_cache = 'begun')::int as "cacheBegun",
      count(*) filter (where setup_cache = 'miss')::int as "cacheMisses"
    from run_facts where finished_at >= ${from.toISOString()}::timestamptz and ${ofRefs(refs)}
    group by 1`.execute(db.sql)
  return rows
}

export interface RepositoryFigures {
  /** `owner/name`, as it is written. */
  readonly repository: string
  readonly succeeded: number
  readonly failed: number
  readonly cancelled: number
  /** Dollars, as far as prices are known. */
  readonly usd: number
  /** Runs that ended with a pull request. */
  readonly pullRequests: number
}

const MOST = 20

/** Repositories with the most runs first. */
export async function readRepositories(
  db: Database,
  { refs, from }: Window,
): Promise<readonly RepositoryFigures[]> {
  const { rows } = await sql<RepositoryFigures>`
    select max(repository.name) as repository, sum(succeeded)::int as succeeded, sum(failed)::int as failed,
      sum(cancelled)::int as cancelled, sum(usd)::float8 as usd, sum("pullRequests")::int as "pullRequests"
    from (
      select ref, ${COUNTS}, count(*) filter (where outcome = 'pull_request')::int as "pullRequests"
      from run_facts where finished_at >= ${from.toISOString()}::timestamptz and ${ofRefs(refs)}
      group by ref
    ) figures join run_repositories repository using (ref)
    group by repository.repository
    order by sum(succeeded + failed + cancelled) desc, repository.repository limit ${MOST}::int`.execute(
    db.sql,
  )
  return rows
}

/** From the request to the end of runs that opened or changed a pull request. */
export interface TimeFigures {
  /** Of how many runs, the newest thousand at most. */
  readonly runs: number
  /** Milliseconds; null without a run. */
  readonly medianMs: number | null
  readonly p90Ms: number | null
}

export async function readTimes(db: Database, { refs, from }: Window): Promise<TimeFigures> {
  const { rows } = await sql<TimeFigures>`
    select count(*)::int as runs,
      percentile_cont(0.5) within group (order by ms) as "medianMs",
      percentile_cont(0.9) within group (order by ms) as "p90Ms"
    from (
      select extract(epoch from finished_at - created_at)::float8 * 1000 as ms
      from run_facts
      where outcome = 'pull_request' and finished_at >= ${from.toISOString()}::timestamptz and ${ofRefs(refs)}
      order by ordinal desc limit 1000
    ) times`.execute(db.sql)
  return rows[0] ?? { runs: 0, medianMs: null, p90Ms: null }
}

/** What a provider did for runs that ended. */
export interface ProviderFigures {
  readonly provider: string
  /** Runs that it answered, or was asked by. */
  readonly runs: number
  readonly turns: number
  /** Requests that were repeated. */
  readonly retries: number
  /** How often another model took over. */
  readonly fallbacks: number
  /** Dollars, as far as prices are known. */
  readonly usd: number
}

/** Of the newest 2,000 runs in the window. */
export async function readProviders(
  db: Database,
  { refs, from }: Window,
): Promise<readonly ProviderFigures[]> {
  const { rows } = await sql<ProviderFigures>`
    select provider, count(*)::int as runs, sum(turns)::int as turns, sum(retries)::int as retries,
      sum(fallbacks)::int as fallbacks, coalesce(sum("costUsd"), 0)::float8 as usd
    from (
      select providers from run_facts
      where finished_at >= ${from.toISOString()}::timestamptz and ${ofRefs(refs)}
      order by finished_at desc limit 2000
    ) ended
    cross join lateral jsonb_to_recordset(coalesce(providers, '[]'))
      as used (provider text, turns int, retries int, fallbacks int, "costUsd" float8)
    group by provider order by turns desc, provider`.execute(db.sql)
  return rows
}
