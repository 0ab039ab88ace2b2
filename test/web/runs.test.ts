import { once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { onIssue } from '../runs/start-runs.ts'
import { BODIES, DIFF, SUCCESS } from './a-run.ts'
import { framesOf, parseFrames, SECRET, type ServedWeb, serveWeb, useDatabase } from './serve-web.ts'

const database = useDatabase()

async function getJson(web: ServedWeb, path: string): Promise<Record<string, unknown>> {
  return (await fetch(`${web.url}${path}`)).json() as Promise<Record<string, unknown>>
}

function events(
  web: ServedWeb,
  id: string,
  headers: Record<string, string> = {},
  query = '',
): Promise<Response> {
  return fetch(`${web.url}/runs/${id}/events${query}`, { headers })
}

test('a run is shown with its request, its end and its addresses', async () => {
  const web = await serveWeb(database())
  const id = await web.play([...BODIES, SUCCESS], { request: onIssue(12) })
  expect(await getJson(web, `/runs/${id}`)).toMatchObject({
    id,
    status: 'succeeded',
    trigger: 'comment',
    repository: 'acme/api',
    thread: { kind: 'issue', number: 12 },
    requester: 'ada',
    outcome: 'pull_request',
    pullRequestUrl: 'https://github.com/acme/api/pull/7',
    costUsd: 0.41,
    runUrl: `${web.url}/runs/${id}`,
    eventsUrl: `${web.url}/runs/${id}/events`,
  })
})

test('runs are listed newest first, in pages and by status and repository', async () => {
  const web = await serveWeb(database())
  const ids: string[] = []
  for (let n = 0; n < 3; n++) ids.unshift((await web.runs.submit()).run.id)
  await web.play([...BODIES, SUCCESS])
  const list = async (query: string) => {
    const { runs, next } = await getJson(web, `/runs?${query}`)
    return { ids: (runs as { id: string }[]).map(({ id }) => id), next }
  }
  expect(await list('status=queued&limit=2')).toEqual({ ids: ids.slice(0, 2), next: ids[1] })
  expect(await list(`status=queued&limit=2&before=${ids[1]}`)).toEqual({ ids: ids.slice(2), next: null })
  expect((await list('repository=ACME/api')).ids).toHaveLength(4)
  expect((await list('repository=acme/other')).ids).toEqual([])
  expect((await list('before=unknown')).ids).toEqual([])
})

test.each([
  'limit=0',
  'limit=101',
  'limit=x',
  'status=done',
  'repository=acme',
  'before=a%20b',
  'stauts=failed',
  'limit=1&toString=1',
])('the query %s is refused', async (query) => {
  const web = await serveWeb(database())
  expect((await fetch(`${web.url}/runs?${query}`)).status).toBe(400)
})

test.each(['nope', 'a%00b', '%2e%2e%2f', 'x'.repeat(300)])('there is no run %s', async (id) => {
  const web = await serveWeb(database())
  for (const path of [`/runs/${id}`, `/runs/${id}/events`, `/runs/${id}/diff`]) {
    const answer = await fetch(`${web.url}${path}`)
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ error: { code: 'not_found' } })
  }
})

test('events are the same frames, whole or from wherever the client was cut', async () => {
  const web = await serveWeb(database())
  const id = await web.play([...BODIES, SUCCESS])
  const whole = framesOf(await (await events(web, id)).text())
  expect(whole).toHaveLength(BODIES.length + 2)
  for (const after of [1, 7, whole.length - 1]) {
    const byHeader = await (await events(web, id, { 'last-event-id': String(after) })).text()
    expect(framesOf(byHeader)).toEqual(whole.slice(after))
    expect(framesOf(await (await events(web, id, {}, `?after=${after}`)).text())).toEqual(whole.slice(after))
  }
})

test('what the browser received counts more than where it first began', async () => {
  const web = await serveWeb(database())
  const id = await web.play([...BODIES, SUCCESS])
  const text = await (await events(web, id, { 'last-event-id': '20' }, '?after=3')).text()
  expect(parseFrames(text)[0]?.id).toBe(21)
})

test('after the terminal frame a reconnect gets 204', async () => {
  const web = await serveWeb(database())
  const id = await web.play([...BODIES, SUCCESS])
  const last = BODIES.length + 2
  for (const after of [last, last + 1, 9999]) {
    const answer = await events(web, id, { 'last-event-id': String(after) })
    expect(answer.status).toBe(204)
  }
})

test('a live run is followed as it goes on, across a cut', async () => {
  const web = await serveWeb(database())
  const id = await web.play(BODIES.slice(0, 5))
  const reader = (await events(web, id)).body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (parseFrames(text).length < 6) text += (await reader?.read())?.value ?? ''
  await reader?.cancel()
  await web.append(id, BODIES.slice(5))
  const rest = events(web, id, { 'last-event-id': '6' })
  await web.append(id, [SUCCESS])
  const frames = [...parseFrames(text), ...parseFrames(await (await rest).text())]
  expect(frames.map((frame) => frame.id)).toEqual(Array.from({ length: BODIES.length + 2 }, (_, n) => n + 1))
})

test('a client that names a frame that does not exist yet gets every frame, and the end', async () => {
  const web = await serveWeb(database())
  const id = await web.play(BODIES.slice(0, 3))
  const answer = await events(web, id, { 'last-event-id': '5000' })
  await web.append(id, [SUCCESS])
  expect(parseFrames(await answer.text()).map((frame) => frame.id)).toEqual([1, 2, 3, 4, 5])
})

test.each(['x', '-1', '1.5', '99999999999', '1,2'])('the Last-Event-ID %s is refused', async (value) => {
  const web = await serveWeb(database())
  const id = await web.play([])
  expect((await events(web, id, { 'last-event-id': value })).status).toBe(400)
})

test('a client that never reads is cut, and can come back for the rest', async () => {
  const limits = { pingMs: 10_000, bufferBytes: 262_144, stallMs: 20 }
  const web = await serveWeb(database(), { streamLimits: limits })
  // Of a process with more patience: it may be this one that is slow to read.
  const patient = await serveWeb(database())
  const text = 'x'.repeat(400_000)
  const id = await web.play(Array.from({ length: 60 }, () => ({ type: 'agent.message', text })))
  const socket = connect(Number(new URL(web.url).port), '127.0.0.1').pause()
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  socket.write(`GET /runs/${id}/events HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  while ((await web.connections()) === 0) await setImmediate()
  while ((await web.connections()) > 0) await setImmediate()
  await web.append(id, [SUCCESS])
  expect(framesOf(await (await events(patient, id, { 'last-event-id': '59' })).text())).toHaveLength(3)
})

test('a stream ends before the host would cut it, and what it sent is whole', async () => {
  const web = await serveWeb(database(), { longestStreamMs: 300 })
  const id = await web.play(BODIES.slice(0, 3))
  const text = await (await events(web, id)).text()
  const ids = parseFrames(text).map((frame) => frame.id)
  expect(ids).toEqual([1, 2, 3, 4].slice(0, ids.length))
  expect(text.endsWith('retry: 2000\n\n')).toBe(true)
  const live = await fetch(`${web.url}/runs/${id}/live`, { headers: { accept: 'text/event-stream' } })
  expect(await live.text()).toMatch(/\n\n$/)
})

test('streams end when the process drains', async () => {
  const closing = new AbortController()
  const web = await serveWeb(database(), { closing: closing.signal })
  const id = await web.play(BODIES.slice(0, 3))
  const answer = await events(web, id)
  closing.abort()
  expect(await answer.text()).toMatch(/^retry: 2000\n\n[\s\S]*retry: 2000\n\n$/)
  expect((await fetch(`${web.url}/readyz`)).status).toBe(503)
})

test('a run is stopped once', async () => {
  const web = await serveWeb(database())
  const { run } = await web.runs.submit()
  const cancel = () => fetch(`${web.url}/runs/${run.id}/cancel`, { method: 'POST' })
  const first = await cancel()
  expect([first.status, await first.json()]).toEqual([202, { runId: run.id, status: 'cancelling' }])
  expect((await web.runs.store.get(run.id))?.status).toBe('cancelled')
  expect((await cancel()).status).toBe(409)
  expect((await fetch(`${web.url}/runs/nope/cancel`, { method: 'POST' })).status).toBe(404)
  const frames = parseFrames(await (await events(web, run.id)).text())
  expect(frames.at(-1)?.data).toMatchObject({
    type: 'error',
    code: 'cancelled',
    message: 'Stopped by local.',
  })
})

test('the diff is kept as text', async () => {
  const web = await serveWeb(database())
  const id = await web.play([...BODIES, SUCCESS])
  const answer = await fetch(`${web.url}/runs/${id}/diff`)
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
  expect(await answer.text()).toBe(DIFF)
  const none = await web.play([])
  expect((await fetch(`${web.url}/runs/${none}/diff`)).status).toBe(404)

  // As upkeep does: all but the first and the last.
  await database()
    .sql.deleteFrom('run_events')
    .where('run_id', '=', id)
    .where('seq', '>', 1)
    .where('type', '!=', 'run.succeeded')
    .execute()
  await database().sql.updateTable('runs').set({ events_pruned: true }).where('id', '=', id).execute()
  const pruned = await fetch(`${web.url}/runs/${id}/diff`)
  expect([pruned.status, await pruned.text()]).toEqual([
    404,
    expect.stringContaining('deleted because of its age'),
  ])
})

test('no secret is shown by any of the faces of a run', async () => {
  const web = await serveWeb(database())
  const id = await web.play([{ type: 'agent.message', text: `it is ${SECRET}` }, SUCCESS], {
    request: onIssue(1, { prompt: `use ${SECRET}` }),
  })
  for (const path of ['/runs', `/runs/${id}`, `/runs/${id}/events`, `/runs/${id}/live`]) {
    for (const accept of ['application/json', 'text/html']) {
      const text = await (await fetch(`${web.url}${path}`, { headers: { accept } })).text()
      expect(text).not.toContain(SECRET)
    }
  }
})

test('a queued run says its place in line and what it waits for', async () => {
  const web = await serveWeb(database(), { queue: { limits: { runsPerRepository: 1 } } })
  await web.play([])
  await web.runs.submit()
  const { run } = await web.runs.submit()
  expect(await getJson(web, `/runs/${run.id}`)).toMatchObject({
    waiting: { position: 2, waitingFor: 'repository' },
  })
  const page = await fetch(`${web.url}/runs/${run.id}`, { headers: { accept: 'text/html' } })
  expect(await page.text()).toContain('Number 2 in line. One run is in progress in this repository')
})
