import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'
import { aRequest, hang, onIssue, startRuns, succeed, type TestRuns } from '../start-runs.ts'

function of(owner: string, name = 'api') {
  return { request: aRequest({ repository: { owner, name } }) }
}

/** The most runs at once, of everything and of one account and one repository, as the database has it now. */
async function mostAtOnce(db: Database) {
  const { rows } = await sql<{ runs: number; account: number; repository: number }>`
    with live as (
      select account, repository from runs
      where status = 'running' or (status = 'queued' and admitted_at is not null)
    )
    select (select count(*)::int from live) as runs,
      (select coalesce(max(n), 0)::int from (select count(*) as n from live group by account) a) as account,
      (select coalesce(max(n), 0)::int from (select count(*) as n from live group by repository) r) as repository`.execute(
    db.sql,
  )
  return rows[0] ?? { runs: -1, account: -1, repository: -1 }
}

onEachDatabase(({ db, openAgain }) => {
  test('several processes together use every place and never exceed a limit', async () => {
    const limits = { runs: 5, runsPerInstallation: 2, runsPerRepository: 1 }
    const submitter = await startRuns(db(), { limits })
    const submitted = []
    for (let n = 0; n < 24; n++) {
      submitted.push(await submitter.submit(of(n < 16 ? 'noisy' : `quiet-${n % 2}`, `r${n % 3}`)))
    }
    const samples: Awaited<ReturnType<typeof mostAtOnce>>[] = []
    const full = Promise.withResolvers<void>()
    const processes = [db(), await openAgain(), await openAgain()].filter((one) => one !== undefined)
    for (const process of processes) {
      const runs: TestRuns = await startRuns(process, {
        keep: true,
        limits,
        concurrency: 5,
        async execute(input) {
          const sample = await mostAtOnce(db())
          samples.push(sample)
          if (sample.runs === limits.runs) full.resolve()
          await full.promise
          await succeed(runs, input)
        },
      })
    }
    for (const { run } of submitted) await submitter.ended(run.id)
    const most = (key: keyof (typeof samples)[0]) => Math.max(...samples.map((sample) => sample[key]))
    expect(samples).toHaveLength(24)
    expect([most('runs'), most('account'), most('repository')]).toEqual([5, 2, 1])
    expect(submitter.errors).toEqual([])
  })

  test('an account that queued forty runs does not keep others waiting', async () => {
    const order: string[] = []
    const submitter = await startRuns(db())
    for (let n = 0; n < 40; n++) await submitter.submit(of('noisy'))
    const submitted = []
    for (const owner of ['ann', 'bob', 'cy']) {
      for (let n = 0; n < 3; n++) submitted.push(await submitter.submit(of(owner)))
    }
    const worker: TestRuns = await startRuns(db(), {
      keep: true,
      concurrency: 4,
      async execute(input) {
        order.push(input.run.request.repository.owner)
        await succeed(worker, input)
      },
    })
    for (const { run } of submitted) await worker.ended(run.id)
    const served = order.slice(0, 16).filter((owner) => owner !== 'noisy')
    expect(served.toSorted()).toEqual(['ann', 'ann', 'ann', 'bob', 'bob', 'bob', 'cy', 'cy', 'cy'])
  })

  test('the place in line is the one that the gate serves', async () => {
    const limits = { runs: 1 }
    const submitter = await startRuns(db(), { limits })
    const submitted: Awaited<ReturnType<TestRuns['submit']>>[] = []
    for (const owner of ['noisy', 'noisy', 'noisy', 'ann', 'bob', 'ann']) {
      submitted.push(await submitter.submit(of(owner)))
    }
    const places = await Promise.all(
      submitted.map(async ({ run }) => (await submitter.queue.waiting(run.id))?.position),
    )
    expect(places).toEqual([1, 4, 6, 2, 3, 5])

    const order: string[] = []
    const worker: TestRuns = await startRuns(db(), {
      keep: true,
      limits,
      async execute(input) {
        order.push(input.run.id)
        await succeed(worker, input)
      },
    })
    for (const { run } of submitted) await worker.ended(run.id)
    const expected = [0, 3, 4, 1, 5, 2].map((index) => submitted[index]?.run.id)
    expect(order).toEqual(expected)
  })

  test('a follow-up waits for the earlier run of its thread, and others pass it', async () => {
    const runs: TestRuns = await startRuns(db(), {
      concurrency: 3,
      async execute(input) {
        if (input.run.request.prompt === 'stays') await hang(input.signal)
        await succeed(runs, input)
      },
    })
    const first = await runs.submit({ request: onIssue(7, { prompt: 'stays' }) })
    const followUp = await runs.submit({ request: onIssue(7, { prompt: 'waits' }) })
    const other = await runs.submit({ request: onIssue(8) })
    await runs.ended(other.run.id)
    expect(await runs.queue.waiting(followUp.run.id)).toMatchObject({ position: 1, waitingFor: 'thread' })
    expect(await runs.queue.cancel(first.run.id, 'Stopped by ada')).toBe('cancelled')
    expect((await runs.ended(followUp.run.id)).at(-1)?.type).toBe('run.succeeded')
  })

  test.each([
    ['repository', { runsPerRepository: 1 }],
    ['installation', { runsPerInstallation: 1 }],
    ['deployment', { runs: 1 }],
    ['repository_usd', { dailyUsdPerRepository: 5.1 }],
    ['installation_usd', { dailyUsdPerInstallation: 5.1 }],
  ] as const)('a run that waits for %s says so', async (waitingFor, limits) => {
    const runs: TestRuns = await startRuns(db(), { limits, execute: ({ signal }) => hang(signal) })
    const first = await runs.submit()
    const second = await runs.submit()
    while ((await runs.store.get(first.run.id))?.status !== 'running');
    expect(await runs.queue.waiting(first.run.id)).toBeUndefined()
    expect(await runs.queue.waiting(second.run.id)).toMatchObject({ position: 1, waitingFor })
    await runs.queue.cancel(first.run.id, 'Stopped by ada')
    await runs.ended(first.run.id)
    while ((await runs.store.get(second.run.id))?.status !== 'running');
  })

  test('nothing is admitted while no worker lives, and a dead one does not count', async () => {
    const runs = await startRuns(db())
    await sql`
      insert into workers (id, concurrency, started_at, seen_at)
      values ('dead', 4, now(), now() - interval '1 minute')`.execute(db().sql)
    const { run } = await runs.submit()
    expect(await runs.queue.waiting(run.id)).toMatchObject({ position: 1, waitingFor: 'any_worker' })
  })
})
