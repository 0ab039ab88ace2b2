import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { listRepositories } from '../../../src/runs/stats/known-repositories.ts'
import { createStatistics } from '../../../src/runs/stats/statistics.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'
import { NO_TOTALS, onIssue, SUCCEEDED, startRuns } from '../start-runs.ts'
import { type PastRun, storePastRun } from './past-runs.ts'

const NOW = new Date('2026-11-29T12:00:00Z')
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 60 * 60_000)

/** Eight runs of acme/api with pull requests, and what else there is. */
const PAST: readonly PastRun[] = [
  ...[5, 10, 15, 20, 25, 30, 35, 40].map((minutes, index) => ({
    pullRequest: index + 1,
    createdAt: hoursAgo(30 + index),
    minutes,
    totals: { costUsd: 0.5, knownCostUsd: 0.5, setupCache: 'hit' as const },
  })),
  {
    status: 'failed',
    createdAt: hoursAgo(2),
    totals: { costUsd: null, knownCostUsd: 0.25, setupCache: 'miss' },
  },
  { status: 'cancelled', createdAt: hoursAgo(3) },
  { createdAt: hoursAgo(24 * 40) },
  {
    createdAt: hoursAgo(4),
    request: { repository: { owner: 'Else', name: 'Where', id: 9 } },
    totals: {
      costUsd: 3,
      providers: [{ provider: 'openai', turns: 4, costUsd: 3 }],
      troubles: [
        { provider: 'anthropic', retries: 2, fallbacks: 1 },
        { provider: 'openai', retries: 1, fallbacks: 0 },
      ],
    },
  },
]

onEachDatabase(({ db }) => {
  test('figures count what ended in the window, per day and per repository, and nothing of other repositories', async () => {
    await startRuns(db())
    for (const [index, past] of PAST.entries()) await storePastRun(db(), `past-${index}`, past)
    await sql`
      update pull_request_outcomes set looked_at = now(), state = 'merged', ended_at = opened_at, reworked = number > 2
      where number < 5`.execute(db().sql)
    await sql`
      update pull_request_outcomes set reverted_at = ended_at + interval '13 days' where number = 1`.execute(
      db().sql,
    )
    await sql`
      update pull_request_outcomes set reverted_at = ended_at + interval '15 days' where number = 2`.execute(
      db().sql,
    )
    await sql`update pull_request_outcomes set state = 'closed' where number = 5`.execute(db().sql)

    const read = createStatistics(db(), () => NOW)
    const known = await listRepositories(db())
    const refs = known.filter(({ owner }) => owner === 'acme').map(({ ref }) => ref)
    const own = await read({ refs, days: 30 })
    expect(own).toMatchObject({
      runs: { ended: 10, succeeded: 8, failed: 1, cancelled: 1, successRate: 8 / 9 },
      timeToPullRequest: { runs: 8, medianMs: 22.5 * 60_000, p90Ms: 36.5 * 60_000 },
      dollars: { total: 4.25, runsOfUnknownCost: 1, perMergedPullRequest: 4.25 / 3 },
      pullRequests: {
        opened: 8,
        open: 0,
        mergedUntouched: 1,
        mergedAfterRework: 2,
        reverted: 1,
        closed: 1,
        unknown: 3,
      },
      setupCache: { hits: 8, begun: 0, misses: 1 },
      providers: [],
      live: { slots: null },
      repositories: [{ repository: 'acme/api', succeeded: 8, failed: 1, cancelled: 1, pullRequests: 8 }],
    })
    expect(own.perDay).toHaveLength(30)
    expect(own.perDay.at(-1)).toMatchObject({ day: '2026-11-29', failed: 1, cancelled: 1, usd: 0.25 })
    expect(own.perDay[0]).toMatchObject({ day: '2026-10-31', succeeded: 0, usd: 0 })

    const all = await read({ days: 30 })
    expect(all.runs.ended).toBe(11)
    expect(all.repositories.map(({ repository }) => repository)).toEqual(['acme/api', 'Else/Where'])
    expect(all.providers).toEqual([
      { provider: 'openai', runs: 1, turns: 4, retries: 1, fallbacks: 0, usd: 3 },
      { provider: 'anthropic', runs: 1, turns: 0, retries: 2, fallbacks: 1, usd: 0 },
    ])
    expect((await read({ days: 90 })).runs.ended).toBe(12)
    expect(await read({ refs: [], days: 7 })).toMatchObject({
      runs: { ended: 0, successRate: null },
      timeToPullRequest: { runs: 0, medianMs: null },
      dollars: { total: 0, perMergedPullRequest: null },
    })
  })

  test('the end of a run enters it and its pull request into the figures at once; a run on a pull request opens none', async () => {
    const runs = await startRuns(db())
    await runs.submit({ request: onIssue(1) })
    const opening = await runs.claim({ request: onIssue(2) })
    const pushing = await runs.claim({ request: onPullRequest(7) })
    const read = () => createStatistics(db())({ days: 1 })
    expect((await read()).live).toMatchObject({ running: 2, queued: 1, longestWaitMs: expect.any(Number) })
    await runs.store.setProgress(opening.id, 1, { sandboxId: 'box', rooms: ['a', 'b'], commitSha: 'abc' })
    expect((await read()).live).toMatchObject({ sandboxes: 1, cleanSandboxes: 2 })

    const end = {
      ...SUCCEEDED,
      outcome: 'pull_request',
      totals: { ...NO_TOTALS, models: ['a:\u0000\ud800'] },
    } as const
    const url = (number: number) => `https://github.com/acme/api/pull/${number}`
    await runs.log.append(opening.id, 1, { ...end, pullRequestUrl: url(8) })
    await runs.log.append(pushing.id, 1, { ...end, pullRequestUrl: url(7) })
    expect(await read()).toMatchObject({
      live: { running: 0, sandboxes: 0 },
      runs: { succeeded: 2 },
      pullRequests: { opened: 1, open: 1 },
    })
    const { rows } = await sql`select number, run_id, opened_sha, state from pull_request_outcomes`.execute(
      db().sql,
    )
    expect(rows).toEqual([{ number: 8, run_id: opening.id, opened_sha: 'abc', state: 'open' }])
  })
})

function onPullRequest(number: number) {
  const { thread, ...request } = onIssue(number)
  return thread ? { ...request, thread: { ...thread, kind: 'pull_request' as const } } : request
}
