import { expect, test } from 'vitest'
import { endingOf } from '../../../src/runs/ending.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'
import { aRequest, FAILED, onIssue, SUCCEEDED, startRuns } from '../start-runs.ts'

onEachDatabase(({ db }) => {
  test('a run that was never submitted is not found', async () => {
    const { store } = await startRuns(db())
    expect(await store.get('00000000-0000-0000-0000-000000000000')).toBeUndefined()
    expect(await store.markRunning('no such run')).toBeUndefined()
  })

  test('a request comes back exactly as it was submitted, whatever its text holds', async () => {
    const { store, submit } = await startRuns(db())
    const request = onIssue(7, { prompt: 'NUL \u0000, half a pair \ud83d, 👀, "quotes" \\ and\nlines' })
    const { run } = await submit({ request })
    expect(run).toMatchObject({ status: 'queued', attempt: 0, startedAt: null, ending: null, progress: {} })
    expect((await store.get(run.id))?.request).toEqual(request)
  })

  test('runs are listed newest first, page by page, by repository and by status', async () => {
    const { store, submit, claim } = await startRuns(db())
    const other = aRequest({ repository: { owner: 'Acme', name: 'Web' } })
    const first = (await submit()).run.id
    const second = (await submit({ request: other })).run.id
    const third = (await claim()).id

    const ids = async (query: Parameters<typeof store.list>[0]) =>
      (await store.list(query)).runs.map((run) => run.id)
    expect(await ids({ limit: 2 })).toEqual([third, second])
    expect(await ids({ limit: 2, before: second })).toEqual([first])
    expect(await ids({ limit: 9, filter: { repository: { owner: 'acme', name: 'WEB' } } })).toEqual([second])
    expect(await ids({ limit: 9, filter: { status: 'running' } })).toEqual([third])
    expect(await ids({ limit: 9, before: 'no such run' })).toEqual([])
  })

  test('a thread has its own runs only, newest first, also after the repository was renamed', async () => {
    const { store, submit } = await startRuns(db())
    const before = { owner: 'acme', name: 'api', id: 42 }
    const after = { owner: 'acme', name: 'service', id: 42 }
    const first = await submit({ request: onIssue(7, { repository: before }) })
    await submit({ request: onIssue(8, { repository: before }) })
    await submit({ request: onIssue(7, { repository: { owner: 'else', name: 'api', id: 43 } }) })
    const last = await submit({ request: onIssue(7, { repository: after }) })

    const found = await store.findOnThread({ repository: after, number: 7 })
    expect(found.map((run) => run.id)).toEqual([last.run.id, first.run.id])
  })

  test('progress adds up', async () => {
    const { store, claim } = await startRuns(db())
    const { id, attempt } = await claim()
    await store.setProgress(id, attempt, { baseSha: 'abc', branch: 'backspace/x' })
    await store.setProgress(id, attempt, { pullRequestNumber: 7 })
    expect((await store.get(id))?.progress).toEqual({
      baseSha: 'abc',
      branch: 'backspace/x',
      pullRequestNumber: 7,
    })
  })

  test('a run ends once: its end is kept and later ones are refused', async () => {
    const { store, log, claim } = await startRuns(db())
    const { id, attempt } = await claim()
    await log.append(id, attempt, SUCCEEDED)
    await expect(log.append(id, attempt, FAILED)).rejects.toMatchObject({ reason: 'run_ended' })
    const run = await store.get(id)
    expect(run).toMatchObject({ status: 'succeeded', ending: endingOf(SUCCEEDED) })
    expect(run?.finishedAt).toBeInstanceOf(Date)
    expect(await store.markRunning(id)).toBeUndefined()
    expect(await store.requestCancel(id, 'too late')).toBe(false)
  })

  test('a worker that lost its run can write nothing', async () => {
    const { store, log, claim } = await startRuns(db())
    const zombie = await claim()
    const heir = await store.markRunning(zombie.id)
    expect(heir).toMatchObject({ losses: 1, run: { attempt: 2, startedAt: zombie.startedAt } })

    const refused = { name: 'WriteRefused', reason: 'stale_attempt' }
    const { id, attempt } = zombie
    await expect(store.setProgress(id, attempt, { branch: 'b' })).rejects.toMatchObject(refused)
    await expect(log.append(id, attempt, SUCCEEDED)).rejects.toMatchObject(refused)
    const transcript = { system: 's', entries: [{ role: 'user' }] }
    await expect(store.saveTranscript(id, attempt, transcript)).rejects.toMatchObject(refused)
    await store.saveTranscript(id, 2, transcript)
    const longer = { system: 's', entries: [...transcript.entries, { role: 'tool' }] }
    await expect(store.saveTranscript(id, attempt, longer, { known: 1 })).rejects.toMatchObject(refused)
    expect(await store.get(id)).toMatchObject({ status: 'running', attempt: 2, progress: {} })
    expect(await store.loadTranscript(id)).toEqual(transcript)
    await expect(store.setProgress('no such run', 1, {})).rejects.toMatchObject({ reason: 'not_found' })
  })

  test('a run that was given back has no worker, and its worker is not counted as lost', async () => {
    const { store, log, claim } = await startRuns(db())
    const { id, attempt } = await claim()
    await store.release(id, attempt)
    const refused = { reason: 'stale_attempt' }
    await expect(store.setProgress(id, attempt, { branch: 'b' })).rejects.toMatchObject(refused)
    await expect(log.append(id, attempt, SUCCEEDED)).rejects.toMatchObject(refused)
    expect(await store.markRunning(id)).toMatchObject({ losses: 0, run: { attempt: 2 } })
    await store.setProgress(id, 2, { branch: 'b' })
  })

  test('a wish to stop is kept for the worker, the first reason counts', async () => {
    const { store, claim, submit } = await startRuns(db())
    const { id } = await claim()
    const other = (await submit()).run.id
    expect(await store.requestCancel(id, 'Stopped by ada')).toBe(true)
    expect(await store.requestCancel(id, 'Stopped by bob')).toBe(true)
    expect(await store.requestCancel(other, 'only running runs are asked')).toBe(false)
    expect(await store.cancelRequests([id, other])).toEqual(new Map([[id, 'Stopped by ada']]))
    expect(await store.cancelRequests([])).toEqual(new Map())
  })

  test('a transcript grows by its new entries and comes back byte for byte', async () => {
    const { store, claim } = await startRuns(db())
    const { id, attempt } = await claim()
    const first = { z: 1, a: 'NUL \u0000 half \ud800', list: [1.5, null] }
    const second = { role: 'assistant', native: { b: 1, a: 2 } }
    expect(await store.loadTranscript(id)).toBeUndefined()
    await store.saveTranscript(id, attempt, { system: 'You are', entries: [] })
    await store.saveTranscript(id, attempt, { system: 'You are', entries: [first] })
    await store.saveTranscript(id, attempt, { system: 'You are', entries: [first, second] })
    await store.saveTranscript(id, attempt, { system: 'You are', entries: [first, second] })
    const kept = await store.loadTranscript(id)
    expect(JSON.stringify(kept)).toBe(JSON.stringify({ system: 'You are', entries: [first, second] }))

    const again = { system: 'Another', entries: [second] }
    await store.saveTranscript(id, attempt, again, { known: 2 })
    expect(await store.loadTranscript(id)).toEqual(again)
  })

  test('long messages are kept in parts, character for character, and go with their conversation', async () => {
    const { store, claim } = await startRuns(db())
    const { id, attempt } = await claim()
    const long = `x${'👀\u0000"\\'.repeat(60_000)}`
    const entries = [{ text: 'a' }, { text: long }, { text: 'b' }, { text: long, twice: true }, { text: 'c' }]
    for (const [length, known] of [
      ...[
        [1, 0],
        [2, 1],
        [4, 2],
        [5, 4],
      ],
    ] as const) {
      await store.saveTranscript(id, attempt, { system: 's', entries: entries.slice(0, length) }, { known })
    }
    expect((await store.loadTranscript(id))?.entries).toEqual(entries)
    const other = { system: 'another', entries: [{ text: 'short' }] }
    await store.saveTranscript(id, attempt, other, { known: 5 })
    expect(await store.loadTranscript(id)).toEqual(other)
    expect(
      await db().sql.selectFrom('transcript_parts').select('part').where('run_id', '=', id).execute(),
    ).toEqual([])
  })

  test('a transcript is whole whatever its writer believes to be kept, also when an answer was lost', async () => {
    const { store, claim } = await startRuns(db())
    const { id, attempt } = await claim()
    const entries = ['a', 'b\u0000', 'c', 'd', 'e']
    for (const [length, known] of [
      ...[
        [1, 0],
        [2, 1],
        [2, 1],
        [3, 1],
        [4, 9],
        [5, 3],
        [5, 5],
      ],
    ] as const) {
      await store.saveTranscript(id, attempt, { system: 's', entries: entries.slice(0, length) }, { known })
      expect((await store.loadTranscript(id))?.entries).toEqual(entries.slice(0, length))
    }
  })
})
