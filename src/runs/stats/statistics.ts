import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { keepReads } from '../../memory/kept-reads.ts'
import {
  createDayFigures,
  type DayFigures,
  type DayPullRequests,
  type DayRuns,
  type ReadDays,
} from './day-figures.ts'
import { type LiveFigures, readLive } from './live-figures.ts'
import { type ProviderFigures, readProviders, readTimes, type TimeFigures } from './run-figures.ts'

/** Which runs the figures cover. */
export interface StatisticsScope {
  /** Default: all repositories. */
  readonly refs?: readonly number[] | undefined
  /**
   * How many days (UTC) are covered, today included: the runs that ended in them and the pull requests that were opened
   * in them.
   */
  readonly days: number
}

/** The figures for the runs of some repositories. Each is counted; none is an estimate. */
export interface Statistics {
  readonly from: Date
  readonly to: Date
  readonly live: LiveFigures
  readonly runs: RunCounts
  readonly timeToPullRequest: TimeFigures
  readonly dollars: Dollars
  /** Each pull request is counted once: a reverted one counts as reverted and not as merged. */
  readonly pullRequests: Omit<DayPullRequests, 'ref'>
  /** The providers of the last 24 hours. */
  readonly providers: readonly ProviderFigures[]
  readonly setupCache: { readonly hits: number; readonly begun: number; readonly misses: number }
  /** One entry for each day, oldest first, including days without a run. */
  readonly perDay: readonly DayTotal[]
  /** The repositories with the most runs, at most twenty. */
  readonly repositories: readonly RepositoryTotal[]
}

interface DayTotal extends Omit<DayRuns, 'ref'> {
  /** `2026-11-29` */
  readonly day: string
}

interface RepositoryTotal extends Omit<DayRuns, 'ref'> {
  /** `owner/name`, spelled as on GitHub. */
  readonly repository: string
}

interface RunCounts {
  readonly ended: number
  readonly succeeded: number
  readonly failed: number
  readonly cancelled: number
  /**
   * The share of runs that succeeded among those that succeeded or failed, 0 to 1; null without any. Stopped runs do
   * not count.
   */
  readonly successRate: number | null
}

interface Dollars {
  /** Dollars of all runs that ended; a lower bound if the price of some is unknown. */
  readonly total: number
  /** Number of runs with a model whose price is unknown. */
  readonly runsOfUnknownCost: number
  /**
   * The total, divided by the number of merged pull requests among those that were opened in these days; null without
   * one.
   */
  readonly perMergedPullRequest: number | null
}

/** How long percentiles and providers are kept before they are read again. */
const KEEP_MS = 10_000
/** For how many scopes the answer is kept in memory. */
const KEPT = 200
const DAY_MS = 24 * 60 * 60_000
const MOST_REPOSITORIES_SHOWN = 20

export type ReadStatistics = (scope: StatisticsScope) => Promise<Statistics>

export function createStatistics(db: Database, now: () => Date = () => new Date()): ReadStatistics {
  const readDays = createDayFigures(db, now)
  const kept = keepReads<string, Awaited<ReturnType<typeof readEnded>>>({ most: KEPT, now })

  function ended(scope: StatisticsScope): ReturnType<typeof readEnded> {
    const key = JSON.stringify([scope.days, scope.refs?.toSorted((a, b) => a - b)])
    return kept.get(key, KEEP_MS, () => readEnded(db, { ...scope, to: now(), readDays }))
  }

  return async (scope) => {
    const [figures, live] = await Promise.all([ended(scope), readLive(db, scope.refs)])
    return { ...figures, live }
  }
}

/** Runs one query after another, so that figures do not keep working runs from the database. */
async function readEnded(
  db: Database,
  { refs, days, to, readDays }: StatisticsScope & { readonly to: Date; readonly readDays: ReadDays },
): Promise<Omit<Statistics, 'live'>> {
  const today = Date.UTC(to.getUTCFullYear(), to.getUTCMonth(), to.getUTCDate())
  const from = new Date(today - (days - 1) * DAY_MS)
  const seen = refs && new Set(refs)
  const found = (await readDays(from, days)).map(({ day, runs, pullRequests }): DayFigures => {
    const isSeen = ({ ref }: { readonly ref: number }) => seen?.has(ref) ?? true
    return { day, runs: runs.filter(isSeen), pullRequests: pullRequests.filter(isSeen) }
  })
  const runs = found.flatMap((day) => day.runs)
  const { succeeded, failed, cancelled, usd, runsOfUnknownCost, ...sums } = sumRuns(runs)
  const pullRequests = sumPullRequests(found.flatMap((day) => day.pullRequests))
  const merged = pullRequests.mergedUntouched + pullRequests.mergedAfterRework
  return {
    from,
    to,
    runs: {
      ended: succeeded + failed + cancelled,
      succeeded,
      failed,
      cancelled,
      successRate: succeeded + failed === 0 ? null : succeeded / (succeeded + failed),
    },
    timeToPullRequest: await readTimes(db, { refs, from }),
    dollars: {
      total: usd,
      runsOfUnknownCost,
      perMergedPullRequest: merged === 0 ? null : usd / merged,
    },
    pullRequests,
    providers: await readProviders(db, { refs, from: new Date(to.getTime() - DAY_MS) }),
    setupCache: { hits: sums.cacheHits, begun: sums.cacheBegun, misses: sums.cacheMisses },
    perDay: found.map((day) => ({ ...sumRuns(day.runs), day: day.day.toISOString().slice(0, 10) })),
    repositories: await totalsByRepository(db, runs),
  }
}

/** A repository that was renamed has a total under each name. */
async function totalsByRepository(
  db: Database,
  runs: readonly DayRuns[],
): Promise<readonly RepositoryTotal[]> {
  const byRef = Map.groupBy(runs, ({ ref }) => ref)
  const { rows: named } = await sql<{ ref: number; repository: string; name: string }>`
    select ref, repository, name from run_repositories where ref = any(${[...byRef.keys()]}::int[])`.execute(
    db.sql,
  )
  const totals = [...Map.groupBy(named, ({ repository }) => repository).values()].map((same) => ({
    ...sumRuns(same.flatMap(({ ref }) => byRef.get(ref) ?? [])),
    repository: same[0]?.name ?? '',
  }))
  const count = ({ succeeded, failed, cancelled }: RepositoryTotal) => succeeded + failed + cancelled
  return totals
    .sort((one, other) => count(other) - count(one) || (one.repository < other.repository ? -1 : 1))
    .slice(0, MOST_REPOSITORIES_SHOWN)
}

const NO_RUNS: Omit<DayRuns, 'ref'> = {
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  pullRequests: 0,
  usd: 0,
  runsOfUnknownCost: 0,
  cacheHits: 0,
  cacheBegun: 0,
  cacheMisses: 0,
}

function sumRuns(rows: readonly DayRuns[]): Omit<DayRuns, 'ref'> {
  return addUp(NO_RUNS, rows)
}

const NO_PULL_REQUESTS: Statistics['pullRequests'] = {
  opened: 0,
  open: 0,
  mergedUntouched: 0,
  mergedAfterRework: 0,
  reverted: 0,
  closed: 0,
  unknown: 0,
}

function sumPullRequests(rows: readonly DayPullRequests[]): Statistics['pullRequests'] {
  return addUp(NO_PULL_REQUESTS, rows)
}

function addUp<Sums extends { readonly [Name in keyof Sums]: number }>(
  none: Sums,
  rows: readonly Sums[],
): Sums {
  const names = Object.keys(none) as (keyof Sums)[]
  const sums = names.map((name) => [name, rows.reduce((sum, row) => sum + row[name], 0)])
  return Object.fromEntries(sums) as Sums
}
