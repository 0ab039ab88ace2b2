import { expect, test } from 'vitest'
import { onEachDatabase } from '../../db/on-each-database.ts'
import { aRequest, onIssue, SUCCEEDED, startRuns, succeed, type TestRuns } from '../start-runs.ts'

const MINUTE = 60_000
const NOON = Date.parse('2026-01-01T12:00:00Z')

function refusedFor(limit: string, retryAfterSeconds: number) {
  return { code: 'rate_limited', facts: { limit, retryAfterSeconds } }
}

function of(owner: string, name: string, budgetUsd?: number) {
  const options = budgetUsd === undefined ? {} : { budgetUsd }
  return { request: aRequest({ repository: { owner, name }, options }) }
}

onEachDatabase(({ db, openAgain }) => {
  test('a person may ask for a limited number of runs within an hour, and a repeat still finds its run', async () => {
    let time = NOON
    const runs = await startRuns(db(), { now: () => new Date(time), limits: { requestsPerHour: 2 } })
    const first = await runs.submit({ key: 'first', request: onIssue(1) })
    time += 10 * MINUTE
    await runs.submit({ request: onIssue(2, { requester: { login: 'Ada' } }) })
    time += 10 * MINUTE
    const third = runs.submit({ request: onIssue(3) })
    await expect(third).rejects.toMatchObject(refusedFor('requests_per_hour', 40 * 60))
    await expect(third).rejects.toMatchObject({
      userMessage:
        'ada has requested 2 runs within the last hour, which is the limit. Try again in 40 minutes, or ask the operator to raise BACKSPACE_RUNS_PER_HOUR.',
    })
    expect(await runs.submit({ key: 'first', request: onIssue(1) })).toMatchObject({
      created: false,
      run: { id: first.run.id },
    })
    // A token with her name is another requester.
    expect((await runs.submit({ request: aRequest() })).created).toBe(true)
    time += 40 * MINUTE
    expect((await runs.submit({ request: onIssue(3) })).created).toBe(true)
    await expect(runs.submit({ request: onIssue(4) })).rejects.toMatchObject(
      refusedFor('requests_per_hour', 10 * 60),
    )
  })

  test('no more runs wait than the limit, however many are asked for at once', async () => {
    const limits = { queued: 3 }
    const runs = await startRuns(db(), { limits })
    const again = await openAgain()
    const elsewhere = again === undefined ? runs : await startRuns(again, { keep: true, limits })
    const all = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) =>
        (n % 2 === 0 ? runs : elsewhere).submit({ key: `at-once-${n}`, request: aRequest() }),
      ),
    )
    const refused = all.filter((one) => one.status === 'rejected').map((one) => one.reason)
    expect(refused).toHaveLength(5)
    expect(refused[0]).toMatchObject({
      ...refusedFor('queued', 300),
      userMessage: expect.stringMatching(
        /^3 runs are already waiting, .* in 5 minutes, .* BACKSPACE_MAX_QUEUED\.$/,
      ),
    })
    expect((await runs.store.list({ limit: 20, filter: { status: 'queued' } })).runs).toHaveLength(3)
  })

  test.each([
    ['repository_usd', { dailyUsdPerRepository: 8 }, 'api', / for acme\/api /],
    ['installation_usd', { dailyUsdPerInstallation: 8 }, 'other', /repositories of acme/],
  ] as const)('the dollars of a day are shared out, and then refused: %s', async (limit, limits, name, says) => {
    let time = NOON
    // By run: two that are admitted at once start in either order.
    const budgets = new Map<string, number | null>()
    const both = Promise.withResolvers<void>()
    const end = Promise.withResolvers<void>()
    const runs: TestRuns = await startRuns(db(), {
      now: () => new Date(time),
      limits,
      async execute({ run, attempt }) {
        budgets.set(run.id, run.budgetUsd)
        if (budgets.size === 2) both.resolve()
        await end.promise
        const spent = { ...SUCCEEDED, totals: { ...SUCCEEDED.totals, costUsd: run.budgetUsd } }
        await runs.log.append(run.id, attempt, spent)
      },
    })
    const first = await runs.submit(of('Acme', 'api'))
    const second = await runs.submit(of('acme', name))
    await both.promise
    expect([budgets.get(first.run.id), budgets.get(second.run.id)]).toEqual([5, 3])
    await expect(runs.submit(of('acme', name))).rejects.toMatchObject({
      ...refusedFor(limit, 300),
      userMessage: expect.stringMatching(/reserved/),
    })
    end.resolve()
    await runs.ended(first.run.id)
    await runs.ended(second.run.id)
    const refused = runs.submit(of('acme', 'api'))
    await expect(refused).rejects.toMatchObject(refusedFor(limit, 12 * 60 * 60))
    await expect(refused).rejects.toMatchObject({ userMessage: expect.stringMatching(says) })
    expect((await runs.submit(of('elsewhere', 'api'))).created).toBe(true)
    time += 12 * 60 * MINUTE
    expect((await runs.submit(of('acme', 'api'))).created).toBe(true)
  })

  test('a run may spend what it asked for, and never more than the limit of a run', async () => {
    const budgets: (number | null)[] = []
    const runs: TestRuns = await startRuns(db(), {
      concurrency: 1,
      async execute(input) {
        budgets.push(input.run.budgetUsd)
        await succeed(runs, input)
      },
    })
    for (const budgetUsd of [0.1, 99, undefined]) {
      const { run } = await runs.submit(of('acme', 'api', budgetUsd))
      await runs.ended(run.id)
    }
    expect(budgets).toEqual([0.1, 5, 5])
  })
})
