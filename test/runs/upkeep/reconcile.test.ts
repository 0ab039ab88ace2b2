import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'
import { SUCCEEDED, startRuns, succeed, type TestRuns } from '../start-runs.ts'

const NOTHING = { runsQueuedAgain: 0, entriesCancelled: 0, deliveriesQueuedAgain: 0 }

/** As if everything that is there had happened an hour ago. */
async function anHourPasses(db: Database): Promise<void> {
  await sql`update runs set created_at = created_at - interval '1 hour', finished_at = finished_at - interval '1 hour'`.execute(
    db.sql,
  )
  await sql`update run_events set at = at - interval '1 hour'`.execute(db.sql)
  await sql`update deliveries set received_at = received_at - interval '1 hour'`.execute(db.sql)
  await sql`update pgboss.job set created_on = created_on - interval '1 hour'`.execute(db.sql)
}

async function entries(db: Database): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ id: string; state: string }>`
    select id::text as id, state::text as state from pgboss.job`.execute(db.sql)
  return new Map(rows.map(({ id, state }) => [id, state]))
}

async function setEntry(db: Database, id: string, state: string): Promise<void> {
  await sql`update pgboss.job set state = ${state}::pgboss.job_state where id = ${id}::uuid`.execute(db.sql)
}

/** Runs that wait for a worker, with their entries in the queue. */
async function admitted(runs: TestRuns, db: Database, count: number): Promise<readonly string[]> {
  const ids: string[] = []
  for (let n = 0; n < count; n++) ids.push((await runs.submit()).run.id)
  await db.sql.updateTable('runs').set({ admitted_at: sql<Date>`now()` }).execute()
  const there = await entries(db)
  await db.sql.transaction().execute(async (tx) => {
    for (const id of ids) if (!there.has(id)) await runs.queue.enqueueRun(tx, id)
  })
  return ids
}

onEachDatabase(({ db }) => {
  test('what agrees is left alone, and what is young is not judged', async () => {
    const runs = await startRuns(db())
    const [healthy = ''] = await admitted(runs, db(), 1)
    await anHourPasses(db())
    const [young = ''] = await admitted(runs, db(), 1)
    await setEntry(db(), young, 'completed')
    expect(await runs.queue.reconcile()).toEqual(NOTHING)
    expect((await entries(db())).get(healthy)).toBe('created')
  })

  test('an admitted or running run without a live entry is queued again and carried to its end', async () => {
    const runs: TestRuns = await startRuns(db())
    const [missing = '', completed = '', failed = ''] = await admitted(runs, db(), 3)
    await runs.store.markRunning(failed)
    await sql`delete from pgboss.job where id = ${missing}::uuid`.execute(db().sql)
    await setEntry(db(), completed, 'completed')
    await setEntry(db(), failed, 'failed')
    await anHourPasses(db())

    expect(await runs.queue.reconcile()).toEqual({ ...NOTHING, runsQueuedAgain: 3 })
    expect(await runs.queue.reconcile()).toEqual(NOTHING)
    await runs.queue.start({ execute: (input) => succeed(runs, input), deliver: () => Promise.resolve() })
    for (const id of [missing, completed, failed]) {
      expect((await runs.ended(id)).filter((event) => event.type === 'run.succeeded')).toHaveLength(1)
    }
  })

  test('an entry whose run has ended or is not there is cancelled', async () => {
    const runs = await startRuns(db())
    const [ended = '', unknown = ''] = await admitted(runs, db(), 2)
    await runs.log.append(ended, 0, SUCCEEDED)
    await db().sql.deleteFrom('runs').where('id', '=', unknown).execute()
    await anHourPasses(db())
    expect(await runs.queue.reconcile()).toEqual({ ...NOTHING, entriesCancelled: 2 })
    expect([...(await entries(db())).values()]).toEqual(['cancelled', 'cancelled'])
  })

  test('a delivery that was never handled and is in no queue is handled, unless it is too old', async () => {
    const runs = await startRuns(db())
    for (const deliveryId of ['forgotten', 'ancient', 'queued', 'handled']) {
      await runs.deliveries.acceptDelivery({ deliveryId, event: 'e', payload: '{}', contentKey: deliveryId })
    }
    await sql`delete from pgboss.job where data ->> 'deliveryId' <> 'queued'`.execute(db().sql)
    const set = (id: string) => db().sql.updateTable('deliveries').where('id', '=', id)
    await set('handled').set({ handled_at: new Date() }).execute()
    await set('ancient')
      .set({ received_at: new Date(Date.now() - 4 * 86_400_000) })
      .execute()
    await anHourPasses(db())
    expect(await runs.queue.reconcile()).toEqual({ ...NOTHING, deliveriesQueuedAgain: 1 })

    const handled = new Set<string>()
    const both = Promise.withResolvers<void>()
    await runs.queue.start({
      execute: () => Promise.resolve(),
      async deliver({ deliveryId }) {
        if (handled.add(deliveryId).size === 2) both.resolve()
      },
    })
    await both.promise
    expect([...handled].sort()).toEqual(['forgotten', 'queued'])
  })
})
