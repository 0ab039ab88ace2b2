import { sql, type Transaction } from 'kysely'
import type { Schema } from '../../db/schema.ts'
import { type AdmissionLimits, leastBudgetUsd, startOfDay } from './admission-limits.ts'
import { capacity, followsAnother, isWaiting, lastServed, usage } from './usage.ts'

export interface NextRun {
  readonly id: string
  /** What it may spend: its budget, or what is left of the day if that is less. */
  readonly budgetUsd: number
}

/**
 * The run whose turn it is, if one may begin now. The account with the fewest runs goes first, then the one that was
 * served longest ago; within it the oldest run that no limit holds back and that has no earlier run on its thread.
 *
 * Linear in the runs that wait, but accounts are tried in order and only until one has a run: a few milliseconds with 5,000.
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
    where (select coalesce(sum(runs), 0) from holding) < least(${limits.runs}::int, ${capacity()})
    order by turn.runs, turn.served_at, turn.first
    limit 1`.execute(tx)
  const [next] = rows
  return next && { id: next.id, budgetUsd: Number(next.budget) }
}
