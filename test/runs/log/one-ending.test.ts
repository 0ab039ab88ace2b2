import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { endingOf } from '../../../src/runs/ending.ts'
import { insertEvents } from '../../../src/runs/log/event-rows.ts'
import type { TerminalEvent } from '../../../src/runs/run-event.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'
import { endingsApart } from '../../support/endings-apart.ts'
import { FAILED, NO_TOTALS, notice, SUCCEEDED, startRuns } from '../start-runs.ts'

const CANCELLED = { type: 'run.cancelled', message: 'Stopped by ada', totals: NO_TOTALS } as const
const PULL_REQUEST = {
  ...SUCCEEDED,
  outcome: 'pull_request',
  message: 'NUL \u0000, half a pair \ud83d, 👀 and "quotes" \\',
  pullRequestUrl: 'https://github.com/acme/api/pull/7',
  commentUrl: 'https://github.com/acme/api/issues/3#issuecomment-9',
  draft: true,
  totals: { ...NO_TOTALS, costUsd: 0.41, turns: 3 },
} as const
const ENDS: readonly TerminalEvent[] = [SUCCEEDED, FAILED, CANCELLED, PULL_REQUEST]

async function rowOf(db: Database, id: string) {
  return db.sql
    .selectFrom('runs')
    .select(['status', 'result', 'cost_usd', 'finished_at', 'last_seq'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
}

const RUNNING = { status: 'running', result: null, cost_usd: null, finished_at: null, last_seq: 1 }

onEachDatabase(({ db, openAgain }) => {
  test.each(ENDS)('a terminal event ends the run: $type, $message', async (body) => {
    const { log, store, claim } = await startRuns(db())
    const { id, attempt } = await claim()
    const event = await log.append(id, attempt, body)
    const run = await store.get(id)
    expect(run?.ending).toEqual(endingOf(body))
    expect(run).toMatchObject({ status: endingOf(body).status, finishedAt: new Date(event.at) })
    expect(await rowOf(db(), id)).toMatchObject({ result: body, cost_usd: body.totals.costUsd })
    expect(await endingsApart(db())).toEqual([])
  })

  test('no reader ever sees the terminal event without the end of the run, or the end without the event', async () => {
    const { log, claim } = await startRuns(db())
    const reader = (await openAgain()) ?? db()
    const runs = await Promise.all(Array.from({ length: 25 }, () => claim()))
    let ending = true
    const ended = Promise.all(
      runs.map(async ({ id, attempt }, index) => {
        for (let n = 0; n < index % 5; n++) await log.append(id, attempt, notice(`${n}`))
        await log.append(id, attempt, ENDS[index % ENDS.length] ?? FAILED)
      }),
    ).finally(() => {
      ending = false
    })
    let looks = 0
    // The embedded database answers without giving timers a turn.
    for (; ending; looks++, await nextTurn()) expect(await endingsApart(reader)).toEqual([])
    await ended
    expect(looks).toBeGreaterThan(1)
    const { rows } = await sql`select 1 from runs where finished_at is null`.execute(reader.sql)
    expect(rows).toEqual([])
  })

  test('a terminal event whose answer was lost is recognised when it is written again', async () => {
    const { log, claim } = await startRuns(db())
    const { id: runId, attempt } = await claim()
    const events = [notice('the last step'), PULL_REQUEST].map((body) => ({ at: new Date(), body }))
    const input = { runId, attempt, events, batch: randomUUID() }
    const first = await insertEvents(db().sql, input)
    const row = await rowOf(db(), runId)
    expect(await insertEvents(db().sql, input)).toEqual(first)
    expect(await rowOf(db(), runId)).toEqual(row)
    expect(await log.read(runId, 1)).toEqual(first)

    const other = { ...input, batch: randomUUID() }
    await expect(insertEvents(db().sql, other)).rejects.toMatchObject({ reason: 'run_ended' })
    const twice = { ...input, events: [{ at: new Date(), body: FAILED }], batch: randomUUID() }
    await expect(insertEvents(db().sql, twice)).rejects.toMatchObject({ reason: 'run_ended' })
    expect(await rowOf(db(), runId)).toEqual(row)
    expect(await endingsApart(db())).toEqual([])
  })

  test('a stale attempt, and one that gave its run back, end nothing', async () => {
    const { log, store, claim } = await startRuns(db())
    const { id, attempt } = await claim()
    await store.markRunning(id)
    const refused = { name: 'WriteRefused', reason: 'stale_attempt' }
    await expect(log.append(id, attempt, FAILED)).rejects.toMatchObject(refused)
    await store.release(id, attempt + 1)
    await expect(log.append(id, attempt + 1, FAILED)).rejects.toMatchObject(refused)
    expect(await rowOf(db(), id)).toEqual(RUNNING)
    expect(await log.read(id, 1)).toEqual([])
  })

  test('when the event cannot be stored, the run has not ended either', async () => {
    const { log, claim } = await startRuns(db())
    const { id, attempt } = await claim()
    await sql`
      insert into run_events (run_id, seq, attempt, type, at, body)
      values (${id}, 2, 1, 'notice', now(), '{}')`.execute(db().sql)
    await expect(log.append(id, attempt, SUCCEEDED)).rejects.toThrow(/duplicate key/)
    expect(await rowOf(db(), id)).toEqual(RUNNING)
  })

  test.each([
    'succeeded',
    'failed',
    'cancelled',
  ])('the database refuses a run that is %s at no time', async (status) => {
    const { claim } = await startRuns(db())
    const { id } = await claim()
    const update = db().sql.updateTable('runs').where('id', '=', id)
    await expect(update.set({ status }).execute()).rejects.toThrow(/runs_end_at_once/)
    await expect(update.set({ finished_at: new Date() }).execute()).rejects.toThrow(/runs_end_at_once/)
    expect(await rowOf(db(), id)).toEqual(RUNNING)
  })
})
