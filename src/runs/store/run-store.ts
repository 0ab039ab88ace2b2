import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { retryDatabase } from '../../db/retry-database.ts'
import { runsMayStart } from '../pause/operator-pause.ts'
import type { RepositoryTarget, Run, RunProgress } from '../run.ts'
import { loadTranscript, type StoredTranscript, saveTranscript } from './kept-transcript.ts'
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from './kept-work.ts'
import { type ListRuns, type LiveQuery, listLive, listRuns, type RunList } from './list-runs.ts'
import { RUN_COLUMNS, refuse, requireHeld, type SeizedRun, seizeRun, threadKey, toRun } from './run-rows.ts'

/**
 * The stored runs. Each write carries the attempt that makes it; a write of a stale attempt changes nothing. While the
 * database is away, the calls that a working run needs are repeated, writes for a minute, and then throw DatabaseAway.
 * A run is ended by its terminal event: see `RunLog.append`.
 */
export interface RunStore {
  get(id: string): Promise<Run | undefined>
  /**
   * The run of an `Idempotency-Key` that is still valid; undefined also when the key was used with another fingerprint.
   */
  findByKey(idempotency: { readonly key: string; readonly fingerprint: string }): Promise<Run | undefined>
  list(query: ListRuns): Promise<RunList>
  /** The runs that have not ended: first those that work, then those that wait, each oldest first. */
  live(query: LiveQuery): Promise<readonly Run[]>
  /** The runs of an issue or pull request, newest first, at most 50. */
  findOnThread(thread: ThreadRef): Promise<readonly Run[]>
  /** Whether a run that has not ended uses this sandbox. */
  isSandboxInUse(sandboxId: string): Promise<boolean>
  /**
   * Adds to the run's progress.
   *
   * @throws {WriteRefused}
   */
  setProgress(id: string, attempt: number, patch: RunProgress): Promise<void>
  /**
   * Stores the transcript so far. It writes only the entries that are new since the last call.
   *
   * @param more.taken keys of the follow-ups that were added to it since the last call; default: none.
   * @param more.known how many entries the caller believes to be stored; saves a query.
   * @throws {WriteRefused}
   */
  saveTranscript(
    id: string,
    attempt: number,
    transcript: StoredTranscript,
    more?: { readonly taken?: readonly string[]; readonly known?: number },
  ): Promise<void>
  loadTranscript(id: string): Promise<StoredTranscript | undefined>
  /**
   * Replaces the run's checkpoint.
   *
   * @throws {WriteRefused}
   */
  saveCheckpoint(id: string, attempt: number, checkpoint: Checkpoint): Promise<void>
  loadCheckpoint(id: string): Promise<Checkpoint | undefined>
  /**
   * Claims the run for a worker: a new attempt begins, and every earlier one becomes stale.
   *
   * @param lost stops the retries while the database is away, because another worker claims the run then.
   * @returns undefined when the run has ended or does not exist, and during a pause of the operator. A run that was
   * asked to stop can be claimed even then, so that the worker ends it.
   */
  markRunning(id: string, lost?: AbortSignal): Promise<Claim | undefined>
  /** Whether the run exists and has not ended. */
  isLive(id: string): Promise<boolean>
  /** Gives the run back without counting a lost worker. No attempt can write to the run until the next claim. */
  release(id: string, attempt: number): Promise<void>
  /**
   * Checks that `attempt` may cause an effect outside of Backspace that cannot be undone.
   *
   * @throws {WriteRefused} when it no longer holds the run.
   * @throws {BackspaceError} `cancelled` when the run was asked to stop.
   */
  requireHeld(id: string, attempt: number): Promise<void>
  /**
   * Takes a run that was asked to stop away from its worker: every attempt so far becomes stale.
   *
   * @returns undefined when the run is not running, or was not asked to stop.
   */
  seize(id: string): Promise<SeizedRun | undefined>
  /**
   * Asks the worker of a running run to stop.
   *
   * @returns false when the run is not running.
   */
  requestCancel(id: string, reason: string): Promise<boolean>
  /** Those of the running runs that were asked to stop, each with the reason. */
  cancelRequests(ids: readonly string[]): Promise<ReadonlyMap<string, string>>
}

interface ThreadRef {
  readonly repository: RepositoryTarget
  readonly number: number
}

export interface Claim {
  readonly run: Run
  /** How many workers died while they held the run. */
  readonly losses: number
  /** Why the run was asked to stop; null if it was not. */
  readonly cancelReason: string | null
}

const LIVE: readonly string[] = ['queued', 'running']
const READ = { forMs: 10_000 } as const
const WRITE = { forMs: 60_000 } as const
/** No caller waits for a release as long as this. */
const RELEASE = { forMs: 5 * 60_000 } as const

export function createRunStore(db: Database, now: () => Date = () => new Date()): RunStore {
  async function fenced(id: string, attempt: number, updated: { numUpdatedRows: bigint }): Promise<void> {
    if (updated.numUpdatedRows === 0n) await refuse(db.sql, id, attempt)
  }

  function updateHeld(id: string, attempt: number) {
    return db.sql
      .updateTable('runs')
      .where('id', '=', id)
      .where('attempt', '=', attempt)
      .where('released', '=', false)
      .where('status', 'in', LIVE)
  }

  return {
    async get(id) {
      const query = db.sql.selectFrom('runs').select(RUN_COLUMNS).where('id', '=', id)
      const row = await retryDatabase(() => query.executeTakeFirst(), READ)
      return row === undefined ? undefined : toRun(row)
    },

    async findByKey({ key, fingerprint }) {
      const query = db.sql
        .selectFrom('runs')
        .select(RUN_COLUMNS)
        .where('key', '=', key)
        .where('fingerprint', '=', fingerprint)
        .where('key_expires_at', '>', now())
      const row = await retryDatabase(() => query.executeTakeFirst(), READ)
      return row && toRun(row)
    },

    list: (query) => listRuns(db, query),
    live: (query) => listLive(db, query),

    async findOnThread({ repository, number }) {
      const rows = await db.sql
        .selectFrom('runs')
        .select(RUN_COLUMNS)
        .where('thread_key', '=', threadKey(repository, number))
        .orderBy('ordinal', 'desc')
        .limit(50)
        .execute()
      return rows.map(toRun)
    },

    async isSandboxInUse(sandboxId) {
      const row = await db.sql
        .selectFrom('runs')
        .select('id')
        .where('finished_at', 'is', null)
        .where(sql<boolean>`progress ->> 'sandboxId' = ${sandboxId}`)
        .executeTakeFirst()
      return row !== undefined
    },

    async setProgress(id, attempt, patch) {
      const progress = sql<string>`progress || ${JSON.stringify(patch)}::jsonb`
      const update = updateHeld(id, attempt).set({ progress })
      await fenced(id, attempt, await retryDatabase(() => update.executeTakeFirst(), WRITE))
    },

    saveTranscript: (id, attempt, transcript, { taken = [], known = 0 } = {}) =>
      retryDatabase(
        () => saveTranscript(db.sql, { runId: id, attempt, transcript, taken, known, at: now() }),
        WRITE,
      ),
    loadTranscript: (id) => retryDatabase(() => loadTranscript(db.sql, id), READ),
    saveCheckpoint: (id, attempt, checkpoint) =>
      retryDatabase(() => saveCheckpoint(db.sql, { runId: id, attempt, checkpoint, at: now() }), WRITE),
    loadCheckpoint: (id) => retryDatabase(() => loadCheckpoint(db.sql, id), READ),

    async markRunning(id, lost) {
      // On a retry, the run may be `running` because of this very claim, whose answer was lost. Then no worker was
      // lost.
      const take = (again: boolean) =>
        db.sql
          .updateTable('runs')
          .set({
            attempt: sql<number>`attempt + 1`,
            losses: sql<number>`losses + case when status = 'running' and not released and not ${again}::boolean then 1 else 0 end`,
            status: 'running',
            released: false,
            started_at: sql<Date>`coalesce(started_at, ${now()})`,
            admitted_at: sql<Date>`coalesce(admitted_at, now())`,
          })
          .where('id', '=', id)
          .where('status', 'in', LIVE)
          .where((run) => run.or([run('cancel_reason', 'is not', null), runsMayStart()]))
          .returning([...RUN_COLUMNS, 'losses', 'cancel_reason'])
          .executeTakeFirst()
      const row = await retryDatabase(take, lost === undefined ? READ : { ...READ, signal: lost })
      if (row === undefined) return undefined
      return {
        run: toRun(row),
        losses: row.losses,
        cancelReason: row.cancel_reason,
      }
    },

    async isLive(id) {
      const query = db.sql.selectFrom('runs').select('id').where('id', '=', id).where('status', 'in', LIVE)
      return (await retryDatabase(() => query.executeTakeFirst(), READ)) !== undefined
    },

    async release(id, attempt) {
      const update = updateHeld(id, attempt).set({ released: true })
      await retryDatabase(() => update.execute(), RELEASE)
    },

    requireHeld: (id, attempt) => retryDatabase(() => requireHeld(db.sql, id, attempt), READ),
    seize: (id) => seizeRun(db.sql, id),

    async requestCancel(id, reason) {
      const updated = await db.sql
        .updateTable('runs')
        .set({ cancel_reason: sql<string>`coalesce(cancel_reason, ${reason})` })
        .where('id', '=', id)
        .where('status', '=', 'running')
        .executeTakeFirst()
      return updated.numUpdatedRows > 0n
    },

    async cancelRequests(ids) {
      if (ids.length === 0) return new Map()
      const rows = await db.sql
        .selectFrom('runs')
        .select(['id', 'cancel_reason'])
        .where('id', 'in', ids)
        .where('cancel_reason', 'is not', null)
        .execute()
      return new Map(rows.map((row) => [row.id, row.cancel_reason ?? '']))
    },
  }
}
