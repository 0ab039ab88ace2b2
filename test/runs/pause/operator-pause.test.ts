import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createPauseStore } from '../../../src/runs/pause/operator-pause.ts'
import type { Execute } from '../../../src/runs/queue/run-worker.ts'
import type { RunEvent } from '../../../src/runs/run-event.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'
import { hang, startRuns, succeed, type TestRuns } from '../start-runs.ts'

const REASON = 'A key of ours leaked'

/** What the log of a run says about pauses, and when it started. */
function told(events: readonly RunEvent[]): readonly unknown[] {
  return events.flatMap((event) => {
    if (event.type === 'run.paused') return [event.reason]
    return event.type === 'run.started' ? [`attempt ${event.attempt}`] : []
  })
}

onEachDatabase(({ db }) => {
  test('during a pause no run starts: runs wait, say why, and start in their order when it is over (S41)', async () => {
    const pauses = createPauseStore(db())
    const order: string[] = []
    const runs: TestRuns = await startRuns(db(), {
      // Two that start at once are executed in any order.
      concurrency: 1,
      async execute(input) {
        order.push(input.run.id)
        await succeed(runs, input)
      },
    })
    await pauses.begin({ reason: `${REASON}.`, stopRunning: false })
    const ids = [(await runs.submit()).run.id, (await runs.submit()).run.id]
    const first = await runs.log.read(ids[0] ?? '', 0)
    expect(first.map(({ type }) => type)).toEqual(['run.queued', 'run.paused'])
    expect(await runs.queue.waiting(ids[0] ?? '')).toEqual({
      position: 1,
      waitingFor: 'operator',
      message: `Paused by the operator: ${REASON}. This run starts when the pause is over.`,
    })
    await pauses.begin({ reason: 'Still looking', stopRunning: false })
    await expect
      .poll(async () => told(await runs.log.read(ids[1] ?? '', 0)))
      .toEqual([REASON, 'Still looking'])
    expect(await db().sql.selectFrom('runs').select('attempt').execute()).toEqual([
      { attempt: 0 },
      { attempt: 0 },
    ])

    expect(await pauses.end()).toMatchObject({ reason: 'Still looking' })
    const ended = await Promise.all(ids.map((id) => runs.ended(id)))
    expect(order).toEqual(ids)
    expect(told(ended[1] ?? []).filter((word) => word !== null)).toEqual([
      REASON,
      'Still looking',
      'attempt 1',
    ])
    expect(await pauses.end()).toBeUndefined()
    expect(runs.errors).toEqual([])
  })

  test('a run whose entry a worker has already is not claimed, and says so if a worker gave it back (S41)', async () => {
    const pauses = createPauseStore(db())
    const runs: TestRuns = await startRuns(db())
    const claimed = await runs.claim()
    await runs.store.release(claimed.id, claimed.attempt)
    await pauses.begin({ reason: REASON, stopRunning: false })
    const heir = await startRuns(db(), { keep: true, execute: (input) => succeed(runs, input) })
    await expect.poll(async () => told(await runs.log.read(claimed.id, 0))).toEqual([REASON])
    await pauses.end()
    expect(told(await runs.ended(claimed.id)).filter((word) => word !== null)).toEqual([REASON, 'attempt 2'])
    expect(heir.errors).toEqual([])
  })

  test('a pause that stops runs ends those that work, also where the worker is gone, and keeps those that wait (S41)', async () => {
    const pauses = createPauseStore(db())
    const begun = Promise.withResolvers<void>()
    const execute: Execute = async ({ signal }) => {
      begun.resolve()
      await hang(signal)
    }
    const runs = await startRuns(db(), { concurrency: 1, execute })
    const working = (await runs.submit()).run.id
    await begun.promise
    const lost = await runs.claim()
    const waits = (await runs.submit()).run.id
    await pauses.begin({ reason: REASON, stopRunning: true })
    for (const id of [working, lost.id]) {
      expect((await runs.ended(id)).at(-1)).toMatchObject({
        type: 'run.cancelled',
        message: `Stopped by the operator: ${REASON}.`,
      })
    }
    expect(await runs.store.get(waits)).toMatchObject({ status: 'queued' })
    await pauses.end()
  })

  test('the switch is in the audit log, and its reason is a line that people may read', async () => {
    const pauses = createPauseStore(db())
    for (const reason of ['', ' . ', 'two\nlines', 'x'.repeat(201)]) {
      await expect(pauses.begin({ reason, stopRunning: false })).rejects.toMatchObject({
        code: 'bad_request',
      })
    }
    await pauses.begin({ reason: REASON, stopRunning: true })
    await pauses.end()
    const { rows } = await sql`
      select kind, actor, facts from audit_waiting where kind like 'service.%' order by id desc limit 2`.execute(
      db().sql,
    )
    expect(rows).toEqual([
      { kind: 'service.resumed', actor: 'operator', facts: { reason: REASON } },
      { kind: 'service.paused', actor: 'operator', facts: { reason: REASON, stopRunning: true } },
    ])
  })
})
