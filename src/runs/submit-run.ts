import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { Database } from '../db/database.ts'
import type { Schema } from '../db/schema.ts'
import { BackspaceError } from '../errors.ts'
import { insertEvents } from './log/event-rows.ts'
import type { RunLog } from './log/run-log.ts'
import type { RunQueue } from './queue/run-queue.ts'
import type { Run, RunRequest } from './run.ts'
import type { RunEvent } from './run-event.ts'
import { RUN_COLUMNS, repositoryKey, threadKey, toRun } from './store/run-row.ts'

export interface SubmitRunDeps {
  readonly db: Database
  readonly queue: Pick<RunQueue, 'enqueueRun'>
  readonly log: Pick<RunLog, 'announce'>
  /** Where people find a run: absolute URLs of its page and of its event stream. */
  readonly urls: (runId: string) => { readonly runUrl: string; readonly eventsUrl: string }
  readonly now?: () => Date
  readonly newId?: () => string
}

export interface SubmitRunInput {
  /** Where the request came from: the delivery, or `idempotencyOf(…)`. A repeat finds the same run. */
  readonly key: string
  readonly request: RunRequest
  /** From `idempotencyOf`: the key is then valid for 24 hours, and for this body only. */
  readonly fingerprint?: string
}

const KEY_LASTS_MS = 24 * 60 * 60_000

/**
 * Writes down a run, its place in the queue and its first event in one transaction: all or nothing. Called again
 * with the same key it finds the run that is there, however often and from however many processes at once.
 * Ids are random (122 bits), so the address of a run cannot be guessed from public facts about its request.
 *
 * @throws {BackspaceError} `conflict` when the key was used with another fingerprint.
 */
export async function submitRun(
  deps: SubmitRunDeps,
  input: SubmitRunInput,
): Promise<{ readonly run: Run; readonly created: boolean }> {
  const { db, now = () => new Date(), newId = randomUUID } = deps
  const submitted = await db.sql.transaction().execute(async (tx) => {
    const at = now()
    await expireKey(tx, input.key, at)
    const run = await insertRun(tx, { input, id: newId(), at })
    if (run === undefined) return { run: await existingRun(tx, input), events: [] }
    await deps.queue.enqueueRun(tx, run)
    return { run, events: await insertQueuedEvent(tx, { run, at, urls: deps.urls(run.id) }) }
  })
  deps.log.announce(submitted.events)
  return { run: submitted.run, created: submitted.events.length > 0 }
}

async function expireKey(tx: Transaction<Schema>, key: string, at: Date): Promise<void> {
  await tx
    .updateTable('runs')
    .set({ key: null })
    .where('key', '=', key)
    .where('key_expires_at', '<=', at)
    .execute()
}

/** @returns undefined when a run with this key is there already. */
async function insertRun(
  tx: Transaction<Schema>,
  { input, id, at }: { readonly input: SubmitRunInput; readonly id: string; readonly at: Date },
): Promise<Run | undefined> {
  const { key, request, fingerprint } = input
  const { repository, thread } = request
  const row = await tx
    .insertInto('runs')
    .values({
      id,
      key,
      fingerprint: fingerprint ?? null,
      key_expires_at: fingerprint === undefined ? null : new Date(at.getTime() + KEY_LASTS_MS),
      status: 'queued',
      repository: repositoryKey(repository),
      thread_key: thread === undefined ? null : threadKey(repository, thread.number),
      request: JSON.stringify(request),
      created_at: at,
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returning(RUN_COLUMNS)
    .executeTakeFirst()
  return row === undefined ? undefined : toRun(row)
}

async function existingRun(tx: Transaction<Schema>, input: SubmitRunInput): Promise<Run> {
  const row = await tx
    .selectFrom('runs')
    .select([...RUN_COLUMNS, 'fingerprint'])
    .where('key', '=', input.key)
    .executeTakeFirstOrThrow()
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
  const { count } = await tx
    .selectFrom('runs')
    .select((eb) => eb.fn.countAll<string | number>().as('count'))
    .where('status', '=', 'queued')
    .executeTakeFirstOrThrow()
  const { owner, name } = run.request.repository
  const body = {
    type: 'run.queued',
    repository: `${owner}/${name}`,
    ...urls,
    position: Number(count),
  } as const
  return insertEvents(tx, { runId: run.id, attempt: 0, events: [{ at, body }] })
}
