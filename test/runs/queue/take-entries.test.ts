import { expect, onTestFinished, test } from 'vitest'
import { DELIVERY, startBoss } from '../../../src/runs/queue/start-boss.ts'
import { type TakeEntriesOptions, takeEntries } from '../../../src/runs/queue/take-entries.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'
import { startRuns } from '../start-runs.ts'

interface Numbered {
  readonly number: number
}

onEachDatabase(({ db }) => {
  async function take(count: number, options: Omit<TakeEntriesOptions<Numbered>, 'queue'>) {
    await startRuns(db())
    const boss = await startBoss(db(), { onError: () => {} })
    onTestFinished(() => boss.stop({ timeout: 1000 }))
    const entries = Array.from({ length: count }, (_, number) => ({ data: { number } }))
    await boss.insert(DELIVERY, entries)
    const stop = await takeEntries<Numbered>(boss, { queue: DELIVERY, ...options })
    return { boss, stop }
  }

  test('as many are at work as may be, and when all is done one looks for more', async () => {
    const started: number[] = []
    const twoStarted = Promise.withResolvers<void>()
    const allDone = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    let working = 0
    let most = 0
    let done = 0
    const { boss } = await take(5, {
      most: 2,
      async work({ data }) {
        most = Math.max(most, ++working)
        if (started.push(data.number) === 2) twoStarted.resolve()
        await go.promise
        working--
        if (++done === 5) allDone.resolve()
      },
    })
    await twoStarted.promise
    expect(boss.getWipData().map(({ count }) => count)).toEqual([1, 1])
    go.resolve()
    await allDone.promise
    expect(started.toSorted()).toEqual([0, 1, 2, 3, 4])
    expect(most).toBe(2)
    await expect.poll(() => boss.getWipData().map(({ count }) => count)).toEqual([0])
  })

  test('of a batch that is taken at once, one that fails comes again alone', async () => {
    const worked: number[] = []
    const again = Promise.withResolvers<void>()
    const { stop } = await take(4, {
      most: 1,
      batch: 4,
      async work({ data }) {
        worked.push(data.number)
        if (data.number !== 2) return
        if (worked.length > 4) again.resolve()
        else throw new Error('not now')
      },
    })
    await again.promise
    expect(worked.toSorted()).toEqual([0, 1, 2, 2, 3])
    await stop()
  })
})
