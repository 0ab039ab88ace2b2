import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { prune } from '../../../src/runs/upkeep/prune.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'
import { notice, startRuns, succeed, type TestRuns } from '../start-runs.ts'
import { storePastRun } from '../stats/past-runs.ts'

const RETENTION = { eventsDays: 30, runsDays: 365, deliveriesDays: 14 }

/** A run of `notices` events besides its first and its last that ended so many days ago. */
async function endedRun(runs: TestRuns, db: Database, input: { notices: number; daysAgo: number }) {
  const run = await runs.claim()
  const { id, attempt } = run
  await Promise.all(
    Array.from({ length: input.notices }, (_, n) => runs.log.append(id, attempt, notice(`${n}`))),
  )
  await runs.store.saveTranscript(id, attempt, { system: 's', entries: [1, 2, 3] })
  await succeed(runs, { run, attempt, signal: new AbortController().signal })
  const finished = new Date(Date.now() - input.daysAgo * 86_400_000)
  await db.sql.updateTable('runs').set({ finished_at: finished }).where('id', '=', id).execute()
  return id
}

async function rowsOf(db: Database, table: 'run_events' | 'transcript_entries', runId: string) {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from ${sql.table(table)} where run_id = ${runId}`.execute(db.sql)
  return rows[0]?.count
}

onEachDatabase(({ db }) => {
  const go = () => prune({ db: db(), retention: RETENTION, signal: new AbortController().signal, pauseMs: 0 })

  test('of a run that ended long ago the first and the last event stay, and can still be followed', async () => {
    const runs = await startRuns(db())
    const old = await endedRun(runs, db(), { notices: 1_200, daysAgo: 31 })
    const recent = await endedRun(runs, db(), { notices: 3, daysAgo: 29 })
    const live = await runs.claim()
    await runs.log.append(live.id, live.attempt, notice('at work'))
    await go()
    await go()

    const left = await runs.ended(old)
    expect(left.map((event) => event.type)).toEqual(['run.queued', 'run.succeeded'])
    expect(left.at(-1)?.seq).toBe(1_202)
    expect(await runs.store.loadTranscript(old)).toBeUndefined()
    expect(await rowsOf(db(), 'transcript_entries', old)).toBe(0)
    expect(await rowsOf(db(), 'run_events', recent)).toBe(5)
    expect(await runs.store.loadTranscript(recent)).toBeDefined()
    expect(await rowsOf(db(), 'run_events', live.id)).toBe(2)
  })

  test('runs and deliveries go when their time is over', async () => {
    const runs = await startRuns(db())
    const ancient = await endedRun(runs, db(), { notices: 2, daysAgo: 366 })
    const old = await endedRun(runs, db(), { notices: 2, daysAgo: 364 })
    for (const deliveryId of ['old', 'young']) {
      await runs.deliveries.acceptDelivery({ deliveryId, event: 'e', payload: '{}', contentKey: deliveryId })
    }
    const received = new Date(Date.now() - 15 * 86_400_000)
    await db().sql.updateTable('deliveries').set({ received_at: received }).where('id', '=', 'old').execute()
    await go()

    expect(await runs.store.get(ancient)).toBeUndefined()
    expect(await rowsOf(db(), 'run_events', ancient)).toBe(0)
    expect(await runs.store.get(old)).toMatchObject({ status: 'succeeded' })
    const deliveries = await db().sql.selectFrom('deliveries').select('id').execute()
    expect(deliveries).toEqual([{ id: 'young' }])
  })

  test('what became of pull requests goes with the age of runs, and the name of a repository with its last run', async () => {
    await startRuns(db())
    for (const [name, days] of [
      ['old', 400],
      ['young', 300],
    ] as const) {
      await storePastRun(db(), name, {
        request: { repository: { owner: 'acme', name, id: days } },
        createdAt: new Date(Date.now() - days * 86_400_000),
        pullRequest: 1,
      })
    }
    await go()
    await go()
    const kept = await db().sql.selectFrom('run_repositories').select('name').execute()
    expect(kept).toEqual([{ name: 'acme/young' }])
    expect(await db().sql.selectFrom('run_facts').select('run_id').execute()).toEqual([{ run_id: 'young' }])
    const pulls = await db().sql.selectFrom('pull_request_outcomes').select('run_id').execute()
    expect(pulls).toEqual([{ run_id: 'young' }])
  })

  test('a process that stops in the middle leaves the rest for the next time', async () => {
    const runs = await startRuns(db())
    const old = await endedRun(runs, db(), { notices: 1_200, daysAgo: 31 })
    const stopping = new AbortController()
    const cut = prune({ db: db(), retention: RETENTION, signal: stopping.signal, pauseMs: 60_000 })
    while ((await rowsOf(db(), 'run_events', old)) === 1_202);
    stopping.abort()
    await cut
    expect(await rowsOf(db(), 'run_events', old)).toBe(702)
    await go()
    expect(await rowsOf(db(), 'run_events', old)).toBe(2)
  })
})
