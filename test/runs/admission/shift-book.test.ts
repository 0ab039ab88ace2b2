import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { createShiftBook } from '../../../src/runs/admission/shift-book.ts'
import { createPauseStore } from '../../../src/runs/pause/operator-pause.ts'
import { openSharedDatabase } from '../../support/shared-postgres.ts'
import { startRuns } from '../start-runs.ts'

let db: Database
beforeAll(async () => {
  db = await openSharedDatabase()
})
afterAll(() => db.close())

const NAMES = ['one', 'two', 'three', 'four', 'five']

test('of workers that ask at the same moment, as many get a place as may work, and a silent one loses its own', async () => {
  const book = createShiftBook(db)
  const claimed = await Promise.all(NAMES.map((name) => book.claim(name, 2)))
  expect(claimed.filter(Boolean)).toHaveLength(2)
  expect(await book.claim('six', 2)).toBe(false)

  await sql`update workers set seen_at = now() - interval '16 seconds'`.execute(db.sql)
  expect(await book.claim('six', 1)).toBe(true)
  await book.leave('six')
  expect(await book.claim('seven', 1)).toBe(true)
})

test('there is work when a run or a webhook waits, or its worker is silent, and none for runs during a pause', async () => {
  const runs = await startRuns(db)
  const book = createShiftBook(db)
  expect(await book.lookForWork()).toEqual({ due: false, queued: false })
  const { run } = await runs.submit()
  expect(await book.lookForWork()).toEqual({ due: false, queued: true })

  await db.sql.transaction().execute((tx) => runs.queue.enqueueRun(tx, run.id))
  expect(await book.lookForWork()).toMatchObject({ due: true })
  const pauses = createPauseStore(db)
  await pauses.begin({ reason: 'the models are down', stopRunning: false })
  expect(await book.lookForWork()).toEqual({ due: false, queued: false })
  await pauses.end()

  await sql`update pgboss.job set state = 'active', started_on = now(), heartbeat_on = now()`.execute(db.sql)
  expect(await book.lookForWork()).toMatchObject({ due: false })
  await sql`update pgboss.job set heartbeat_on = now() - interval '6 seconds'`.execute(db.sql)
  expect(await book.lookForWork()).toMatchObject({ due: true })
})
