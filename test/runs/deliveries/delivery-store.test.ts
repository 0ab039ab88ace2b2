import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Delivery } from '../../../src/runs/deliveries/delivery.ts'
import { createDeliveryStore } from '../../../src/runs/deliveries/delivery-store.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'
import { startRuns } from '../start-runs.ts'

function aDelivery(n: number, overrides: Partial<Delivery> = {}): Delivery {
  const payload = JSON.stringify({ action: 'created', n })
  return { deliveryId: `id-${n}`, event: 'issue_comment', payload, contentKey: `fact-${n}`, ...overrides }
}

const stored = (delivery: Delivery) => ({ ...delivery, receivedAt: expect.any(Date) })

/** A handler that remembers what it was given, and when it has had `count`. */
function recorder(count: number) {
  const handled: Delivery[] = []
  const all = Promise.withResolvers<void>()
  const deliver = (delivery: Delivery): Promise<void> => {
    handled.push(delivery)
    if (handled.length === count) all.resolve()
    return Promise.resolve()
  }
  return { handled, all: all.promise, deliver }
}

onEachDatabase(({ db }) => {
  test('a delivery is handed over as it was received, once', async () => {
    const { handled, all, deliver } = recorder(2)
    const { deliveries } = await startRuns(db(), { deliver })
    const first = aDelivery(1)
    expect(await deliveries.acceptDelivery(first)).toBe('stored')
    expect(await deliveries.acceptDelivery(first)).toBe('duplicate')
    expect(await deliveries.acceptDelivery(aDelivery(1, { deliveryId: 'redelivered' }))).toBe('duplicate')
    expect(await deliveries.acceptDelivery(aDelivery(2, { deliveryId: first.deliveryId }))).toBe('duplicate')
    const second = aDelivery(3)
    await deliveries.acceptDelivery(second)
    await all
    expect(handled.toSorted((a, b) => a.deliveryId.localeCompare(b.deliveryId))).toEqual(
      [first, second].map(stored),
    )
  })

  test('of a burst with repeats none is lost and none is doubled', async () => {
    const { handled, all, deliver } = recorder(60)
    const { deliveries } = await startRuns(db(), { deliver })
    const burst = Array.from({ length: 180 }, (_, n) => aDelivery(n % 60))
    const answers = await Promise.all(burst.map((delivery) => deliveries.acceptDelivery(delivery)))
    expect(answers.filter((answer) => answer === 'stored')).toHaveLength(60)
    await all
    expect(new Set(handled.map((delivery) => delivery.deliveryId)).size).toBe(60)
    expect(handled).toHaveLength(60)
  })

  test('one that the database does not take fails alone', async () => {
    const { deliveries } = await startRuns(db())
    const burst = [1, 2, 3, 4, 5].map((n) => aDelivery(n, n === 4 ? { payload: 'a\0b' } : {}))
    const answers = await Promise.allSettled(burst.map((delivery) => deliveries.acceptDelivery(delivery)))
    expect(answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : 'failed'))).toEqual([
      ...['stored', 'stored', 'stored', 'failed', 'stored'],
    ])
  })

  test('a thousand at once are committed by a few transactions, each with its place in the queue', async () => {
    const { deliveries, queue } = await startRuns(db())
    let commits = 0
    const counted = createDeliveryStore({
      db: db(),
      queue: {
        async enqueueDeliveries(tx, ids) {
          commits++
          await queue.enqueueDeliveries(tx, ids)
        },
      },
    })
    const burst = Array.from({ length: 1000 }, (_, n) => aDelivery(n))
    const answers = await Promise.all(burst.map((delivery) => counted.acceptDelivery(delivery)))
    expect(new Set(answers)).toEqual(new Set(['stored']))
    expect(commits).toBeLessThan(20)
    expect(await deliveries.acceptDelivery(aDelivery(7))).toBe('duplicate')
    const { rows } = await sql<{ id: string }>`
      select data ->> 'deliveryId' as id from pgboss.job where name = 'delivery'`.execute(db().sql)
    expect(rows.map(({ id }) => id).sort()).toEqual(burst.map(({ deliveryId }) => deliveryId).sort())
  })

  test('a handler that fails is called again, and the failure is reported', async () => {
    const done = Promise.withResolvers<void>()
    let calls = 0
    const { deliveries, errors } = await startRuns(db(), {
      async deliver() {
        if (++calls === 1) throw new Error('GitHub is down')
        done.resolve()
      },
    })
    await deliveries.acceptDelivery(aDelivery(1))
    await done.promise
    expect(calls).toBe(2)
    expect(errors.map(String)).toEqual(['Error: GitHub is down'])
  })

  test('a failure with text that no database stores is tried again like any other', async () => {
    const done = Promise.withResolvers<void>()
    let calls = 0
    const { deliveries, errors } = await startRuns(db(), {
      async deliver() {
        if (++calls === 1) throw Object.assign(new Error('no'), { event: { payload: { body: 'a\0b' } } })
        done.resolve()
      },
    })
    await deliveries.acceptDelivery(aDelivery(1))
    await done.promise
    expect(errors).toHaveLength(1)
  })

  test('what was accepted without a worker is handled when one starts', async () => {
    const { deliveries, queue } = await startRuns(db())
    await deliveries.acceptDelivery(aDelivery(1))
    const { handled, all, deliver } = recorder(1)
    await queue.start({ execute: () => Promise.resolve(), deliver })
    await all
    expect(handled).toEqual([stored(aDelivery(1))])
  })
})
