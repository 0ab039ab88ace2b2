import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { RunsTable, Schema } from '../../db/schema.ts'
import { BackspaceError } from '../../errors.ts'
import { endingOf } from '../ending.ts'
import { runsMayStart } from '../pause/operator-pause.ts'
import {
  isTerminal,
  type RepositoryTarget,
  type Run,
  type RunProgress,
  type RunRequest,
  type RunStatus,
} from '../run.ts'
import type { TerminalEvent } from '../run-event.ts'
import { refusal, WriteRefused } from './write-refused.ts'

/**
 * Checks that `attempt` may cause an effect outside of Backspace that cannot be undone.
 *
 * @throws {WriteRefused} when it no longer holds the run.
 * @throws {BackspaceError} `cancelled` when the run was asked to stop, with the message that its signal's reason has.
 */
export async function requireHeld(db: Kysely<Schema>, id: string, attempt: number): Promise<void> {
  const run = await selectHold(db, id).select('cancel_reason').executeTakeFirst()
  if (run?.attempt !== attempt || run.released || isTerminal(run.status as RunStatus)) {
    throw new WriteRefused(refusal(run, attempt), id)
  }
  if (run.cancel_reason !== null) throw new BackspaceError('cancelled', run.cancel_reason)
}

/**
 * Locks the run in a transaction that writes to it, so that no other attempt can claim it before the commit.
 *
 * @throws {WriteRefused} when `attempt` no longer holds the run.
 */
export async function lockHeld(tx: Transaction<Schema>, id: string, attempt: number): Promise<void> {
  const run = await selectHold(tx, id).forShare().executeTakeFirst()
  if (run?.attempt !== attempt || run.released) throw new WriteRefused(refusal(run, attempt), id)
}

/**
 * Says why a fenced statement changed no row. Call it after such a statement.
 *
 * @throws {WriteRefused} always.
 */
export async function refuse(db: Kysely<Schema>, id: string, attempt: number): Promise<never> {
  const run = await selectHold(db, id).executeTakeFirst()
  throw new WriteRefused(refusal(run, attempt), id)
}

/** The columns that `refusal` needs. */
function selectHold(db: Kysely<Schema>, id: string) {
  return db.selectFrom('runs').select(['attempt', 'released', 'status']).where('id', '=', id)
}

export interface SeizedRun {
  readonly run: Run
  readonly cancelReason: string
}

/**
 * Takes a run that was asked to stop away from its worker: every attempt so far becomes stale.
 *
 * @returns undefined when the run is not running, or was not asked to stop.
 */
export async function seizeRun(db: Kysely<Schema>, id: string): Promise<SeizedRun | undefined> {
  const row = await db
    .updateTable('runs')
    .set({ attempt: sql<number>`attempt + 1`, released: false })
    .where('id', '=', id)
    .where('status', '=', 'running')
    .where('cancel_reason', 'is not', null)
    .returning([...RUN_COLUMNS, 'cancel_reason'])
    .executeTakeFirst()
  return row && { run: toRun(row), cancelReason: row.cancel_reason ?? '' }
}

/** The columns from which `toRun` makes a Run. */
export const RUN_COLUMNS = [
  'id',
  'status',
  'request',
  'attempt',
  'budget_usd',
  'created_at',
  'started_at',
  'finished_at',
  'result',
  'progress',
  'events_pruned',
] as const satisfies readonly (keyof RunsTable)[]

type RunRow = Pick<Selectable<RunsTable>, (typeof RUN_COLUMNS)[number]>

/** The casts hold because `submitRun`, `insertEvents` and `RunStore` are the only writers of these columns. */
export function toRun(row: RunRow): Run {
  return {
    id: row.id,
    status: row.status as RunStatus,
    request: row.request as RunRequest,
    attempt: row.attempt,
    budgetUsd: row.budget_usd,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    ending: row.result === null ? null : endingOf(row.result as TerminalEvent),
    progress: row.progress as RunProgress,
    eventsPruned: row.events_pruned,
  }
}

/** `owner/name` in lower case, since GitHub's names are not case-sensitive. */
export function repositoryKey(repository: { readonly owner: string; readonly name: string }): string {
  return `${repository.owner}/${repository.name}`.toLowerCase()
}

/**
 * One key for an issue or pull request, which share their numbering. It uses GitHub's numeric id, if known, since that
 * survives renames.
 */
export function threadKey(repository: RepositoryTarget, number: number): string {
  return `${repository.id ?? repositoryKey(repository)}#${number}`
}

/** How many runs of the deployment have not ended yet. */
interface LiveRuns {
  /** Number of runs without a slot. */
  readonly waiting: number
  /** Number of runs with a slot. */
  readonly running: number
  /** Seconds since the longest-waiting run was submitted; 0 if none waits. */
  readonly oldestWaiting: number
  /** 1 while the operator lets no run start, else 0. */
  readonly paused: number
}

export async function countLiveRuns(db: Database): Promise<LiveRuns> {
  const { rows } = await sql<LiveRuns>`
    select
      count(*) filter (where admitted_at is null)::int as waiting,
      count(*) filter (where admitted_at is not null)::int as running,
      coalesce(extract(epoch from now() - min(created_at) filter (where admitted_at is null)), 0)::float8
        as "oldestWaiting",
      case when ${runsMayStart()} then 0 else 1 end as paused
    from runs where status in ('queued', 'running')`.execute(db.sql)
  return rows[0] ?? { waiting: 0, running: 0, oldestWaiting: 0, paused: 0 }
}
