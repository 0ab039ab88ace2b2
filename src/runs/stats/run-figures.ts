import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../db/database.ts'

/** The runs to count: those that ended in a span of time, in some repositories or in all. */
export interface Window {
  readonly refs: readonly number[] | undefined
  readonly from: Date
}

/** SQL condition: the row belongs to one of these repositories. */
export function ofRefs(refs: readonly number[] | undefined): RawBuilder<unknown> {
  return refs === undefined ? sql`true` : sql`ref = any(${[...refs]}::int[])`
}

/** How long runs took that opened or changed a pull request, from the request to the end. */
export interface TimeFigures {
  /** How many runs were counted: the newest of the window, at most 250. */
  readonly runs: number
  /** Milliseconds; null without a run. */
  readonly medianMs: number | null
  readonly p90Ms: number | null
}

/** A median covers at most this many runs, which one query finds without going through all. */
const NEWEST = 250
/** With more repositories than this, the query goes through the newest runs of all repositories. */
const DRIVING_REFS = 100

export async function readTimes(db: Database, { refs, from }: Window): Promise<TimeFigures> {
  const newest = sql`order by ordinal desc limit ${NEWEST}::int`
  const rowsOf = sql`select ordinal, created_at, finished_at from run_facts where outcome = 'pull_request'`
  const found =
    refs === undefined || refs.length > DRIVING_REFS
      ? sql`${rowsOf} and ${ofRefs(refs)} ${newest}`
      : sql`
        select found.* from unnest(${[...refs]}::int[]) as driver (value)
        cross join lateral (${rowsOf} and ref = driver.value ${newest}) found ${newest}`
  const { rows } = await sql<TimeFigures>`
    select count(*)::int as runs,
      percentile_cont(0.5) within group (order by ms) as "medianMs",
      percentile_cont(0.9) within group (order by ms) as "p90Ms"
    from (
      select extract(epoch from finished_at - created_at)::float8 * 1000 as ms
      from (${found}) newest where finished_at >= ${from.toISOString()}::timestamptz
    ) times`.execute(db.sql)
  return rows[0] ?? { runs: 0, medianMs: null, p90Ms: null }
}

/** How much ended runs used a provider. */
export interface ProviderFigures {
  readonly provider: string
  /** Number of runs that asked this provider. */
  readonly runs: number
  readonly turns: number
  /** Number of requests that were repeated. */
  readonly retries: number
  /** How often another model took over. */
  readonly fallbacks: number
  /** Dollars; turns whose price is unknown are left out. */
  readonly usd: number
}

/** Counts the newest thousand runs of the window. */
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
      order by finished_at desc limit 1000
    ) ended
    cross join lateral jsonb_to_recordset(coalesce(providers, '[]'))
      as used (provider text, turns int, retries int, fallbacks int, "costUsd" float8)
    group by provider order by turns desc, provider`.execute(db.sql)
  return rows
}
