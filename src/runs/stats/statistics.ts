import type { Database } from '../../db/database.ts'
import { type LiveFigures, readLive } from './live-figures.ts'
import { type PullRequestFigures, readPullRequests } from './pull-request-figures.ts'
import {
  type DayFigures,
  type ProviderFigures,
  type RepositoryFigures,
  readDays,
  readProviders,
  readRepositories,
  readTimes,
  type TimeFigures,
} from './run-figures.ts'

/** The runs that figures count. */
export interface StatisticsScope {
  /** All repositories if left out. */
  readonly refs?: readonly number[] | undefined
  /** Days (UTC) that end with today: runs that ended, and pull requests that were opened, in them. */
  readonly days: number
}

/** What the runs of some repositories came to. Every figure is counted, and none is an estimate. */
export interface Statistics {
  readonly from: Date
  readonly to: Date
  readonly live: LiveFigures
  readonly runs: RunCounts
  readonly timeToPullRequest: TimeFigures
  readonly dollars: Dollars
  readonly pullRequests: PullRequestFigures
  /** Of the last 24 hours. */
  readonly providers: readonly ProviderFigures[]
  readonly setupCache: { readonly hits: number; readonly begun: number; readonly misses: number }
  /** One for each day, oldest first, days without a run too. */
  readonly perDay: readonly DayFigures[]
  /** Those with the most runs, twenty at most. */
  readonly repositories: readonly RepositoryFigures[]
}

interface RunCounts {
  readonly ended: number
  readonly succeeded: number
  readonly failed: number
  readonly cancelled: number
  /** Succeeded of succeeded and failed, 0 to 1; null without either. Runs that were stopped count neither way. */
  readonly successRate: number | null
}

interface Dollars {
  /** Of all runs that ended; a lower bound if the price of some is not known. */
  readonly total: number
  /** Runs with a model whose price is not known. */
  readonly runsOfUnknownCost: number
  /** The total, divided by the pull requests that were opened in these days and are merged; null without one. */
  readonly perMergedPullRequest: number | null
}

/** Figures are read again after this long, for all who ask. What is live is read each time. */
const KEEP_MS = 10_000
/** Sets of figures in memory. */
const KEPT = 200
const DAY_MS = 24 * 60 * 60_000

export type ReadStatistics = (scope: StatisticsScope) => Promise<Statistics>

export function createStatistics(db: Database, now: () => Date = () => new Date()): ReadStatistics {
  const kept = new Map<string, { readonly at: number; readonly figures: ReturnType<typeof readEnded> }>()

  function ended(scope: StatisticsScope): ReturnType<typeof readEnded> {
    const key = JSON.stringify([scope.days, scope.refs?.toSorted((a, b) => a - b)])
    const known = kept.get(key)
    if (known && now().getTime() - known.at < KEEP_MS) return known.figures
    const figures = readEnded(db, scope, now())
    figures.catch(() => kept.delete(key))
    kept.delete(key)
    kept.set(key, { at: now().getTime(), figures })
    const [oldest] = kept.keys()
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest)
    return figures
  }

  return async (scope) => {
    const [figures, live] = await Promise.all([ended(scope), readLive(db, scope.refs)])
    return { ...figures, live }
  }
}

async function readEnded(
  db: Database,
  { refs, days }: StatisticsScope,
  to: Date,
): Promise<Omit<Statistics, 'live'>> {
  const today = Date.UTC(to.getUTCFullYear(), to.getUTCMonth(), to.getUTCDate())
  const from = new Date(today - (days - 1) * DAY_MS)
  const window = { refs, from }
  // One after another: figures must not keep runs from their database.
  const found = await readDays(db, window)
  const pullRequests = await readPullRequests(db, window)
  const timeToPullRequest = await readTimes(db, window)
  const providers = await readProviders(db, { refs, from: new Date(to.getTime() - DAY_MS) })
  const repositories = await readRepositories(db, window)
  const byDay = new Map(found.map((day) => [day.day, day]))
  const perDay = Array.from({ length: days }, (_, index) => {
    const day = new Date(from.getTime() + index * DAY_MS).toISOString().slice(0, 10)
    return byDay.get(day) ?? { ...EMPTY_DAY, day }
  })
  const sum = (of: (day: DayFigures) => number) => perDay.reduce((total, day) => total + of(day), 0)
  const [succeeded, failed, cancelled] = [
    sum((day) => day.succeeded),
    sum((day) => day.failed),
    sum((day) => day.cancelled),
  ]
  const total = sum(({ usd }) => usd)
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
    timeToPullRequest,
    dollars: {
      total,
      runsOfUnknownCost: sum(({ runsOfUnknownCost }) => runsOfUnknownCost),
      perMergedPullRequest: merged === 0 ? null : total / merged,
    },
    pullRequests,
    providers,
    setupCache: {
      hits: sum(({ cacheHits }) => cacheHits),
      begun: sum(({ cacheBegun }) => cacheBegun),
      misses: sum(({ cacheMisses }) => cacheMisses),
    },
    perDay,
    repositories,
  }
}

const EMPTY_DAY: Omit<DayFigures, 'day'> = {
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  usd: 0,
  runsOfUnknownCost: 0,
  cacheHits: 0,
  cacheBegun: 0,
  cacheMisses: 0,
}
