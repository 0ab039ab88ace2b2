import { type Kysely, sql } from 'kysely'
import type { Schema } from '../../db/schema.ts'
import { holding, isWaiting, lastServed } from './usage.ts'

/**
 * The place of a waiting run, as the gate would serve those that wait if no limit held any of them back: 1 is next.
 * Accounts take turns, so a run is served in the round that its place within its account and the runs that the
 * account has already make up, and comes after all runs of earlier rounds.
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
