import { expect, test } from 'vitest'
import { idempotencyOf } from '../../src/runs/idempotency-of.ts'
import { submitRun } from '../../src/runs/submit-run.ts'
import { onEachDatabase } from '../db/on-each-database.ts'
import { aRequest, startRuns } from './start-runs.ts'
import { WIDE_LIMITS } from './wide-limits.ts'

onEachDatabase(({ db, openAgain }) => {
  test('the first event is there with the run and says where to find it', async () => {
    const runs = await startRuns(db())
    const heard: number[] = []
    runs.log.onAppend((event) => heard.push(event.seq))
    const first = await runs.submit()
    const second = await runs.submit()
    expect(first.created).toBe(true)
    expect(first.run.id).toMatch(/^[0-9a-f-]{36}$/)
    expect(await runs.log.read(second.run.id, 0)).toMatchObject([
      {
        type: 'run.queued',
        seq: 1,
        repository: 'acme/api',
        runUrl: `http://here/runs/${second.run.id}`,
        eventsUrl: `http://here/runs/${second.run.id}/events`,
        position: 2,
      },
    ])
    expect(heard).toEqual([1, 1])
  })

  test('the same key finds the same run, however many ask at once', async () => {
    const runs = await startRuns(db())
    const again = await openAgain()
    const elsewhere = again === undefined ? runs : await startRuns(again, { keep: true })
    const key = 'comment:1:2'
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, n) => (n % 2 === 0 ? runs : elsewhere).submit({ key })),
    )
    expect(all.filter(({ created }) => created)).toHaveLength(1)
    expect(new Set(all.map(({ run }) => run.id)).size).toBe(1)
    expect((await runs.store.list({ limit: 10 })).runs).toHaveLength(1)
    expect(await runs.log.read(all[0]?.run.id ?? '', 0)).toHaveLength(1)
  })

  test('a submission that fails half-way leaves nothing behind', async () => {
    const runs = await startRuns(db())
    const deps = {
      db: db(),
      log: runs.log,
      queue: runs.queue,
      limits: WIDE_LIMITS,
      urls: () => {
        throw new Error('no address')
      },
    }
    await expect(submitRun(deps, { key: 'k', request: aRequest() })).rejects.toThrow('no address')
    expect((await runs.store.list({ limit: 10 })).runs).toEqual([])
    expect((await runs.submit({ key: 'k' })).created).toBe(true)
  })

  test('an idempotency key means one body for 24 hours, and is free again afterwards', async () => {
    let time = Date.parse('2026-01-01T00:00:00Z')
    const runs = await startRuns(db(), { now: () => new Date(time) })
    const keyed = (body: string, caller = 'ci') => runs.submit(idempotencyOf({ caller, key: 'abc', body }))
    const first = await keyed('one')
    expect(await keyed('one')).toMatchObject({ created: false, run: { id: first.run.id } })
    await expect(keyed('two')).rejects.toMatchObject({
      code: 'conflict',
      userMessage: expect.stringContaining('Idempotency-Key'),
    })
    expect((await keyed('two', 'somebody else')).created).toBe(true)

    time += 24 * 60 * 60_000 - 1
    expect((await keyed('one')).created).toBe(false)
    time += 1
    const next = await keyed('two')
    expect(next.created).toBe(true)
    expect(next.run.id).not.toBe(first.run.id)
    expect(await runs.store.get(first.run.id)).toBeDefined()
  })
})
