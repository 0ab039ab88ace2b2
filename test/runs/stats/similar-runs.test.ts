import { expect, test } from 'vitest'
import { createFindSimilar, similarLine, similarMeaning } from '../../../src/runs/stats/similar-runs.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'
import { aRequest, onIssue, startRuns } from '../start-runs.ts'
import { storePastRun } from './past-runs.ts'

const MINUTE = 60_000
const REPOSITORY = { owner: 'acme', name: 'api', id: 7 }

onEachDatabase(({ db }) => {
  test('a run is compared with runs of its kind in its repository, of any name, that succeeded before it', async () => {
    const runs = await startRuns(db())
    const similar = createFindSimilar(db())
    let count = 0
    const past = (more: Partial<Parameters<typeof storePastRun>[2]> = {}) =>
      storePastRun(db(), `past-${++count}`, {
        request: onIssue(count, { repository: REPOSITORY }),
        createdAt: new Date(Date.now() - 24 * 60 * MINUTE),
        minutes: 10,
        totals: { costUsd: 1 },
        ...more,
      })
    const mine = () => runs.submit({ request: onIssue(1, { repository: REPOSITORY }) })
    for (const minutes of [4, 8, 12, 16]) await past({ minutes, totals: { costUsd: minutes / 10 } })
    // None of these is like it.
    await past({ request: onIssue(1, { repository: { ...REPOSITORY, id: 8 } }), minutes: 999 })
    await past({ request: aRequest({ repository: REPOSITORY }), minutes: 999 })
    await past({ request: onIssue(1, { repository: REPOSITORY, options: { plan: true } }), minutes: 999 })
    await past({ status: 'failed', minutes: 999 })
    await past({ createdAt: new Date(Date.now() - 100 * 24 * 60 * MINUTE), minutes: 999 })
    const early = (await mine()).run
    expect(await similar(early)).toBeUndefined()

    await past({ request: onIssue(1, { repository: { ...REPOSITORY, name: 'renamed' } }), minutes: 20 })
    const { run } = await mine()
    const found = await similar(run)
    expect(found).toEqual({
      kind: 'issue',
      runs: 5,
      ms: { from: 8 * MINUTE, to: 16 * MINUTE },
      usd: { from: 0.8, to: 1.2 },
    })
    expect(found && similarLine(found, run.budgetUsd ?? null)).toMatch(
      /^5 runs like this: \$0\.80–1\.20, 8–16 min; at most \$/,
    )
    expect(found && similarMeaning(found)).toContain('5 runs on issues in this repository')

    await past({ totals: { costUsd: null } })
    const few = await similar((await mine()).run)
    expect(few).toMatchObject({ runs: 6, usd: expect.anything() })
  })
})

test('a range is as exact as its figures, and a price that is not known is left out', () => {
  const about = { kind: 'proof', runs: 9, ms: { from: 20_400, to: 61_000 }, usd: null } as const
  expect(similarLine(about, null)).toBe('9 runs like this: 20–61 s')
  expect(similarLine({ ...about, ms: { from: 61_000, to: 90_000 }, usd: { from: 0.4, to: 0.4 } }, 5)).toBe(
    '9 runs like this: $0.40, 1–2 min; at most $5.00',
  )
  expect(similarLine({ ...about, ms: { from: 70_000, to: 100_000 }, usd: { from: 0.001, to: 1.1 } }, 5)).toBe(
    '9 runs like this: under $0.01–1.10, 1–2 min; at most $5.00',
  )
})
