import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { BackspaceError } from '../../../src/errors.ts'
import { RunReleased } from '../../../src/runs/queue/run-released.ts'
import type { Execute } from '../../../src/runs/queue/run-worker.ts'
import type { RunEvent } from '../../../src/runs/run-event.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'
import { aRequest, FAILED, hang, notice, onIssue, startRuns, succeed, type TestRuns } from '../start-runs.ts'

function types(events: readonly RunEvent[]): string[] {
  return events.map((event) => event.type)
}

onEachDatabase(({ db }) => {
  test('queues of a newer version are refused, with what to do', async () => {
    await startRuns(db())
    const raise = (by: number) => sql`update pgboss.version set version = version + ${by}`.execute(db().sql)
    await raise(1)
    await expect(startRuns(db())).rejects.toMatchObject({
      code: 'config_invalid',
      userMessage: expect.stringMatching(/newer Backspace\. Start that version/),
    })
    await raise(-1)
  })

  test('the queue has no listening connection of its own, whose loss could end the process', async () => {
    await startRuns(db())
    const { rows } = await sql<{ name: string }>`
      select distinct application_name as name from pg_stat_activity
      where datname = current_database() and query ilike 'listen %'`.execute(db().sql)
    expect(rows).toEqual(db().kind === 'postgres' ? [{ name: 'backspace-listen' }] : [])
  })

  test('a submitted run is executed once and ends as execute says', async () => {
    const seen: unknown[] = []
    const runs: TestRuns = await startRuns(db(), {
      async execute(input) {
        seen.push([input.run.status, input.attempt, input.signal.aborted])
        await runs.log.append(input.run.id, input.attempt, notice('working'))
        await succeed(runs, input)
      },
    })
    const { run } = await runs.submit()
    expect(types(await runs.ended(run.id))).toEqual(['run.queued', 'run.started', 'notice', 'run.succeeded'])
    expect(seen).toEqual([['running', 1, false]])
    expect(await runs.store.get(run.id)).toMatchObject({ status: 'succeeded', attempt: 1 })
    expect(runs.errors).toEqual([])
  })

  test('an unknown failure ends the run with its id and without its cause, which is reported', async () => {
    const runs = await startRuns(db(), { execute: () => Promise.reject(new Error('secret detail')) })
    const { run } = await runs.submit()
    const last = (await runs.ended(run.id)).at(-1)
    expect(last).toMatchObject({ type: 'run.failed', code: 'internal' })
    expect(JSON.stringify(last)).toContain(`failed, run ${run.id}`)
    expect(JSON.stringify(last)).not.toContain('secret detail')
    expect(await runs.store.get(run.id)).toMatchObject({ status: 'failed', ending: { code: 'internal' } })
    expect(runs.errors.map(String)).toEqual(['Error: secret detail'])
  })

  test('a known failure is shown as it is', async () => {
    const error = new BackspaceError('repository_empty', 'The repository has no commit. Push one first.')
    const runs = await startRuns(db(), { execute: () => Promise.reject(error) })
    const { run } = await runs.submit()
    const last = (await runs.ended(run.id)).at(-1)
    expect(last).toMatchObject({ code: 'repository_empty', message: error.userMessage })
    expect(runs.errors).toEqual([])
  })

  test('an execute that returns without an end is a failure, and what the run cost is counted', async () => {
    const runs: TestRuns = await startRuns(db(), {
      async execute({ run, attempt }) {
        const usage = { input: 10, cacheRead: 5, cacheWrite: 1, output: 7 }
        const turn = { type: 'model.turn', turn: 1, provider: 'anthropic', model: 'm', usage } as const
        const times = { durationMs: 30, firstTokenMs: 3, attempts: 1, stop: 'end', harnessMs: 2 }
        await runs.log.append(run.id, attempt, { ...turn, ...times, costUsd: 0.25 })
      },
    })
    const { run } = await runs.submit()
    expect((await runs.ended(run.id)).at(-1)).toMatchObject({
      type: 'run.failed',
      code: 'internal',
      totals: { turns: 1, inputTokens: 10, outputTokens: 7, costUsd: 0.25, models: ['anthropic:m'] },
    })
    expect(await runs.store.get(run.id)).toMatchObject({ ending: { totals: { costUsd: 0.25 } } })
  })

  test('a run whose terminal event was written but not its end is finished from the event', async () => {
    const runs: TestRuns = await startRuns(db(), {
      async execute({ run, attempt }) {
        await runs.log.append(run.id, attempt, FAILED)
        throw new Error('the database went away')
      },
    })
    const { run } = await runs.submit()
    expect(types(await runs.ended(run.id)).slice(2)).toEqual(['run.failed'])
    expect(await runs.store.get(run.id)).toMatchObject({ status: 'failed', ending: { code: 'clone_failed' } })
  })

  test('runs of one thread go one at a time in order, and others pass them', async () => {
    const running = new Set<string>()
    const order: string[] = []
    let overlap = false
    const other = Promise.withResolvers<void>()
    const runs: TestRuns = await startRuns(db(), {
      concurrency: 3,
      async execute(input) {
        const { prompt, thread } = input.run.request
        if (thread !== undefined) {
          overlap ||= running.size > 0
          running.add(prompt)
          order.push(prompt)
          await other.promise
          running.delete(prompt)
        } else other.resolve()
        await succeed(runs, input)
      },
    })
    const submitted = []
    for (const prompt of ['first', 'second', 'third']) {
      submitted.push(await runs.submit({ request: onIssue(7, { prompt }) }))
    }
    submitted.push(await runs.submit({ request: aRequest({ prompt: 'elsewhere' }) }))
    for (const { run } of submitted) await runs.ended(run.id)
    expect(order).toEqual(['first', 'second', 'third'])
    expect(overlap).toBe(false)
  })

  test('no more runs than the cap work at once, and the others keep their place', async () => {
    let working = 0
    let most = 0
    const full = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    const runs: TestRuns = await startRuns(db(), {
      concurrency: 2,
      async execute(input) {
        most = Math.max(most, ++working)
        if (working === 2) full.resolve()
        await go.promise
        working--
        await succeed(runs, input)
      },
    })
    const submitted = []
    for (let n = 0; n < 5; n++) submitted.push((await runs.submit()).run.id)
    await full.promise
    const positions = await Promise.all(submitted.map((id) => runs.queue.waiting(id)))
    expect(positions.map((waiting) => waiting?.position)).toEqual([undefined, undefined, 1, 2, 3])
    go.resolve()
    for (const id of submitted) await runs.ended(id)
    expect(most).toBe(2)
  })

  test('a run that has killed three workers is given up with that reason', async () => {
    const runs = await startRuns(db())
    const { id } = await runs.claim()
    await runs.store.markRunning(id)
    await runs.store.markRunning(id)
    const executed: string[] = []
    const execute: Execute = async ({ run }) => void executed.push(run.id)
    await runs.queue.start({ execute, deliver: () => Promise.resolve() })
    expect((await runs.ended(id)).at(-1)).toMatchObject({ type: 'run.failed', code: 'worker_lost' })
    expect(await runs.store.get(id)).toMatchObject({ status: 'failed', attempt: 4 })
    expect(executed).toEqual([])
  })

  test('draining lets a run finish within the grace period', async () => {
    const started = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    const runs: TestRuns = await startRuns(db(), {
      async execute(input) {
        started.resolve()
        await go.promise
        await succeed(runs, input)
      },
    })
    const { run } = await runs.submit()
    await started.promise
    const drained = runs.queue.drain(30_000)
    const late = await runs.submit()
    go.resolve()
    await drained
    expect(await runs.store.get(run.id)).toMatchObject({ status: 'succeeded', attempt: 1 })
    expect(await runs.store.get(late.run.id)).toMatchObject({ status: 'queued', attempt: 0 })
  })

  test('draining ends although a run does not heed its signal, and the run goes on elsewhere', async () => {
    const started = Promise.withResolvers<void>()
    const first = await startRuns(db(), {
      async execute() {
        started.resolve()
        await new Promise(() => {})
      },
    })
    const { run } = await first.submit()
    await started.promise
    await first.queue.drain(0)
    const second: TestRuns = await startRuns(db(), { keep: true, execute: (input) => succeed(second, input) })
    await second.ended(run.id)
    expect(await second.store.get(run.id)).toMatchObject({ status: 'succeeded', attempt: 2 })
  })

  test('draining gives back what does not finish, and the next process continues it', async () => {
    const started = Promise.withResolvers<void>()
    const reasons: unknown[] = []
    const first: TestRuns = await startRuns(db(), {
      async execute({ run, attempt, signal }) {
        await first.store.setProgress(run.id, attempt, { branch: 'backspace/1' })
        started.resolve()
        await hang(signal).catch((reason: unknown) => reasons.push(reason))
        // A pipeline that does not know better and reports its interruption as a failure.
        await first.log.append(run.id, attempt, FAILED)
      },
    })
    const { run } = await first.submit()
    await started.promise
    await first.queue.drain(0)
    expect(reasons).toEqual([expect.any(RunReleased)])

    const second: TestRuns = await startRuns(db(), {
      keep: true,
      execute: async (input) => {
        expect(input.run.progress).toEqual({ branch: 'backspace/1' })
        await succeed(second, input)
      },
    })
    expect(types(await second.ended(run.id))).toEqual([
      'run.queued',
      'run.started',
      'run.started',
      'run.succeeded',
    ])
    expect(await second.store.get(run.id)).toMatchObject({ status: 'succeeded', attempt: 2 })
  })
})
