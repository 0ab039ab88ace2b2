import { expect, test } from 'vitest'
import { DatabaseAway } from '../../../src/db/retry-database.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'
import { aRequest, hang, startRuns, succeed, type TestRuns } from '../start-runs.ts'

onEachDatabase(({ db, openAgain }) => {
  test('a queued run that is cancelled ends at once and is never executed', async () => {
    const runs = await startRuns(db())
    const { run } = await runs.submit()
    expect(await runs.queue.cancel(run.id, 'Stopped by ada')).toBe('cancelled')
    const last = (await runs.ended(run.id)).at(-1)
    expect(last).toMatchObject({ type: 'run.cancelled', message: 'Stopped by ada', seq: 2 })
    expect(await runs.store.get(run.id)).toMatchObject({ status: 'cancelled', ending: { code: 'cancelled' } })
    expect(await runs.queue.cancel(run.id, 'again')).toBe('already_finished')
    expect(await runs.queue.cancel('no such run', 'why')).toBe('not_found')

    await expectOnlyNextExecuted(runs)
  })

  test('of two who cancel a queued run at the same moment one does it', async () => {
    const runs = await startRuns(db())
    const { run } = await runs.submit()
    const answers = await Promise.all([runs.queue.cancel(run.id, 'ada'), runs.queue.cancel(run.id, 'bob')])
    expect(answers.toSorted()).toEqual(['already_finished', 'cancelled'])
    expect(await runs.ended(run.id)).toHaveLength(2)
  })

  test('a running run is cancelled from any process: its signal says who and why', async () => {
    const started = Promise.withResolvers<void>()
    const reasons: unknown[] = []
    const runs = await startRuns(db(), {
      async execute({ signal }) {
        started.resolve()
        await hang(signal).catch((reason: unknown) => reasons.push(reason))
        throw new Error('a call that was cut short')
      },
    })
    const again = await openAgain()
    const elsewhere = again === undefined ? runs : await startRuns(again, { keep: true })
    const { run } = await runs.submit()
    await started.promise
    expect(await elsewhere.queue.cancel(run.id, 'Stopped by ada')).toBe('cancelled')
    const last = (await elsewhere.ended(run.id)).at(-1)
    expect(last).toMatchObject({ type: 'run.cancelled', message: 'Stopped by ada' })
    expect(reasons).toMatchObject([{ code: 'cancelled', userMessage: 'Stopped by ada' }])
    expect(await elsewhere.queue.cancel(run.id, 'again')).toBe('already_finished')
    expect(runs.errors).toEqual([])
  })

  test('a run whose worker hangs is taken away, and what that still writes does not count', async () => {
    const started = Promise.withResolvers<void>()
    const late = Promise.withResolvers<unknown>()
    const woken = Promise.withResolvers<void>()
    const abandoned: string[] = []
    const runs: TestRuns = await startRuns(db(), {
      onAbandoned: async (run) => void abandoned.push(run.id),
      async execute(input) {
        started.resolve()
        await woken.promise
        await succeed(runs, input).catch(late.resolve)
      },
    })
    const { run } = await runs.submit()
    await started.promise
    expect(await runs.queue.cancel(run.id, 'Stopped by ada')).toBe('cancelled')
    expect(await runs.store.get(run.id)).toMatchObject({ status: 'cancelled', attempt: 2 })
    expect(abandoned).toEqual([run.id])
    woken.resolve()
    expect(await late.promise).toMatchObject({ name: 'WriteRefused', reason: 'stale_attempt' })
    expect((await runs.ended(run.id)).map((event) => event.type)).toEqual([
      'run.queued',
      'run.started',
      'run.cancelled',
    ])
  })

  test('a run that was taken away and hangs for ever gives its place to the next one', async () => {
    const started = Promise.withResolvers<void>()
    const runs: TestRuns = await startRuns(db(), {
      concurrency: 1,
      stopWithinMs: 100,
      async execute(input) {
        if (input.run.request.prompt !== 'hang') return await succeed(runs, input)
        started.resolve()
        await new Promise(() => {})
      },
    })
    const { run } = await runs.submit({ request: aRequest({ prompt: 'hang' }) })
    await started.promise
    await runs.queue.cancel(run.id, 'Stopped by ada')
    const next = await runs.submit()
    expect((await runs.ended(next.run.id)).at(-1)).toMatchObject({ type: 'run.succeeded' })
    expect(runs.errors.map(String)).toEqual([expect.stringContaining('still hangs')])
    expect((await runs.ended(run.id)).filter(({ type }) => type === 'run.cancelled')).toHaveLength(1)
  })

  test('a run whose worker is dead ends at once when it is cancelled, and is not executed again', async () => {
    const runs = await startRuns(db())
    const { id } = await runs.claim()
    expect(await runs.queue.cancel(id, 'Stopped by ada')).toBe('cancelled')
    expect((await runs.ended(id)).at(-1)).toMatchObject({ type: 'run.cancelled', message: 'Stopped by ada' })
    await expectOnlyNextExecuted(runs)
  })

  test('a worker that claims a run which was asked to stop ends it without executing it', async () => {
    const runs = await startRuns(db())
    const { id } = await runs.claim()
    await runs.store.requestCancel(id, 'Stopped by ada')
    await db()
      .sql.transaction()
      .execute((tx) => runs.queue.enqueueRun(tx, id))
    await runs.queue.start({ execute: () => Promise.reject(new Error()), deliver: () => Promise.resolve() })
    expect((await runs.ended(id)).at(-1)).toMatchObject({ type: 'run.cancelled', message: 'Stopped by ada' })
  })

  test('an attempt that lost its run, or was asked to stop, may begin nothing outside', async () => {
    const { store, claim } = await startRuns(db())
    const { id, attempt } = await claim()
    await store.requireHeld(id, attempt)
    await store.requestCancel(id, 'Stopped by ada')
    await expect(store.requireHeld(id, attempt)).rejects.toMatchObject({ code: 'cancelled' })
    await store.markRunning(id)
    const refused = { name: 'WriteRefused', reason: 'stale_attempt' }
    await expect(store.requireHeld(id, attempt)).rejects.toMatchObject(refused)
    await expect(store.requireHeld('no such run', 1)).rejects.toMatchObject({ reason: 'not_found' })
  })

  test('a run that cannot write any more is let go and goes on in another attempt, without a loss', async () => {
    const runs: TestRuns = await startRuns(db(), {
      async execute(input) {
        if (input.attempt === 1) throw new DatabaseAway(new Error('connect ECONNREFUSED'))
        await succeed(runs, input)
      },
    })
    const { run } = await runs.submit()
    expect((await runs.ended(run.id)).filter((event) => event.type === 'run.succeeded')).toHaveLength(1)
    const row = await db().sql.selectFrom('runs').select(['attempt', 'losses']).executeTakeFirst()
    expect(row).toEqual({ attempt: 2, losses: 0 })
  })
})

/** Begins to work, and sees that nothing from before is executed: only a run that is asked for now. */
async function expectOnlyNextExecuted(runs: TestRuns): Promise<void> {
  const executed: string[] = []
  await runs.queue.start({
    async execute(input) {
      executed.push(input.run.id)
      await succeed(runs, input)
    },
    deliver: () => Promise.resolve(),
  })
  const next = await runs.submit()
  await runs.ended(next.run.id)
  expect(executed).toEqual([next.run.id])
}
