import { randomUUID } from 'node:crypto'
import { sql, type Transaction } from 'kysely'
import { storeAuditEntries } from '../audit/audit-log.ts'
import type { Database } from '../db/database.ts'
import type { Schema } from '../db/schema.ts'
import { BackspaceError } from '../errors.ts'
import type { AdmissionLimits } from './admission/admission-limits.ts'
import { refuseAboveLimits } from './admission/refuse-above-limits.ts'
import { placeInLine } from './admission/turns.ts'
import { submissionEntries } from './audit-submission.ts'
import { type FollowUpTarget, keepFollowUp } from './follow-ups/follow-up-store.ts'
import { insertEvents } from './log/event-rows.ts'
import type { RunLog } from './log/run-log.ts'
import { readPause } from './pause/operator-pause.ts'
import type { RunQueue } from './queue/run-queue.ts'
import type { Run, RunRequest } from './run.ts'
import type { RunEvent } from './run-event.ts'
import { hasAgent } from './settings-request.ts'
import { insertFacts } from './stats/run-facts.ts'
import { RUN_COLUMNS, repositoryKey, threadKey, toRun } from './store/run-rows.ts'

interface SubmitRunDeps {
  readonly db: Database
  readonly queue: Pick<RunQueue, 'admit'>
  readonly log: Pick<RunLog, 'announce'>
  readonly limits: AdmissionLimits
  /** Where people find a run: absolute URLs of its page and of its event stream. */
  readonly urls: (runId: string) => { readonly runUrl: string; readonly eventsUrl: string }
  readonly now?: (() => Date) | undefined
  readonly newId?: (() => string) | undefined
}

export interface SubmitRunInput {
  /** Where the request came from: the delivery, or `idempotencyOf(…)`. A repeat finds the same run. */
  readonly key: string
  readonly request: RunRequest
  /** From `idempotencyOf`: the key is then valid for 24 hours, and for this body only. */
  readonly fingerprint?: string | undefined
  /** Adds the request to a run that is already working, instead of starting one. */
  readonly addTo?: AddTo | undefined
  /** Runs per hour that the requester's API token allows, in place of the limit that every requester has. */
  readonly requestsPerHour?: number | undefined
  /** Starts nothing if a run works in the same thread, or did the same task and ended no earlier than this moment. */
  readonly unlessAdoptedSince?: Date | undefined
}

interface AddTo {
  readonly target: FollowUpTarget
  readonly author: string
  readonly text: string
}

export interface Submitted {
  /** The new run; or an earlier one: found by this key, doing the same already, or taking the follow-up. */
  readonly run: Run
  readonly created: boolean
  /** True when the request became a follow-up to `run`, in this call or an earlier one. */
  readonly added: boolean
  /** True when `unlessAdoptedSince` applied: `run` already does the same. */
  readonly adopted: boolean
}

const KEY_LASTS_MS = 24 * 60 * 60_000

/** Requests are admitted one at a time, so that no two take the last place. No other lock uses this number. */
const SUBMIT_LOCK = 7_002_002

/**
 * Stores a run and its first event in one transaction; the run then waits for its turn (see `AdmissionGate`). Further
 * calls with the same key find the same run, from any process and whatever the limits say by then. With `addTo` the
 * request becomes a follow-up to a working run, if one takes it; the first call with a key decides which.
 * Ids are random (122 bits), so the address of a run cannot be guessed from public facts about its request.
 *
 * @throws {BackspaceError} `conflict` when the key was used with another fingerprint; `rate_limited` above a limit,
 * with `limit` and `retryAfterSeconds` in its facts.
 */
export async function submitRun(deps: SubmitRunDeps, input: SubmitRunInput): Promise<Submitted> {
  const { db, limits, now = () => new Date(), newId = randomUUID } = deps
  async function decide(
    tx: Transaction<Schema>,
    at: Date,
  ): Promise<Submitted & { events: readonly RunEvent[] }> {
    const none = { events: [], created: false, added: false, adopted: false }
    await expireKey(tx, input.key, at)
    const there = await existingRun(tx, input)
    if (there !== undefined) return { ...none, run: there }
    const same = await adoptingRun(tx, input)
    if (same !== undefined) return { ...none, run: same, adopted: true }
    const busy = await addToRun(tx, input, at)
    if (busy !== undefined) return { ...none, run: busy, added: true }
    const run = await insertRun(tx, { input, id: newId(), at, limits })
    return {
      ...none,
      run,
      created: true,
      events: await insertQueuedEvent(tx, { run, at, urls: deps.urls(run.id) }),
    }
  }
  const { events, ...submitted } = await db.sql.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${SUBMIT_LOCK})`.execute(tx)
    const at = now()
    const decided = await decide(tx, at)
    await storeAuditEntries(
      tx,
      submissionEntries(input, decided).map((entry) => ({ ...entry, at })),
    )
    return decided
  })
  deps.log.announce(events)
  if (submitted.created) deps.queue.admit()
  return submitted
}

/**
 * The newest run of the thread that takes the thread's own text as its task and had not ended before the given moment;
 * or any run that is changing code there now, since each of the two would open a pull request for the same issue. A
 * plan and a proof change nothing, and a settings file does not solve an issue.
 */
async function adoptingRun(
  tx: Transaction<Schema>,
  { request, unlessAdoptedSince: since }: SubmitRunInput,
): Promise<Run | undefined> {
  const { thread, repository } = request
  if (since === undefined || thread === undefined) return undefined
  const rows = await tx
    .selectFrom('runs')
    .select(RUN_COLUMNS)
    .where('thread_key', '=', threadKey(repository, thread.number))
    .where((row) => row.or([row('finished_at', 'is', null), row('finished_at', '>=', since)]))
    .orderBy('ordinal', 'desc')
    .execute()
  return rows.map(toRun).find(({ request, finishedAt }) => {
    const changes = request.options.plan !== true && hasAgent(request)
    return request.adopts === true || (finishedAt === null && changes)
  })
}

/** @returns the run that takes the request as a follow-up; undefined when the request must become a run of its own. */
async function addToRun(
  tx: Transaction<Schema>,
  { key, request, addTo }: SubmitRunInput,
  at: Date,
): Promise<Run | undefined> {
  if (addTo === undefined) return undefined
  const { target, author, text } = addTo
  const id = await keepFollowUp(tx, { followUp: { key, author, text, request }, target, at })
  if (id === undefined) return undefined
  const row = await tx.selectFrom('runs').select(RUN_COLUMNS).where('id', '=', id).executeTakeFirst()
  return row && toRun(row)
}

async function expireKey(tx: Transaction<Schema>, key: string, at: Date): Promise<void> {
  await tx
    .updateTable('runs')
    .set({ key: null })
    .where('key', '=', key)
    .where('key_expires_at', '<=', at)
    .execute()
}

interface NewRun {
  readonly input: SubmitRunInput
  readonly id: string
  readonly at: Date
  readonly limits: AdmissionLimits
}

async function insertRun(tx: Transaction<Schema>, { input, id, at, limits }: NewRun): Promise<Run> {
  const { key, request, fingerprint, requestsPerHour } = input
  const { thread, options } = request
  const asked = {
    repository: repositoryKey(request.repository),
    account: request.repository.owner.toLowerCase(),
    requester: requesterKey(request),
  }
  await refuseAboveLimits(tx, { ...asked, requestsPerHour, limits, at })
  // The key is a run's now, so it must not stay that of a follow-up.
  await tx.deleteFrom('run_notes').where('key', '=', key).execute()
  const row = await tx
    .insertInto('runs')
    .values({
      id,
      key,
      fingerprint: fingerprint ?? null,
      key_expires_at: fingerprint === undefined ? null : new Date(at.getTime() + KEY_LASTS_MS),
      status: 'queued',
      ...asked,
      thread_key: thread === undefined ? null : threadKey(request.repository, thread.number),
      request: JSON.stringify(request),
      budget_usd: Math.min(options.budgetUsd ?? limits.usdPerRun, limits.usdPerRun),
      created_at: at,
    })
    .returning([...RUN_COLUMNS, 'ordinal', 'requester'])
    .executeTakeFirstOrThrow()
  const run = toRun(row)
  await insertFacts(tx, { run, ordinal: row.ordinal, requester: row.requester })
  return run
}

/** A token's name is not a login, even if the two are spelled alike. */
function requesterKey({ trigger, requester }: RunRequest): string {
  const login = requester.login.toLowerCase()
  return trigger === 'code' && requester.id === undefined ? `token:${login}` : login
}

async function existingRun(tx: Transaction<Schema>, input: SubmitRunInput): Promise<Run | undefined> {
  const row = await tx
    .selectFrom('runs')
    .select([...RUN_COLUMNS, 'fingerprint'])
    .where('key', '=', input.key)
    .executeTakeFirst()
  if (row === undefined) return undefined
  if (input.fingerprint !== undefined && row.fingerprint !== input.fingerprint) {
    throw new BackspaceError(
      'conflict',
      'This Idempotency-Key was used within the last 24 hours with another body. Send the same body again, or choose a new key.',
      { facts: { runId: row.id } },
    )
  }
  return toRun(row)
}

async function insertQueuedEvent(
  tx: Transaction<Schema>,
  queued: {
    readonly run: Run
    readonly at: Date
    readonly urls: { readonly runUrl: string; readonly eventsUrl: string }
  },
): Promise<readonly RunEvent[]> {
  const { run, at, urls } = queued
  const { owner, name } = run.request.repository
  const body = {
    type: 'run.queued',
    repository: `${owner}/${name}`,
    ...urls,
    position: (await placeInLine(tx, run.id)) ?? 1,
  } as const
  const pause = await readPause(tx)
  const paused = pause && ({ type: 'run.paused', reason: pause.reason, attempt: 0 } as const)
  const bodies = paused ? [body, paused] : [body]
  return insertEvents(tx, { runId: run.id, attempt: 0, events: bodies.map((body) => ({ at, body })) })
}
