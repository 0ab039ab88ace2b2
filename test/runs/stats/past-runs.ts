import { sql } from 'kysely'
import type { Database } from '../../../src/db/database.ts'
import type { RunRequest } from '../../../src/runs/run.ts'
import type { RunTotals } from '../../../src/runs/run-event.ts'
import { insertFacts } from '../../../src/runs/stats/run-facts.ts'
import { RUN_COLUMNS, toRun } from '../../../src/runs/store/run-rows.ts'
import { aRequest, NO_TOTALS, SUCCEEDED } from '../start-runs.ts'

export interface PastRun {
  readonly request?: Partial<RunRequest> | undefined
  readonly status?: 'succeeded' | 'failed' | 'cancelled' | undefined
  /** Number of a pull request that it opened. */
  readonly pullRequest?: number | undefined
  readonly createdAt: Date
  readonly minutes?: number | undefined
  readonly totals?: Partial<RunTotals> | undefined
}

/** Stores a run that ended in the past, as the service would have. */
export async function storePastRun(db: Database, id: string, past: PastRun): Promise<void> {
  const { status = 'succeeded', pullRequest, createdAt, minutes = 6 } = past
  const request = aRequest({ repository: { owner: 'acme', name: 'api', id: 7 }, ...past.request })
  const finishedAt = new Date(createdAt.getTime() + minutes * 60_000)
  const totals = { ...NO_TOTALS, durationMs: minutes * 60_000, ...past.totals }
  const { owner, name } = request.repository
  const url = pullRequest === undefined ? null : `https://github.com/${owner}/${name}/pull/${pullRequest}`
  const result =
    status === 'succeeded'
      ? { ...SUCCEEDED, outcome: url === null ? 'answer' : 'pull_request', pullRequestUrl: url, totals }
      : { type: `run.${status}`, code: 'agent_failed', message: 'It did not work', totals }
  await db.sql.transaction().execute(async (tx) => {
    const row = await tx
      .insertInto('runs')
      .values({
        id,
        key: null,
        fingerprint: null,
        key_expires_at: null,
        status,
        repository: `${owner}/${name}`.toLowerCase(),
        requester: request.requester.login,
        thread_key: null,
        request: JSON.stringify(request),
        attempt: 1,
        result: JSON.stringify(result),
        progress: JSON.stringify(url === null ? {} : { commitSha: 'a'.repeat(40) }),
        created_at: createdAt,
        started_at: createdAt,
        finished_at: finishedAt,
        cost_usd: totals.costUsd,
        cancel_reason: null,
      })
      .returning([...RUN_COLUMNS, 'ordinal', 'requester'])
      .executeTakeFirstOrThrow()
    await insertFacts(tx, { run: toRun(row), ordinal: row.ordinal, requester: row.requester })
  })
}

/** A month of runs of two repositories, for the look of pages. */
export async function storeMonth(db: Database, now: Date): Promise<void> {
  let number = 0
  for (let day = 29; day >= 0; day--) {
    const count = [2, 4, 5, 3, 6, 0, 1][day % 7] ?? 0
    for (let n = 0; n < count; n++) {
      number++
      const opens = number % 5 !== 0
      await storePastRun(db, `past-${number}`, {
        request: {
          repository: { owner: 'acme', name: n % 3 === 0 ? 'web' : 'api', id: n % 3 === 0 ? 8 : 7 },
        },
        status: number % 9 === 0 ? 'failed' : number % 31 === 0 ? 'cancelled' : 'succeeded',
        pullRequest: opens ? number : undefined,
        createdAt: new Date(now.getTime() - day * 24 * 60 * 60_000 - (n + 1) * 11 * 60_000),
        minutes: 4 + ((number * 7) % 13),
        totals: {
          costUsd: 0.2 + ((number * 13) % 17) / 10,
          models: ['anthropic:claude-opus-5-5'],
          providers: [{ provider: 'anthropic', turns: 12, costUsd: 0.6 }],
          troubles: number % 4 === 0 ? [{ provider: 'anthropic', retries: 2, fallbacks: 0 }] : undefined,
          setupCache: number % 3 === 0 ? 'miss' : 'hit',
        },
      })
    }
  }
  await sql`
    update pull_request_outcomes set looked_at = now(), ended_at = opened_at + interval '3 hours',
      state = case number % 6 when 0 then 'closed' when 1 then 'open' else 'merged' end,
      reworked = number % 5 = 0,
      reverted_at = case when number = 20 then opened_at + interval '2 days' end`.execute(db.sql)
}
