import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { keepReads } from '../../memory/kept-reads.ts'
import { costText } from '../../text/amounts.ts'
import type { Run } from '../run.ts'
import { repositoryKey } from '../store/run-rows.ts'
import { type RunKind, runKind } from './run-facts.ts'

/** The middle half of some values: a quarter lies below `from`, and a quarter above `to`. */
interface MiddleHalf {
  readonly from: number
  readonly to: number
}

/** What earlier runs of the same kind in the same repository took and cost. */
export interface SimilarRuns {
  readonly kind: RunKind
  /** How many runs were counted: the newest of the last 90 days that succeeded, at most a hundred. */
  readonly runs: number
  /** Milliseconds from the start of a run to its end. */
  readonly ms: MiddleHalf
  /** Dollars; null when fewer than five have a known price. */
  readonly usd: MiddleHalf | null
}

/** With fewer runs than this, nothing can be said about the next. */
const LEAST = 5
/** For how many runs the answer is kept in memory. */
const KEPT = 500

/**
 * Undefined without enough earlier runs. Only runs that ended before the request count, so the answer for a run never
 * changes.
 */
export type FindSimilar = (run: Run) => Promise<SimilarRuns | undefined>

export function createFindSimilar(db: Database): FindSimilar {
  const kept = keepReads<string, SimilarRuns | undefined>({ most: KEPT, now: () => new Date() })
  return (run) => kept.get(run.id, Number.POSITIVE_INFINITY, () => findSimilar(db, run))
}

interface Row {
  readonly runs: number
  readonly priced: number
  readonly ms: readonly number[] | null
  readonly usd: readonly number[] | null
}

async function findSimilar(db: Database, { request, createdAt }: Run): Promise<SimilarRuns | undefined> {
  const kind = runKind(request)
  const { id = 0 } = request.repository
  // A repository that took over the name of another one has another id.
  const isSame =
    id === 0
      ? sql`github_id = 0 and repository = ${repositoryKey(request.repository)}`
      : sql`github_id = ${id}::bigint`
  const { rows } = await sql<Row>`
    select count(*)::int as runs, count(cost_usd)::int as priced,
      percentile_cont(array[0.25, 0.75]) within group (order by ms) as ms,
      percentile_cont(array[0.25, 0.75]) within group (order by cost_usd) as usd
    from (
      select facts.cost_usd, extract(epoch from facts.finished_at - facts.started_at)::float8 * 1000 as ms
      from run_facts facts
      where facts.ref in (select ref from run_repositories where ${isSame}) and facts.kind = ${kind}
        and facts.status = 'succeeded' and facts.started_at is not null
        and facts.finished_at between ${createdAt.toISOString()}::timestamptz - interval '90 days'
          and ${createdAt.toISOString()}::timestamptz
      order by facts.finished_at desc limit 100
    ) alike`.execute(db.sql)
  const [found] = rows
  if (found === undefined || found.runs < LEAST || found.ms === null) return undefined
  const { runs, priced, ms, usd } = found
  return { kind, runs, ms: halfOf(ms), usd: usd === null || priced < LEAST ? null : halfOf(usd) }
}

function halfOf([from = 0, to = 0]: readonly number[]): MiddleHalf {
  return { from, to }
}

/** `31 runs like this: $0.40–1.10, 6–14 min; at most $5.00` */
export function similarLine({ runs, ms, usd }: SimilarRuns, budgetUsd: number | null): string {
  const parts = [usd === null ? undefined : dollarRange(usd), timeRange(ms)].filter(
    (part) => part !== undefined,
  )
  const most = budgetUsd === null ? '' : `; at most ${costText(budgetUsd)}`
  return `${runs} runs like this: ${parts.join(', ')}${most}`
}

const KINDS = {
  issue: 'on issues',
  pull_request: 'on pull requests',
  request: 'without a thread',
  plan: 'that made a plan',
  proof: 'that proved a pull request',
  settings: 'that proposed settings',
} as const satisfies Record<RunKind, string>

/** Explains which runs `similarLine` is about. */
export function similarMeaning({ kind, runs }: SimilarRuns): string {
  return `The middle half of the newest ${runs} runs ${KINDS[kind]} in this repository that succeeded in the last 90 days.`
}

function dollarRange(half: MiddleHalf): string {
  const [from, to] = [costText(half.from), costText(half.to)]
  return from === to ? from : `${from}–${to.replace('$', '')}`
}

function timeRange(half: MiddleHalf): string {
  const isShort = half.to < 90_000
  const unit = isShort ? 1000 : 60_000
  const [from, to] = [half.from, half.to].map((ms) => Math.max(1, Math.round(ms / unit)))
  return `${from === to ? from : `${from}–${to}`} ${isShort ? 's' : 'min'}`
}
