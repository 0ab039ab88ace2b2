import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import type { Schema } from '../../db/schema.ts'
import { runsMayStart } from '../pause/operator-pause.ts'
import { type AdmissionLimits, leastBudgetUsd, startOfDay } from './admission-limits.ts'
import { isAlive } from './worker-beat.ts'

/** SQL condition: this run waits for a slot. It equals the condition of the index `runs_waiting`. */
export function isWaiting(run: string): RawBuilder<boolean> {
  return sql`${sql.ref(`${run}.admitted_at`)} is null and ${sql.ref(`${run}.status`)} = 'queued'`
}

/** SQL condition: an earlier run of the same thread has not ended. The runs of a thread go in order. */
export function followsAnother(run: string): RawBuilder<boolean> {
  return sql`exists (
    select from runs earlier
    where earlier.thread_key = ${sql.ref(`${run}.thread_key`)} and earlier.ordinal < ${sql.ref(`${run}.ordinal`)}
      and earlier.status in ('queued', 'running')
  )`
}

/** SQL for a lateral join: when this account last got a slot, as `admitted_at`; no row if it never got one. */
function lastServed(account: string): RawBuilder<unknown> {
  return sql`(
    select admitted_at from runs
    where account = ${sql.ref(account)} and admitted_at is not null
    order by admitted_at desc limit 1
  )`
}

/**
 * Common table expressions, to follow `with`: `holding` has the runs that hold a slot and the dollars reserved for
 * them, by account and repository; `account_holding` has the number of these runs by account.
 */
function holding(): RawBuilder<unknown> {
  return sql`
    holding as materialized (
      select account, repository, count(*)::int as runs, coalesce(sum(budget_usd), 0) as usd
      from runs
      where admitted_at is not null and status in ('queued', 'running')
      group by account, repository
    ),
    account_holding as (
      select account, sum(runs)::int as runs from holding group by account
    )`
}

/**
 * Common table expressions, to follow `with`: those of `holding`, and `account_use` and `repository_use` with the runs
 * that hold a slot and the dollars spent or reserved since `day`. A run that ended with an unknown cost counts with its
 * whole budget.
 */
export function usage(day: Date): RawBuilder<unknown> {
  return sql`${holding()},
    used as materialized (
      select account, repository, runs, usd from holding
      union all
      select account, repository, 0, sum(coalesce(cost_usd, budget_usd, 0))
      from runs
      where finished_at >= ${day}
      group by account, repository
    ),
    account_use as (
      select account, sum(runs)::int as runs, sum(usd) as usd from used group by account
    ),
    repository_use as (
      select repository, sum(runs)::int as runs, sum(usd) as usd from used group by repository
    )`
}

/** SQL: how many runs all living workers together can execute at once. */
export function capacity(): RawBuilder<number> {
  return sql`(select coalesce(sum(concurrency), 0)::int from workers where ${isAlive()})`
}

interface NextRun {
  readonly id: string
  /** Dollars that the run may spend: its budget, or what is left of the day if that is less. */
  readonly budgetUsd: number
}

/**
 * Chooses the run whose turn it is, if one may start now. The account with the fewest runs goes first; among equals,
 * the one whose last slot is longest ago. Within the account it is the oldest run that no limit and no earlier run of
 * its thread holds back.
 *
 * The query is linear in the waiting runs, but it stops at the first account with such a run: a few milliseconds with
 * 5,000.
 */
export async function chooseNext(
  tx: Transaction<Schema>,
  { limits, at }: { readonly limits: AdmissionLimits; readonly at: Date },
): Promise<NextRun | undefined> {
  const { rows } = await sql<{ id: string; budget: number }>`
    with ${usage(startOfDay(at))},
    account_turn as (
      select waiting.account, waiting.first,
        coalesce(use.runs, 0) as runs,
        ${limits.dailyUsdPerInstallation}::double precision - coalesce(use.usd, 0) as left_usd,
        coalesce(served.admitted_at, '-infinity') as served_at
      from (select account, min(ordinal) as first from runs where ${isWaiting('runs')} group by account) waiting
      left join account_use use on use.account = waiting.account
      left join lateral ${lastServed('waiting.account')} served on true
      where coalesce(use.runs, 0) < ${limits.runsPerInstallation}::int
    )
    select next.id, next.budget
    from (select * from account_turn order by runs, served_at, first) turn
    cross join lateral (
      select run.id, least(run.budget_usd, money.left_usd) as budget
      from runs run
      left join repository_use use on use.repository = run.repository
      cross join lateral (
        select least(
          turn.left_usd,
          ${limits.dailyUsdPerRepository}::double precision - coalesce(use.usd, 0)
        ) as left_usd
      ) money
      where run.account = turn.account and ${isWaiting('run')}
        and coalesce(use.runs, 0) < ${limits.runsPerRepository}::int
        and money.left_usd >= least(run.budget_usd, ${leastBudgetUsd(limits)}::double precision)
        and not ${followsAnother('run')}
      order by run.ordinal limit 1
    ) next
    where ${runsMayStart()} and (select coalesce(sum(runs), 0) from holding) < least(${limits.runs}::int, ${capacity()})
    order by turn.runs, turn.served_at, turn.first
    limit 1`.execute(tx)
  const [next] = rows
  return next && { id: next.id, budgetUsd: Number(next.budget) }
}

/**
 * The place of a waiting run in line, as if no limit held any run back: 1 is next. Accounts take turns in rounds. The
 * round of a run is its place within its account plus the runs that the account has already, and it follows all runs of
 * earlier rounds.
 *
 * @returns undefined when the run does not wait.
 */
export async function placeInLine(db: Kysely<Schema>, runId: string): Promise<number | undefined> {
  const { rows } = await sql<{ place: number }>`
    with ${holding()},
    line as (
      select waiting.account, waiting.runs,
        coalesce(held.runs, 0) as held,
        row(coalesce(served.admitted_at, '-infinity'), waiting.first) as turn
      from (
        select account, count(*)::int as runs, min(ordinal) as first
        from runs where ${isWaiting('runs')} group by account
      ) waiting
      left join account_holding held on held.account = waiting.account
      left join lateral ${lastServed('waiting.account')} served on true
    ),
    own as (
      select line.account, line.turn, place.ahead, line.held + place.ahead as round
      from runs run
      join line on line.account = run.account
      cross join lateral (
        select count(*)::int as ahead from runs other
        where other.account = run.account and ${isWaiting('other')} and other.ordinal <= run.ordinal
      ) place
      where run.id = ${runId} and ${isWaiting('run')}
    )
    select own.ahead + coalesce((
      select sum(
        least(line.runs, greatest(0, own.round - 1 - line.held))
        + case when own.round between line.held + 1 and line.held + line.runs and line.turn < own.turn then 1 else 0 end
      )
      from line where line.account <> own.account
    ), 0)::int as place
    from own`.execute(db)
  return rows[0]?.place
}
