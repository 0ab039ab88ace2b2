import { expect, test } from 'vitest'
import { onEachDatabase } from '../../db/on-each-database.ts'
import { hang, startRuns, succeed } from '../start-runs.ts'

onEachDatabase(({ db, openAgain }) => {
  test('a queued run that is cancelled ends at once and is never executed', async () => {
    const runs = await startRuns(db())
    const { run } = await runs.submit()
    expect(await runs.queue.cancel(run.id, 'Stopped by ada')).toBe('cancelled')
    const last = (await runs.ended(run.id)).at(-1)
    expect(last).toMatchObject({ type: 'run.cancelled', message: 'Stopped by ada', seq: 2 })
    expect(await runs.store.get(run.id)).toMatchObject({ status: 'cancelled', result: { code: 'cancelled' } })
    expect(await runs.queue.cancel(run.id, 'again')).toBe('already_finished')
    expect(await runs.queue.cancel('no such run', 'why')).toBe('not_found')

    const executed: string[] = []
    await runs.queue.start({
      execute: async (input) => {
        executed.push(input.run.id)
        await succeed(runs, input)
      },
      deliver: () => Promise.resolve(),
    })
    const next = await runs.submit()
    await runs.ended(next.run.id)
    expect(executed).toEqual([next.run.id])
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

  test('a run that was asked to stop while its worker was dead is not executed again', async () => {
    const runs = await startRuns(db())
    const { id } = await runs.claim()
    expect(await runs.queue.cancel(id, 'Stopped by ada')).toBe('cancelled')
    await runs.queue.start({ execute: () => Promise.reject(new Error()), deliver: () => Promise.resolve() })
    expect((await runs.ended(id)).at(-1)).toMatchObject({ type: 'run.cancelled', message: 'Stopped by ada' })
  })
})
