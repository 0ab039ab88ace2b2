import { sql } from 'kysely'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { openDatabase } from '../../../src/db/open-database.ts'
import { insertEvents } from '../../../src/runs/log/event-rows.ts'
import { createRunLog } from '../../../src/runs/log/run-log.ts'
import { type Postgres, postgresBinaries, startPostgres } from '../../support/postgres.ts'
import { notice, startRuns, succeed, type TestRuns } from '../start-runs.ts'

const COUNT = 200

/** A run that tells `COUNT` things, remembers them, and has succeeded. `disturb` runs after every tenth of them. */
async function startTelling(db: Database, disturb: (told: Promise<unknown>, n: number) => Promise<void>) {
  const over = Promise.withResolvers<void>()
  const runs: TestRuns = await startRuns(db, {
    async execute(input) {
      const { run, attempt } = input
      const told: Promise<unknown>[] = []
      for (let n = 1; n <= COUNT; n++) {
        told.push(runs.log.append(run.id, attempt, notice(`${n}`)))
        if (n % 10 === 0) await disturb(Promise.all(told), n)
      }
      await Promise.all(told)
      await runs.store.setProgress(run.id, attempt, { branch: 'backspace/kept' })
      await runs.store.saveTranscript(run.id, attempt, { system: 's', entries: ['one', 'two'] })
      await succeed(runs, input)
      over.resolve()
    },
  })
  const { run } = await runs.submit()
  await over.promise
  return { runs, runId: run.id }
}

/** Everything once, in order, and one end. */
async function expectWhole(runs: TestRuns, runId: string): Promise<void> {
  const events = await runs.ended(runId)
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1))
  const told = events.flatMap((event) => (event.type === 'notice' ? [Number(event.message)] : []))
  expect(told).toEqual(Array.from({ length: COUNT }, (_, index) => index + 1))
  expect(events.filter((event) => event.type === 'run.succeeded')).toHaveLength(1)
  expect(await runs.store.get(runId)).toMatchObject({
    status: 'succeeded',
    attempt: 1,
    progress: { branch: 'backspace/kept' },
  })
  expect(await runs.store.loadTranscript(runId)).toEqual({ system: 's', entries: ['one', 'two'] })
}

const missing = postgresBinaries() === undefined
describe.skipIf(missing)(`a database that is away${missing ? ' (PostgreSQL is not installed)' : ''}`, () => {
  let server: Postgres
  beforeAll(async () => {
    server = await startPostgres()
    return () => server.stop()
  })
  async function open(): Promise<Database> {
    const db = await openDatabase({ url: await server.createDatabase() })
    onTestFinished(() => db.close())
    return db
  }

  test('a run goes on when every connection of its process is cut, again and again', async () => {
    const db = await open()
    const admin = await openDatabase({ url: await server.createDatabase() })
    onTestFinished(() => admin.close())
    let cut = 0
    const { runs, runId } = await startTelling(db, async (told) => {
      const { rows } = await sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'backspace' and pid <> pg_backend_pid()`.execute(admin.sql)
      cut += rows.length
      await told
    })
    await expectWhole(runs, runId)
    expect(cut).toBeGreaterThan(5)
  })

  test('a run goes on when the server is stopped and comes back', async () => {
    const restarted = Promise.withResolvers<void>()
    const { runs, runId } = await startTelling(await open(), async (_, n) => {
      if (n === 20) server.restart().then(restarted.resolve, restarted.reject)
      if (n === COUNT) await restarted.promise
    })
    await expectWhole(runs, runId)
  })

  test('a write whose answer was lost is recognised instead of done again', async () => {
    const db = await open()
    const { log, claim } = await startRuns(db)
    const { id: runId, attempt } = await claim()
    const input = { runId, attempt, batch: 'b1', events: [{ at: new Date(), body: notice('once') }] }
    const first = await insertEvents(db.sql, input)
    expect(await insertEvents(db.sql, input)).toEqual(first)
    await log.append(runId, attempt, notice('next'))
    expect((await log.read(runId, 1)).map((event) => event.seq)).toEqual([2, 3])
  })

  test('when it stays away, the event and all behind it are refused in a way that lets the run go', async () => {
    const db = await open()
    const { claim } = await startRuns(db)
    const run = await claim()
    const log = createRunLog({ db, writeForMs: 300 })
    await server.restart(async () => {
      const appends = ['a', 'b', 'c'].map((text) => log.append(run.id, run.attempt, notice(text)))
      for (const append of appends) await expect(append).rejects.toMatchObject({ name: 'DatabaseAway' })
    })
    expect(await log.read(run.id, 1)).toEqual([])
  })
})
