import { expect, test } from 'vitest'
import { shareWorld } from '../support/share-world.ts'
import { FIX_GREETER } from '../support/start-world.ts'
import { framesOf, postCode, startByCode } from './post-code.ts'

const begin = shareWorld()

/** A whole run without a change: what follows is about those who wait for it. */
const ANSWER = [
  { text: 'I will look.', calls: [{ name: 'read', args: { file_path: 'src/greet.js' } }] },
  { calls: [{ name: 'finish', args: { outcome: 'no_change', title: 'Fine', summary: 'It is fine.' } }] },
]

const MAKE_PLAN = [
  { calls: [{ name: 'read', args: { file_path: 'src/greet.js' } }] },
  { calls: [{ name: 'finish', args: { outcome: 'done', title: 'Greet strangers', summary: 'A plan.' } }] },
]

test('a client that only takes JSON gets the addresses of the run', async () => {
  const story = await begin(FIX_GREETER)
  const { github, repo, frames } = story
  const repoUrl = `${github.url}/${repo}.git`
  const response = await startByCode(story, { repoUrl, prompt: 'Fix the test', draft: true })

  expect(response.status).toBe(202)
  expect(await response.json()).toMatchObject({ runId: expect.any(String), eventsUrl: expect.any(String) })
  expect((await frames()).at(-1)).toMatchObject({ type: 'success' })
  expect(github.pullRequests(repo)[0]).toMatchObject({ draft: true })
})

test('a client that leaves does not stop its run', async () => {
  const story = await begin(ANSWER)
  const leaving = new AbortController()
  const response = await postCode(story, { prompt: 'Fix the test' }, { signal: leaving.signal })
  await response.body?.getReader().read()
  leaving.abort()

  expect((await story.frames()).at(-1)).toMatchObject({ type: 'success' })
})

test('the same Idempotency-Key is the same run', async () => {
  const story = await begin(ANSWER)
  const ask = (prompt: string) => startByCode(story, { prompt }, { 'idempotency-key': 'once' })
  const [first, second] = await Promise.all([ask('Fix the test'), ask('Fix the test')])
  const other = await ask('Something else')

  expect(await first.json()).toEqual(await second.json())
  expect(other.status).toBe(409)
  expect(await story.runs()).toHaveLength(1)
  await story.frames()
})

test('a reader that reconnects misses nothing and gets nothing twice', async () => {
  const story = await begin(ANSWER)
  const whole = await (await postCode(story, { prompt: 'Fix the test' })).text()
  const [run] = await story.runs()
  const frames = framesOf(whole)

  for (const after of [0, 1, 7, frames.length - 1]) {
    const headers = { 'last-event-id': String(after) }
    const resumed = await fetch(run?.eventsUrl ?? '', after === 0 ? {} : { headers })
    expect(framesOf(await resumed.text())).toEqual(frames.slice(after))
  }
  const done = await fetch(run?.eventsUrl ?? '', { headers: { 'last-event-id': String(frames.length) } })
  expect(done.status).toBe(204)
})

test('a plan is made, approved once by its id, and only a plan can be approved', async () => {
  const { github, url, repo, frames, runs } = await begin([...MAKE_PLAN, ...FIX_GREETER])
  const post = async (path: string, body?: object) => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { accept: 'application/json', ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    return { status: response.status, ...((await response.json()) as { runId?: string; error?: object }) }
  }
  const repoUrl = `${github.url}/${repo}`
  const { runId } = await post('/code', { repoUrl, prompt: 'Greet strangers', plan: true })
  expect((await frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'plan' } })

  const approved = await post(`/runs/${runId}/approve`)
  expect(approved.status).toBe(202)
  expect(await post(`/runs/${runId}/approve`)).toEqual(approved)
  expect(await post(`/runs/${runId}/approve`, { text: 'Quickly' })).toMatchObject({
    status: 409,
    error: { message: expect.stringContaining(`in other words. /runs/${approved.runId} carries it out`) },
  })
  expect(await post(`/runs/${approved.runId}/approve`)).toMatchObject({ status: 409 })
  expect((await frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'pull_request' } })
  expect(await runs()).toHaveLength(2)
})
