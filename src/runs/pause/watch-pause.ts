import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { insertEvents } from '../log/event-rows.ts'
import type { RunLog } from '../log/run-log.ts'
import type { CancelRun } from '../queue/cancel-run.ts'
import { type OperatorPause, readPause } from './operator-pause.ts'

export interface WatchPauseDeps {
  readonly db: Database
  readonly log: Pick<RunLog, 'announce'>
  readonly now: () => Date
  /** The runs that this process would work on if it were allowed to claim them. */
  readonly held: () => readonly string[]
  readonly cancel: CancelRun
  /** Called when this process finds that a pause began, got another reason, or ended. */
  readonly onChange: (pause: OperatorPause | undefined) => void
}

/**
 * Carries out the operator's pause: writes it into the log of each run that waits, and stops working runs if the
 * operator asked for that. Every process does this at each look, so it does not matter if one of them dies. It does not
 * prevent claims: the database refuses them.
 *
 * @returns a function to call with the pause at short intervals, one call at a time.
 */
export function watchPause(deps: WatchPauseDeps): (pause: OperatorPause | undefined) => Promise<void> {
  let seen: OperatorPause | undefined
  /** An earlier process may have died before it wrote into the logs that a pause was over. */
  let mayBeUnsaid = true

  return async (pause) => {
    if (pause?.reason !== seen?.reason) deps.onChange(pause)
    seen = pause
    if (pause === undefined) {
      if (mayBeUnsaid) await tellRuns(deps, null)
      mayBeUnsaid = false
      return
    }
    mayBeUnsaid = true
    await tellRuns(deps, pause.reason)
    if (pause.stopRunning) await stopRunning(deps, pause.reason)
  }
}

const AT_ONCE = 200

/** @param reason null when the pause is over. */
async function tellRuns(deps: WatchPauseDeps, reason: string | null): Promise<void> {
  const { db, held } = deps
  const uninformed =
    reason === null ? sql`${lastSaid()} is not null` : sql`${lastSaid()} is distinct from ${reason}`
  const { rows } = await sql<{ id: string }>`
    select id from runs
    where (status = 'queued' or (status = 'running' and (${reason === null} or id = any(${held()}::text[]))))
      and ${uninformed}
    order by ordinal limit ${AT_ONCE}`.execute(db.sql)
  for (const { id } of rows) await tellRun(deps, { id, reason, uninformed })
}

/** SQL: the reason of the pause, if the run's last event reports one; null when the last event is another. */
function lastSaid(): RawBuilder<string | null> {
  return sql`(
    select body ->> 'reason' from run_events
    where run_id = runs.id and seq = runs.last_seq and type = 'run.paused')`
}

async function tellRun(
  { db, log, now }: WatchPauseDeps,
  {
    id,
    reason,
    uninformed,
  }: { readonly id: string; readonly reason: string | null; readonly uninformed: RawBuilder<unknown> },
): Promise<void> {
  const events = await db.sql.transaction().execute(async (tx) => {
    const { rows } = await sql<{ attempt: number; released: boolean }>`
      select attempt, released from runs
      where id = ${id} and status in ('queued', 'running') and ${uninformed} for update skip locked`.execute(
      tx,
    )
    const [run] = rows
    if (run === undefined || (await readPause(tx))?.reason !== (reason ?? undefined)) return []
    const { attempt, released } = run
    const body = { type: 'run.paused', reason, attempt } as const
    // Between two attempts no worker may write to a run. Under this lock none can.
    const setReleased = (value: boolean) =>
      tx.updateTable('runs').set({ released: value }).where('id', '=', id).execute()
    if (released) await setReleased(false)
    const written = await insertEvents(tx, { runId: id, attempt, events: [{ at: now(), body }] })
    if (released) await setReleased(true)
    return written
  })
  log.announce(events)
}

async function stopRunning({ db, cancel }: WatchPauseDeps, reason: string): Promise<void> {
  const running = await db.sql.selectFrom('runs').select('id').where('status', '=', 'running').execute()
  await Promise.all(running.map(({ id }) => cancel(id, `Stopped by the operator: ${reason}.`)))
}
