import { expect, test } from 'vitest'
import { createFollowUpStore } from '../../../src/runs/follow-ups/follow-up-store.ts'
import { submitLeftOver } from '../../../src/runs/follow-ups/submit-left-over.ts'
import { threadKey } from '../../../src/runs/store/run-rows.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'
import { FAILED, NO_TOTALS, onIssue, startRuns } from '../start-runs.ts'

const CANCELLED = { type: 'run.cancelled', message: 'Stopped.', totals: NO_TOTALS } as const
const TRANSCRIPT = { system: 'You are', entries: [{ role: 'user' }] }

onEachDatabase(({ db }) => {
  /** A run of an issue that works, and what adds to it. */
  async function working(tainted = false) {
    const runs = await startRuns(db())
    const followUps = createFollowUpStore(db())
    const request = onIssue(3, { tainted, options: { base: 'next' } })
    const run = await runs.claim({ request })
    const target = { threadKey: threadKey(request.repository, 3) }
    const add = (key: string) =>
      runs.submit({
        key,
        request: onIssue(3, { prompt: key }),
        addTo: { target, author: 'root', text: key },
      })
    const keys = async () => (await followUps.waiting(run.id)).map(({ key }) => key)
    const end = (body: Parameters<typeof runs.log.append>[2]) => runs.log.append(run.id, run.attempt, body)
    const settle = () => submitLeftOver({ followUps, submit: runs.submit }, run.id)
    const count = async () => (await runs.store.list({ limit: 50 })).runs.length
    return { ...runs, run, add, keys, end, settle, count }
  }

  /** A run that proves, in a thread where nothing else works. */
  async function proving() {
    const { claim, submit } = await startRuns(db())
    const run = await claim({ request: onIssue(4, { options: { prove: true } }) })
    const target = { threadKey: threadKey(run.request.repository, 4) }
    const submitted = (key: string) =>
      submit({
        key,
        request: onIssue(5, { prompt: key }),
        addTo: { target, author: 'root', text: key },
      })
    return { claim: run, submit, submitted }
  }

  test('a follow-up waits until a transcript holds it, and not longer', async () => {
    const { run, add, keys, store } = await working()
    for (const key of ['one', 'two', 'one']) {
      expect(await add(key)).toMatchObject({ run: { id: run.id }, created: false, added: true })
    }
    expect(await keys()).toEqual(['one', 'two'])
    await store.saveTranscript(run.id, run.attempt, TRANSCRIPT, { taken: ['one'] })
    expect(await keys()).toEqual(['two'])
    const entries = [...TRANSCRIPT.entries, 'and the second']
    const { length: known } = TRANSCRIPT.entries
    await store.saveTranscript(run.id, run.attempt, { ...TRANSCRIPT, entries }, { taken: ['two'], known })
    expect(await keys()).toEqual([])
  })

  test('a proof takes no follow-up, and does not do what the thread asks for', async () => {
    const { claim, submit, submitted } = await proving()
    expect(await submitted('one')).toMatchObject({ created: true, added: false })
    const request = onIssue(4, { adopts: true })
    const adopting = await submit({ key: 'label', request, unlessAdoptedSince: new Date() })
    expect(adopting).toMatchObject({ created: true, adopted: false })
    expect(claim.request.options).toEqual({ prove: true })
  })

  test('no more than fifty wait for a run', async () => {
    const { run, add, store } = await working()
    for (let index = 1; index <= 50; index++) await add(`f-${index}`)
    await expect(add('one more')).rejects.toMatchObject({
      code: 'rate_limited',
      facts: { limit: 'follow_ups' },
    })
    expect(await add('f-1')).toMatchObject({ added: true })
    await store.saveTranscript(run.id, run.attempt, TRANSCRIPT, { taken: ['f-1'] })
    expect(await add('one more')).toMatchObject({ added: true })
  })

  test('a transcript that is refused takes no follow-up: the next attempt gets it', async () => {
    const { run, add, keys, store } = await working()
    await add('one')
    await store.markRunning(run.id)
    await expect(
      store.saveTranscript(run.id, run.attempt, TRANSCRIPT, { taken: ['one'] }),
    ).rejects.toMatchObject({
      reason: 'stale_attempt',
    })
    expect(await keys()).toEqual(['one'])
  })

  test('each follow-up that a run ended without becomes one run, which continues it', async () => {
    const { run, add, end, settle, keys, count, store } = await working(true)
    await add('one')
    await add('two')
    await store.saveTranscript(run.id, run.attempt, TRANSCRIPT, { taken: ['one'] })
    await settle()
    expect(await keys()).toEqual(['two'])
    await end(FAILED)
    await Promise.all([settle(), settle()])
    await settle()
    expect(await count()).toBe(2)
    const [own] = (await store.list({ limit: 1 })).runs
    expect(own?.request).toMatchObject({
      ...{ prompt: 'two', parentRunId: run.id, tainted: true, options: { base: 'next' } },
    })
    expect(await add('two')).toMatchObject({ run: { id: own?.id }, created: false, added: false })
  })

  test('follow-ups to a cancelled run are dropped', async () => {
    const { add, end, settle, keys, count } = await working()
    await add('one')
    await end(CANCELLED)
    await settle()
    expect(await keys()).toEqual([])
    expect(await count()).toBe(1)
  })

  test('a run that was asked to stop, or has ended, takes no follow-up', async () => {
    const stopping = await working()
    await stopping.store.requestCancel(stopping.run.id, 'Stopped.')
    expect(await stopping.add('late')).toMatchObject({ created: true, added: false })
    const ending = await working()
    await ending.end(FAILED)
    expect(await ending.add('late')).toMatchObject({ created: true, added: false })
  })

  test('asked many times at once, and while the run ends, it is a follow-up or a run, once', async () => {
    const { add, end, settle, keys, count, run } = await working()
    const [, ...answers] = await Promise.all([end(FAILED), ...Array.from({ length: 10 }, () => add('one'))])
    const taken = answers.filter(({ added }) => added)
    expect([0, 10]).toContain(taken.length)
    await settle()
    expect(await keys()).toEqual([])
    expect(await count()).toBe(2)
    expect((await add('one')).run.id).not.toBe(run.id)
  })
})
