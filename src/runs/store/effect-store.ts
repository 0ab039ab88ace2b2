import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { retryDatabase } from '../../db/retry-database.ts'

/**
 * Effects outside of Backspace that each run may cause at most once. The intent is stored first and the result later.
 * An attempt that finds an older intent without a result must look whether the effect happened, and not repeat it.
 */
export interface EffectStore {
  /** Stores that `holder` is about to cause the effect. Only one holder at a time gets it. */
  intend(intent: Intent): Promise<Intended>
  /**
   * Stores the result of the effect.
   *
   * @returns false when another holder has taken the intent over: the effect may have happened twice.
   */
  done(effect: EffectHolder, result: unknown): Promise<boolean>
  /** Deletes the intent of an effect that did not happen, so that the next try need not wait. */
  giveUp(effect: EffectHolder): Promise<void>
  /** Stores a decision about a run; replaces an earlier one of the same name. */
  keep(decision: EffectName & { readonly attempt: number; readonly result: unknown }): Promise<void>
  /** The result of an effect; undefined when none is stored. */
  result(effect: EffectName): Promise<unknown>
  /**
   * The runs with a thread that ended within the last day and have no effect of this name, oldest first.
   *
   * @param options.minAgeMs how long ago they ended at least, in milliseconds.
   */
  endedWithout(
    name: string,
    options: { readonly minAgeMs: number; readonly limit: number },
  ): Promise<readonly string[]>
  /** All results of a run by the name of the effect, oldest first. */
  results(runId: string): Promise<ReadonlyMap<string, unknown>>
}

interface EffectName {
  readonly runId: string
  readonly name: string
}

interface EffectHolder extends EffectName {
  /**
   * Unique for each try. A process that was suspended while another took over must not be mistaken for the new holder.
   */
  readonly holder: string
}

interface Intent extends EffectHolder {
  /** An intent of a later attempt is never taken over. */
  readonly attempt: number
  /** Milliseconds after which an intent without a result may be taken over; 0: at once. */
  readonly staleAfterMs: number
}

/**
 * - `new`: no one tried it before; do it.
 * - `taken_over`: an earlier try left no result; look first whether the effect happened.
 * - `held`: another holder is doing it.
 * - `done`: it happened, with this result.
 */
export type Intended =
  | { readonly state: 'new' | 'taken_over' | 'held' }
  | { readonly state: 'done'; readonly result: unknown }

const WAIT = { forMs: 60_000 } as const

export function createEffectStore(db: Database): EffectStore {
  const query = <T>(work: () => Promise<T>) => retryDatabase(work, WAIT)

  async function finish({ runId, name, holder }: EffectHolder, result: unknown): Promise<boolean> {
    const update = db.sql
      .updateTable('run_effects')
      .set({ done_at: sql<Date>`clock_timestamp()`, result: JSON.stringify(result) })
      .where('run_id', '=', runId)
      .where('name', '=', name)
      .where('holder', '=', holder)
    const updated = await query(() => update.executeTakeFirst())
    return updated.numUpdatedRows > 0n
  }

  return {
    async intend({ runId, name, holder, attempt, staleAfterMs }) {
      // The age is measured by the database's clock, since the clocks of several machines need not agree.
      const claim = sql<{ fresh: boolean }>`
        insert into run_effects (run_id, name, attempt, holder, intended_at)
        values (${runId}, ${name}, ${attempt}, ${holder}, clock_timestamp())
        on conflict (run_id, name) do update
          set attempt = excluded.attempt, holder = excluded.holder, intended_at = excluded.intended_at
          where run_effects.done_at is null
            and run_effects.attempt <= excluded.attempt
            and (run_effects.holder = excluded.holder
              or run_effects.intended_at <= clock_timestamp() - ${staleAfterMs}::int * interval '1 millisecond')
        returning xmax = 0 as fresh`
      const [row] = (await query(() => claim.execute(db.sql))).rows
      if (row) return { state: row.fresh ? 'new' : 'taken_over' }
      const select = db.sql
        .selectFrom('run_effects')
        .select(['done_at', 'result'])
        .where('run_id', '=', runId)
        .where('name', '=', name)
      const there = await query(() => select.executeTakeFirst())
      return there?.done_at ? { state: 'done', result: there.result } : { state: 'held' }
    },

    done: finish,

    async giveUp({ runId, name, holder }) {
      const remove = db.sql
        .deleteFrom('run_effects')
        .where('run_id', '=', runId)
        .where('name', '=', name)
        .where('holder', '=', holder)
        .where('done_at', 'is', null)
      await query(() => remove.execute())
    },

    async keep({ runId, name, attempt, result }) {
      const kept = { attempt, done_at: sql<Date>`clock_timestamp()`, result: JSON.stringify(result) }
      const insert = db.sql
        .insertInto('run_effects')
        .values({ run_id: runId, name, holder: '', intended_at: sql<Date>`clock_timestamp()`, ...kept })
        .onConflict((conflict) =>
          conflict.columns(['run_id', 'name']).doUpdateSet(kept).where('run_effects.attempt', '<=', attempt),
        )
      await query(() => insert.execute())
    },

    async result({ runId, name }) {
      const select = db.sql
        .selectFrom('run_effects')
        .select('result')
        .where('run_id', '=', runId)
        .where('name', '=', name)
        .where('done_at', 'is not', null)
      const row = await query(() => select.executeTakeFirst())
      return row?.result ?? undefined
    },

    async endedWithout(name, { minAgeMs, limit }) {
      const select = sql<{ id: string }>`
        select id from runs
        where finished_at between now() - interval '1 day'
            and now() - ${minAgeMs}::double precision * interval '1 millisecond'
          and request ->> 'thread' is not null
          and not exists (select from run_effects where run_id = runs.id and name = ${name})
        order by finished_at limit ${limit}::int`
      return (await query(() => select.execute(db.sql))).rows.map(({ id }) => id)
    },

    async results(runId) {
      const select = db.sql
        .selectFrom('run_effects')
        .select(['name', 'result'])
        .where('run_id', '=', runId)
        .where('done_at', 'is not', null)
        .orderBy('done_at')
      const rows = await query(() => select.execute())
      return new Map(rows.map(({ name, result }) => [name, result]))
    },
  }
}
