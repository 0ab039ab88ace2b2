import { expect, test } from 'vitest'
import { createRunLog, type RunLog } from '../../../src/runs/log/run-log.ts'
import type { RunEvent } from '../../../src/runs/run-event.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'
import { notice, SUCCEEDED, startRuns } from '../start-runs.ts'

async function collect(events: AsyncIterable<RunEvent>): Promise<number[]> {
  const seqs: number[] = []
  for await (const event of events) seqs.push(event.seq)
  return seqs
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

async function appendMany(log: RunLog, run: { id: string; attempt: number }, count: number) {
  return Promise.all(range(1, count).map((n) => log.append(run.id, run.attempt, notice(`${n}`))))
}

onEachDatabase(({ db, openAgain }) => {
  test('events are numbered without gaps in the order in which they were appended', async () => {
    const { log, claim } = await startRuns(db())
    const run = await claim()
    const appended = await appendMany(log, run, 450)
    expect(appended.map((event) => event.seq)).toEqual(range(2, 451))

    const read = [...(await log.read(run.id, 0)), ...(await log.read(run.id, 500))]
    expect(read.slice(1)).toEqual(appended)
    expect(read.map((event) => event.type)).toEqual(['run.queued', ...Array(450).fill('notice')])
    expect(await log.read(run.id, 449, 1)).toEqual([appended[448]])
    expect(await log.read('no such run', 0)).toEqual([])
  })

  test('an event comes back as it was, whatever it holds', async () => {
    const { log, claim } = await startRuns(db())
    const run = await claim()
    const body = {
      type: 'tool.finished',
      callId: 'c1',
      tool: 'bash',
      title: 'bash cat x',
      status: 'ok',
      durationMs: 12,
      detail: { kind: 'bash', command: 'cat x', output: '\u0000 \ud800 {"a":"b\\"} 👀\r\n', exitCode: 0 },
    } as const
    const event = await log.append(run.id, run.attempt, body)
    expect(event).toMatchObject(body)
    expect(await log.read(run.id, event.seq - 1)).toEqual([event])
    expect(event.at).toBe(new Date(event.at).toISOString())
  })

  test('what a newer version stored, and this one has no word for, is a notice of the same number', async () => {
    const { log, claim } = await startRuns(db())
    const run = await claim()
    const bodies = [
      { type: 'agent.later', text: 'x' },
      { type: 'step.started', step: 'later', message: 'x' },
    ]
    for (const body of bodies) await log.append(run.id, run.attempt, body as never)
    expect(await log.read(run.id, 1)).toEqual(
      bodies.map(({ type }, index) => ({
        type: 'notice',
        level: 'info',
        message: `A newer version of Backspace noted something that this one cannot show (${type})`,
        runId: run.id,
        seq: index + 2,
        at: expect.any(String),
      })),
    )
  })

  test('nothing follows a terminal event, not even what was appended in the same breath', async () => {
    const { log, claim } = await startRuns(db())
    const run = await claim()
    const last = log.append(run.id, run.attempt, SUCCEEDED)
    const late = log.append(run.id, run.attempt, notice('too late'))
    const second = log.append(run.id, run.attempt, SUCCEEDED)
    const refused = { name: 'WriteRefused', reason: 'run_ended', runId: run.id }
    await expect(late).rejects.toMatchObject(refused)
    await expect(second).rejects.toMatchObject(refused)
    expect((await last).seq).toBe(2)
    expect(await log.read(run.id, 1)).toEqual([await last])
  })

  test('a stale attempt, and a run that does not exist, get no event', async () => {
    const { log, store, claim } = await startRuns(db())
    const run = await claim()
    await store.markRunning(run.id)
    await expect(log.append(run.id, run.attempt, notice('zombie'))).rejects.toMatchObject({
      reason: 'stale_attempt',
    })
    await expect(log.append('none', 1, notice('nowhere'))).rejects.toMatchObject({ reason: 'not_found' })
    expect((await log.append(run.id, 2, notice('heir'))).seq).toBe(2)
  })

  test('two processes that append to one run never share or skip a number', async () => {
    const { log, claim } = await startRuns(db())
    const run = await claim()
    const other = createRunLog({ db: (await openAgain()) ?? db() })
    await Promise.all([appendMany(log, run, 60), appendMany(other, run, 60)])
    expect((await log.read(run.id, 0)).map((event) => event.seq)).toEqual(range(1, 121))
  })

  test('who follows from the middle misses nothing and sees nothing twice', async () => {
    const { log, claim } = await startRuns(db())
    const run = await claim()
    await appendMany(log, run, 20)
    const followers = [0, 5, 5, 20, 21].map((afterSeq) => collect(log.follow(run.id, { afterSeq })))
    for (const n of range(1, 30)) await log.append(run.id, run.attempt, notice(`live ${n}`))
    await log.append(run.id, run.attempt, SUCCEEDED)
    expect(await Promise.all(followers)).toEqual([0, 5, 5, 20, 21].map((after) => range(after + 1, 52)))
  })

  test('a follower in another process is woken', async () => {
    const { log, claim } = await startRuns(db())
    const run = await claim()
    const other = createRunLog({ db: (await openAgain()) ?? db() })
    const following = collect(other.follow(run.id, { afterSeq: 0 }))
    await appendMany(log, run, 5)
    await log.append(run.id, run.attempt, SUCCEEDED)
    expect(await following).toEqual(range(1, 7))
    await other.close()
  })

  test('following a run that has ended gives the rest and ends, also when there is no rest', async () => {
    const { log, claim } = await startRuns(db())
    const run = await claim()
    await log.append(run.id, run.attempt, SUCCEEDED)
    expect(await collect(log.follow(run.id, { afterSeq: 1 }))).toEqual([2])
    expect(await collect(log.follow(run.id, { afterSeq: 2 }))).toEqual([])
    expect(await collect(log.follow(run.id, { afterSeq: 99 }))).toEqual([])
  })

  test('a follower that leaves, and a log that closes, end the following', async () => {
    const { log, claim } = await startRuns(db())
    const run = await claim()
    const leaving = new AbortController()
    const gone = collect(log.follow(run.id, { afterSeq: 1, signal: leaving.signal }))
    const closed = collect(log.follow(run.id, { afterSeq: 1 }))
    leaving.abort()
    expect(await gone).toEqual([])
    await log.close()
    expect(await closed).toEqual([])
    expect(await collect(log.follow(run.id, { afterSeq: 0 }))).toEqual([])
  })

  test('listeners get each stored event in order until they leave, and one that throws harms no other', async () => {
    const { log, claim, errors } = await startRuns(db())
    const run = await claim()
    const heard: string[] = []
    const broken = log.onAppend(() => {
      throw new Error('broken listener')
    })
    const leave = log.onAppend((event) => heard.push(event.type === 'notice' ? event.message : event.type))
    await appendMany(log, run, 3)
    broken()
    leave()
    await appendMany(log, run, 1)
    expect(heard).toEqual(['1', '2', '3'])
    expect(errors.map(String)).toEqual(Array(3).fill('Error: broken listener'))
  })
})
