import { type RawBuilder, sql } from 'kysely'

/** SQL: this run waits for a place. The words are those of the index `runs_waiting`. */
export function isWaiting(run: string): RawBuilder<boolean> {
  return sql`${sql.ref(`${run}.admitted_at`)} is null and ${sql.ref(`${run}.status`)} = 'queued'`
}

/** SQL: an earlier run of the same thread has not ended; those of one thread go in order. */
export function followsAnother(run: string): RawBuilder<boolean> {
  return sql`exists (
    select from runs earlier
    where earlier.thread_key = ${sql.ref(`${run}.thread_key`)} and earlier.ordinal < ${sql.ref(`${run}.ordinal`)}
      and earlier.status in ('queued', 'running')
  )`
}

/** SQL, to join laterally: when this account was last given a place, as `admitted_at`; no row when it never was. */
export function lastServed(account: string): RawBuilder<unknown> {
  return sql`(
    select admitted_at from runs
    where account = ${sql.ref(account)} and admitted_at is not null
    order by admitted_at desc limit 1
  )`
}

/**
 * Common table expressions, to follow `with`: `holding`, the runs that hold a place by account and repository, with
 * the dollars that are reserved for them; and `account_holding`, the same by account.
 */
export function holding(): RawBuilder<unknown> {
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
 * Common table expressions, to follow `with`: those of `holding`; and `account_use` and `repository_use`, runs that
 * hold a place and dollars that are spent or reserved since `day`. A run that ended without a known cost counts with
 * its whole budget.
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

/** SQL: runs that the workers that live can carry at once. A process is alive while it says so. */
export function capacity(): RawBuilder<number> {
  return sql`(
    select coalesce(sum(concurrency), 0)::int from workers
    where seen_at between now() - interval '15 seconds' and now() + interval '15 seconds'
  )`
}
