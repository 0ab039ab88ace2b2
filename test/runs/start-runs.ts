import { once } from 'node:events'
import { sql } from 'kysely'
import { onTestFinished } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import type { AdmissionLimits } from '../../src/runs/admission/admission-limits.ts'
import { createDeliveryStore, type DeliveryStore } from '../../src/runs/deliveries/delivery-store.ts'
import { createRunLog, type RunLog } from '../../src/runs/log/run-log.ts'
import {
  createRunQueue,
  type QueueHandlers,
  type RunQueue,
  type RunQueueOptions,
} from '../../src/runs/queue/run-queue.ts'
import type { Execute } from '../../src/runs/queue/run-worker.ts'
import type { Run, RunRequest } from '../../src/runs/run.ts'
import type { RunEvent, RunFailedEvent, RunSucceededEvent, RunTotals } from '../../src/runs/run-event.ts'
import { migrate } from '../../src/runs/store/migrate.ts'
import { createRunStore, type RunStore } from '../../src/runs/store/run-store.ts'
import { type SubmitRunInput, type Submitted, submitRun } from '../../src/runs/submit-run.ts'
import { WIDE_LIMITS } from './wide-limits.ts'

export interface TestRuns {
  readonly store: RunStore
  readonly log: RunLog
  readonly queue: RunQueue
  readonly deliveries: DeliveryStore
  /** Every error that was reported instead of thrown. */
  readonly errors: unknown[]
  submit(input?: Partial<SubmitRunInput>): Promise<Submitted>
  /** Submits and claims by hand, for tests without workers. */
  claim(input?: Partial<SubmitRunInput>): Promise<Run>
  /** All events of a run, once it has ended. */
  ended(runId: string): Promise<readonly RunEvent[]>
}

export interface TestRunsOptions extends Partial<QueueHandlers> {
  readonly concurrency?: number
  /** Those that are left out are out of reach. */
  readonly limits?: Partial<AdmissionLimits>
  readonly now?: () => Date
  readonly onAbandoned?: RunQueueOptions['onAbandoned'] | undefined
  readonly stopWithinMs?: number
  /** Leave what is in the database: this is a second process. */
  readonly keep?: boolean
}

/** The whole of `src/runs` on a database, emptied first; stopped when the test is over. Works when given `execute`. */
export async function startRuns(db: Database, options: TestRunsOptions = {}): Promise<TestRuns> {
  const { execute, deliver = () => Promise.resolve(), concurrency = 2, now, onAbandoned } = options
  const { stopWithinMs } = options
  const errors: unknown[] = []
  const onError = (error: unknown) => errors.push(error)
  await migrate(db)
  if (options.keep !== true) await empty(db)
  const store = createRunStore(db, now)
  const log = createRunLog({ db, onError, now })
  const limits = { ...WIDE_LIMITS, ...options.limits }
  const queue = await createRunQueue({
    db,
    store,
    log,
    concurrency,
    limits,
    now,
    onAbandoned,
    stopWithinMs,
    onError,
    heartbeatSeconds: 10,
  })
  onTestFinished(async () => {
    await queue.drain(0)
    await log.close()
  })
  if (execute !== undefined || options.deliver !== undefined) {
    await queue.start({ execute: execute ?? (() => Promise.resolve()), deliver })
  }

  let submitted = 0
  const submit = (input: Partial<SubmitRunInput> = {}) =>
    submitRun(
      { db, queue, log, limits, urls, now },
      { key: `key-${++submitted}`, request: aRequest(), ...input },
    )
  return {
    store,
    log,
    queue,
    deliveries: createDeliveryStore({ db, queue, now }),
    errors,
    submit,
    async claim(input) {
      const { run } = await submit(input)
      await db.sql.transaction().execute((tx) => queue.enqueueRun(tx, run.id))
      const claim = await store.markRunning(run.id)
      if (claim === undefined) throw new Error('the run cannot be claimed')
      return claim.run
    },
    async ended(runId) {
      const events: RunEvent[] = []
      for await (const event of log.follow(runId, { afterSeq: 0 })) events.push(event)
      return events
    },
  }
}

async function empty(db: Database): Promise<void> {
  // Of few rows this takes less than `truncate`, which creates every table and index again.
  for (const table of [
    'runs',
    'pull_request_outcomes',
    'run_repositories',
    'deliveries',
    'workers',
    'api_tokens',
    'web_logins',
    'operator_pause',
  ] as const)
    await db.sql.deleteFrom(table).execute()
  const { rows } = await sql<{
    there: boolean
  }>`select to_regclass('pgboss.job') is not null as there`.execute(db.sql)
  if (rows[0]?.there) await sql`delete from pgboss.job`.execute(db.sql)
}

function urls(runId: string) {
  return { runUrl: `http://here/runs/${runId}`, eventsUrl: `http://here/runs/${runId}/events` }
}

export function aRequest(overrides: Partial<RunRequest> = {}): RunRequest {
  return {
    trigger: 'code',
    repository: { owner: 'acme', name: 'api' },
    prompt: 'Add a health check',
    requester: { login: 'ada' },
    options: {},
    tainted: false,
    ...overrides,
  }
}

/** A request on issue `number` of acme/api. */
export function onIssue(number: number, overrides: Partial<RunRequest> = {}): RunRequest {
  const url = `https://github.com/acme/api/issues/${number}`
  const thread = { kind: 'issue', number, title: 'A bug', body: '', author: 'ada', url } as const
  return aRequest({ trigger: 'comment', thread, ...overrides })
}

export const NO_TOTALS: RunTotals = {
  attempts: 0,
  toolErrors: 0,
  editsOk: 0,
  editsFailed: 0,
  cacheShare: null,
  knownCostUsd: 0,
  providers: [],
  retries: 0,
  fallbacks: 0,
  bounces: 0,
  checksBefore: null,
  checksAfter: null,
  limitsUsed: null,
  firstTokenMs: null,
  durationMs: 0,
  turns: 0,
  toolCalls: 0,
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  models: [],
  modelMs: 0,
  toolMs: 0,
  harnessMs: 0,
  langsmithEnabled: false,
}

export const SUCCEEDED: RunSucceededEvent = {
  type: 'run.succeeded',
  outcome: 'answer',
  message: 'Nothing to change',
  pullRequestUrl: null,
  commentUrl: null,
  draft: false,
  totals: NO_TOTALS,
}

export const FAILED: RunFailedEvent = {
  type: 'run.failed',
  code: 'clone_failed',
  message: 'The clone failed',
  totals: NO_TOTALS,
}

export function notice(message: string) {
  return { type: 'notice', level: 'info', message } as const
}

/** Ends the run as the pipeline does. */
export async function succeed(runs: TestRuns, { run, attempt }: Parameters<Execute>[0]): Promise<void> {
  await runs.log.append(run.id, attempt, SUCCEEDED)
}

/** Waits until it is stopped, and throws the reason. */
export async function hang(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort')
  throw signal.reason
}
