import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { createRunLog, readEvents } from '../../../src/runs/log/run-log.ts'
import { migrate, migrateTo } from '../../../src/runs/store/migrate.ts'
import { createRunStore } from '../../../src/runs/store/run-store.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'
import { endingsApart } from '../../support/endings-apart.ts'
import { FAILED, NO_TOTALS, SUCCEEDED } from '../start-runs.ts'

/** The tables as the version before had them, empty. */
async function openOld(db: Database): Promise<void> {
  await sql`drop schema public cascade`.execute(db.sql)
  await sql`create schema public`.execute(db.sql)
  await migrateTo(db.sql, '0003-agent')
}

interface OldRun {
  readonly id: string
  readonly status: string
  readonly events: readonly { readonly type: string }[]
  readonly logClosed?: boolean
  readonly result?: object
  readonly finishedAt?: string
  readonly costUsd?: number
  /** How many events it had before some were deleted for their age. */
  readonly lastSeq?: number
}

async function insertOld(db: Database, run: OldRun): Promise<void> {
  const { id, status, events, logClosed = false, result, finishedAt, costUsd } = run
  const { lastSeq = events.length } = run
  await sql`
    insert into runs (id, status, repository, request, attempt, last_seq, log_closed, result, cost_usd, created_at,
      started_at, finished_at)
    values (${id}, ${status}, 'acme/api', '{}', 1, ${lastSeq}::int, ${logClosed}::boolean,
      ${result === undefined ? null : JSON.stringify(result)}::json, ${costUsd ?? null}::double precision,
      '2026-01-01T00:00:00Z', '2026-01-01T00:00:10Z', ${finishedAt ?? null}::timestamptz)`.execute(db.sql)
  for (const [index, body] of events.entries()) {
    const seq = index === 0 ? 1 : lastSeq - events.length + index + 1
    await sql`
      insert into run_events (run_id, seq, attempt, type, at, body)
      values (${id}, ${seq}::int, 1, ${body.type}, '2026-01-01T00:01:00Z', ${JSON.stringify(body)}::json)`.execute(
      db.sql,
    )
  }
}

const QUEUED = { type: 'run.queued', repository: 'acme/api', runUrl: '', eventsUrl: '', position: 1 } as const
const NOTHING = { outcome: null, pullRequestUrl: null, commentUrl: null, costUsd: null }

onEachDatabase(({ db }) => {
  test('runs whose event was written, but not their end, have ended as the event says', async () => {
    await openOld(db())
    const strange = {
      ...FAILED,
      message: 'NUL \u0000, half a pair \ud83d',
      totals: { ...NO_TOTALS, costUsd: 0.5 },
    }
    const cancelled = { type: 'run.cancelled', message: 'Stopped by ada', totals: NO_TOTALS } as const
    const unknownPrice = { ...SUCCEEDED, totals: { ...NO_TOTALS, costUsd: null } }
    const logClosed = true
    await insertOld(db(), { id: 'failed', status: 'running', events: [QUEUED, strange], logClosed })
    await insertOld(db(), { id: 'cancelled', status: 'queued', events: [QUEUED, cancelled], logClosed })
    await insertOld(db(), { id: 'unpriced', status: 'running', events: [QUEUED, unknownPrice], logClosed })
    await migrate(db())

    const store = createRunStore(db())
    const finishedAt = new Date('2026-01-01T00:01:00Z')
    expect(await store.get('failed')).toMatchObject({
      status: 'failed',
      finishedAt,
      ending: { code: FAILED.code, message: strange.message, totals: { costUsd: 0.5 } },
    })
    expect(await store.get('cancelled')).toMatchObject({ status: 'cancelled', finishedAt })
    expect(await store.get('unpriced')).toMatchObject({ status: 'succeeded', ending: { outcome: 'answer' } })
    const costs = await db().sql.selectFrom('runs').select(['id', 'cost_usd']).orderBy('id').execute()
    expect(costs.map(({ cost_usd }) => cost_usd)).toEqual([0, 0.5, null])
    expect(await endingsApart(db())).toEqual([])
  })

  test('runs whose end was written, but not their event, get the event that goes with it', async () => {
    await openOld(db())
    const finishedAt = '2026-01-01T00:02:10Z'
    const pullRequest = {
      ...NOTHING,
      outcome: 'pull_request',
      message: 'Opened pull request #7',
      code: null,
      pullRequestUrl: 'https://github.com/acme/api/pull/7',
      costUsd: 0.41,
    }
    const events = [QUEUED]
    await insertOld(db(), {
      id: 'a',
      status: 'succeeded',
      events,
      finishedAt,
      result: pullRequest,
      costUsd: 0.41,
    })
    const failure = { ...NOTHING, code: 'clone_failed', message: 'The clone failed' }
    await insertOld(db(), { id: 'b', status: 'failed', events, finishedAt, result: failure })
    const stop = { ...NOTHING, code: 'cancelled', message: 'Stopped by ada' }
    await insertOld(db(), { id: 'c', status: 'cancelled', events, finishedAt, result: stop })
    await insertOld(db(), { id: 'd', status: 'failed', events: [], finishedAt })
    await migrate(db())

    const log = createRunLog({ db: db() })
    const last = async (id: string) => (await readEvents(log, id)).at(-1)
    expect(await last('a')).toMatchObject({
      type: 'run.succeeded',
      seq: 2,
      at: new Date(finishedAt).toISOString(),
      outcome: 'pull_request',
      pullRequestUrl: pullRequest.pullRequestUrl,
      totals: { ...NO_TOTALS, attempts: 1, durationMs: 120_000, costUsd: 0.41, knownCostUsd: 0.41 },
    })
    expect(await last('b')).toMatchObject({
      type: 'run.failed',
      code: 'clone_failed',
      totals: { costUsd: null },
    })
    expect(await last('c')).toMatchObject({ type: 'run.cancelled', message: 'Stopped by ada' })
    expect(await last('d')).toMatchObject({ type: 'run.failed', seq: 1, code: 'internal' })
    expect(await endingsApart(db())).toEqual([])
  })

  test('runs that ended whole, that were pruned or that go on are as they were', async () => {
    await openOld(db())
    const result = { ...NOTHING, outcome: 'answer', message: SUCCEEDED.message, code: null, costUsd: 0 }
    const whole = {
      status: 'succeeded',
      result,
      finishedAt: '2026-01-01T00:01:00Z',
      costUsd: 0,
      logClosed: true,
    }
    await insertOld(db(), { id: 'whole', ...whole, events: [QUEUED, SUCCEEDED] })
    await insertOld(db(), { id: 'pruned', ...whole, events: [QUEUED, SUCCEEDED], lastSeq: 40 })
    await insertOld(db(), { id: 'running', status: 'running', events: [QUEUED] })
    await insertOld(db(), { id: 'queued', status: 'queued', events: [QUEUED] })
    await migrate(db())

    const store = createRunStore(db())
    const ending = { outcome: 'answer', message: SUCCEEDED.message, code: null, totals: NO_TOTALS }
    for (const id of ['whole', 'pruned']) {
      expect(await store.get(id)).toMatchObject({ status: 'succeeded', ending })
    }
    const live = { finishedAt: null, ending: null }
    expect(await store.get('running')).toMatchObject({ status: 'running', ...live })
    expect(await store.get('queued')).toMatchObject({ status: 'queued', ...live })
    const counts = await db().sql.selectFrom('run_events').select('seq').execute()
    expect(counts).toHaveLength(6)
    expect(await endingsApart(db())).toEqual([])
  })

  test('ten thousand runs are migrated', async () => {
    await openOld(db())
    await sql`
      insert into runs (id, status, repository, request, last_seq, log_closed, result, created_at, finished_at)
      select 'run-' || n, 'succeeded', 'acme/api', '{}', 2, true, ${JSON.stringify(NOTHING)}::json, now(), now()
      from generate_series(1, 10000) n`.execute(db().sql)
    await sql`
      insert into run_events (run_id, seq, attempt, type, at, body)
      select 'run-' || n, 2, 1, 'run.succeeded', now(), ${JSON.stringify(SUCCEEDED)}::json
      from generate_series(1, 10000) n`.execute(db().sql)
    await migrate(db())
    expect(await endingsApart(db())).toEqual([])
  })
})
