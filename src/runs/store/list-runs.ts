import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { Run, RunRequest, RunStatus } from '../run.ts'
import type { Outcome } from '../run-event.ts'
import { searchWords } from '../stats/run-facts.ts'
import type { Verdict } from '../summary/verdict.ts'
import { RUN_COLUMNS, repositoryKey, toRun } from './run-rows.ts'

/** Which runs a list shows: those for which every given field holds. */
export interface RunFilter {
  readonly status?: RunStatus | undefined
  readonly repository?: { readonly owner: string; readonly name: string } | undefined
  /** A GitHub login, or the name of an API token. */
  readonly requester?: string | undefined
  readonly trigger?: RunRequest['trigger'] | undefined
  readonly outcome?: Outcome | undefined
  readonly verdict?: Verdict['tone'] | undefined
  /** `provider:model` of any model that answered in the run. */
  readonly model?: string | undefined
  /** A part of the prompt or of the thread's title, in any case. */
  readonly text?: string | undefined
}

export interface ListRuns {
  readonly limit: number
  /** Only runs that are older than the run with this id. That run must be in `refs`, too. */
  readonly before?: string | undefined
  /** Only runs of these repositories; default: all. */
  readonly refs?: readonly number[] | undefined
  readonly filter?: RunFilter | undefined
}

export interface RunList {
  /** Newest first. */
  readonly runs: readonly Run[]
  /**
   * The value of `before` for the next page; null on the last page. A page before the last may have few runs or none.
   */
  readonly next: string | null
  /**
   * The age up to which runs were searched, if there may be older ones that match; null when all runs were searched.
   */
  readonly searchedTo: Date | null
}

/**
 * Most runs that one page looks at. A search for something rare then takes several pages, but each takes the same time
 * however many runs there are.
 */
const SEARCHED = 4_000
const LIVE: readonly string[] = ['queued', 'running']

export async function listRuns(
  db: Database,
  { limit, before, refs, filter = {} }: ListRuns,
): Promise<RunList> {
  const shown = filter.repository === undefined ? refs : await refsOf(db, filter.repository, refs)
  if (shown?.length === 0) return NONE
  const search = planSearch(filter, shown)
  const isSure = search.conditions.length === 0
  const drivers = search.drive?.values.length ?? 1
  const each = isSure ? limit + 1 : Math.max(limit + 1, Math.ceil(SEARCHED / drivers))
  const seen = shown === undefined ? sql`true` : sql`ref = any(${[...shown]}::int[])`
  const { rows } = await sql<{ run_id: string; created_at: Date; hit: boolean }>`
    with start as (${startOf(before, refs)}),
    searched as (
      select facts.*,
        row_number() over (partition by facts.driver order by facts.ordinal desc) = ${each}::int as is_last
      from start cross join lateral (${searched(search, each)}) facts
    ),
    depth as (select max(ordinal) as ordinal from searched where is_last)
    (select run_id, created_at, true as hit from searched
      where hit and ordinal >= coalesce((select ordinal from depth), 0)
      order by ordinal desc limit ${limit + 1}::int)
    union all
    (select run_id, created_at, false from searched
      where ordinal >= (select ordinal from depth) and ${seen} order by ordinal limit 1)`.execute(db.sql)
  const hits = rows.filter(({ hit }) => hit)
  const page = hits.slice(0, limit).map(({ run_id: id }) => id)
  const runs = await runsOf(db, page)
  if (hits.length > limit) return { runs, next: page.at(-1) ?? null, searchedTo: null }
  const deepest = rows.find(({ hit }) => !hit)
  return { runs, next: deepest?.run_id ?? null, searchedTo: deepest?.created_at ?? null }
}

const NONE: RunList = { runs: [], next: null, searchedTo: null }

function isLive({ status }: RunFilter): boolean {
  return status !== undefined && LIVE.includes(status)
}

/** How a page of runs is found. */
interface Search {
  readonly live: RunFilter['status']
  readonly drive: Drive | undefined
  /** SQL conditions that the index does not cover. */
  readonly conditions: readonly RawBuilder<unknown>[]
}

/** The column whose index the search uses, and the values that it may have. */
interface Drive {
  readonly column: 'ref' | 'requester' | 'verdict' | 'outcome' | 'status'
  readonly values: readonly (number | string)[]
}

/** With more repositories than this, a page goes through the newest runs of all repositories. */
const DRIVING_REFS = 100

function planSearch(filter: RunFilter, refs: readonly number[] | undefined): Search {
  const { requester, verdict, outcome, trigger, model, text } = filter
  const live = isLive(filter) ? filter.status : undefined
  const status = live === undefined ? filter.status : undefined
  const equal: readonly (Drive | undefined)[] = [
    refs && { column: 'ref', values: refs },
    requester === undefined ? undefined : { column: 'requester', values: requesters(requester) },
    verdict === undefined ? undefined : { column: 'verdict', values: [verdict] },
    outcome === undefined ? undefined : { column: 'outcome', values: [outcome] },
    status === undefined ? undefined : { column: 'status', values: [status] },
  ]
  const given = equal.filter((one) => one !== undefined)
  const drive = live === undefined ? given.find(({ values }) => values.length <= DRIVING_REFS) : undefined
  const conditions = [
    ...given.filter((one) => one !== drive).map(isAnyOf),
    trigger === undefined ? undefined : sql`facts.trigger = ${trigger}`,
    model === undefined ? undefined : sql`${model} = any(facts.models)`,
    text === undefined ? undefined : sql`position(${searchWords(text)} in facts.words) > 0`,
  ]
  return { live, drive, conditions: conditions.filter((one) => one !== undefined) }
}

function requesters(name: string): readonly string[] {
  const login = name.toLowerCase()
  return [login, `token:${login}`]
}

function isAnyOf({ column, values }: Drive): RawBuilder<unknown> {
  return sql`${sql.ref(`facts.${column}`)} = any(${[...values]}::${typeOf(column)}[])`
}

function typeOf(column: Drive['column']): RawBuilder<unknown> {
  return column === 'ref' ? sql`int` : sql`text`
}

/** SQL: one row with the ordinal that the page begins below; no row when the run of `before` is unknown. */
function startOf(before: string | undefined, refs: readonly number[] | undefined): RawBuilder<unknown> {
  if (before === undefined) return sql`select 9223372036854775807::bigint as before`
  return sql`
    select ordinal as before from run_facts where run_id = ${before}
      ${refs === undefined ? sql`` : sql`and ref = any(${[...refs]}::int[])`}`
}

function searched({ live, drive, conditions }: Search, each: number): RawBuilder<unknown> {
  const hit = conditions.length === 0 ? sql`true` : sql`coalesce(${sql.join(conditions, sql` and `)}, false)`
  const columns = sql`facts.run_id, facts.ordinal, facts.ref, facts.created_at, ${hit} as hit`
  const older = sql`facts.ordinal < start.before order by facts.ordinal desc limit ${each}::int`
  if (live !== undefined) {
    // The facts do not say which runs are live, but there are never many of them.
    return sql`
      select 0 as driver, ${columns} from runs join run_facts facts on facts.run_id = runs.id
      where runs.status in ('queued', 'running') and runs.status = ${live} and ${older}`
  }
  if (drive === undefined) return sql`select 0 as driver, ${columns} from run_facts facts where ${older}`
  const { column, values } = drive
  return sql`
    select driver.position as driver, found.*
    from unnest(${[...values]}::${typeOf(column)}[]) with ordinality as driver (value, position)
    cross join lateral (
      select ${columns} from run_facts facts
      where ${sql.ref(`facts.${column}`)} = driver.value and ${older}
    ) found`
}

async function refsOf(
  db: Database,
  repository: NonNullable<RunFilter['repository']>,
  refs: readonly number[] | undefined,
): Promise<readonly number[]> {
  const rows = await db.sql
    .selectFrom('run_repositories')
    .select('ref')
    .where('repository', '=', repositoryKey(repository))
    .execute()
  return rows.map(({ ref }) => ref).filter((ref) => refs === undefined || refs.includes(ref))
}

async function runsOf(db: Database, ids: readonly string[]): Promise<readonly Run[]> {
  if (ids.length === 0) return []
  const rows = await db.sql
    .selectFrom('runs')
    .select(RUN_COLUMNS)
    .where('id', 'in', ids)
    .orderBy('ordinal', 'desc')
    .execute()
  return rows.map(toRun)
}

export interface LiveQuery {
  /** Only runs of these repositories; default: all. */
  readonly refs?: readonly number[] | undefined
  readonly most: number
}

/** The runs that have not ended: first those that work, then those that wait, each oldest first. */
export async function listLive(db: Database, { refs, most }: LiveQuery): Promise<readonly Run[]> {
  const seen =
    refs === undefined
      ? sql<boolean>`true`
      : sql<boolean>`exists (select from run_facts where run_id = runs.id and ref = any(${[...refs]}::int[]))`
  const rows = await db.sql
    .selectFrom('runs')
    .select(RUN_COLUMNS)
    .where('status', 'in', ['queued', 'running'])
    .where(seen)
    .orderBy(sql`status = 'queued'`)
    .orderBy('ordinal')
    .limit(most)
    .execute()
  return rows.map(toRun)
}
