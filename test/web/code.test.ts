import { expect, test } from 'vitest'
import { BackspaceError } from '../../src/errors.ts'
import { BODIES, SUCCESS } from './a-run.ts'
import { parseFrames, type ServedWeb, serveWeb, useDatabase } from './serve-web.ts'

const database = useDatabase()
const BODY = { repoUrl: 'https://github.com/acme/api', prompt: 'Fix the sign' }

function post(web: ServedWeb, body: unknown = BODY, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${web.url}/code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

async function errorOf(answer: Response): Promise<{ code: string; message: string }> {
  const { error } = (await answer.json()) as { error: { code: string; message: string } }
  return error
}

/** A web app whose queue executes each run by playing the recorded one. */
function serveWithWorker(overrides: Parameters<typeof serveWeb>[1] = {}): Promise<ServedWeb> {
  const served = serveWeb(database(), {
    ...overrides,
    queue: {
      async execute(context) {
        const { runs } = await served
        for (const body of [...BODIES.slice(1), SUCCESS])
          await runs.log.append(context.run.id, context.run.attempt, body)
      },
    },
  })
  return served
}

test.each(['/code', '/api/code'])('POST %s streams a run to its end', async (path) => {
  const web = await serveWithWorker()
  const answer = await fetch(`${web.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(BODY),
  })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  expect(answer.headers.get('cache-control')).toBe('no-cache, no-transform')
  expect(answer.headers.get('x-accel-buffering')).toBe('no')
  const frames = parseFrames(await answer.text())
  expect(frames.map(({ id }) => id)).toEqual(frames.map((_, index) => index + 1))
  expect(frames[0]?.data).toMatchObject({ type: 'info', step: 'queued', eventsUrl: expect.any(String) })
  expect(frames.at(-1)?.data).toMatchObject({ type: 'success', extra_data: { outcome: 'pull_request' } })
})

test('the run is what was asked for', async () => {
  const web = await serveWeb(database())
  const answer = await post(web, { ...BODY, draft: true }, { accept: 'application/json' })
  const { runId } = (await answer.json()) as { runId: string }
  expect((await web.runs.store.get(runId))?.request).toEqual({
    trigger: 'code',
    repository: { owner: 'acme', name: 'api' },
    prompt: 'Fix the sign',
    requester: { login: 'local' },
    options: { draft: true },
    tainted: false,
  })
})

test('the run is of the repository as it is called today, and knows its number', async () => {
  const checkRepository = async () => ({ owner: 'acme', name: 'new-name', id: 42 })
  const web = await serveWeb(database(), { checkRepository })
  const answer = await post(web, BODY, { accept: 'application/json' })
  const { runId } = (await answer.json()) as { runId: string }
  const run = await web.runs.store.get(runId)
  expect(run?.request.repository).toEqual({ owner: 'acme', name: 'new-name', id: 42 })
})

test.each([
  ['application/json', 202],
  ['application/json;q=0.5', 202],
  ['Application/JSON; charset=utf-8', 202],
  ['text/html, application/json', 202],
  ['application/json, text/event-stream;q=0', 202],
  ['application/json, */*;q=0', 202],
  ['application/json, text/*', 202],
  ['application/json;q=0', 200],
  ['application/*', 200],
  ['application/json, */*;q=0.1', 200],
  ['application/json-seq', 200],
  ['text/plain, application/json, text/event-stream;q=0.1', 200],
  ['application/json, text/event-stream', 200],
  ['application/json, */*', 200],
  ['*/*', 200],
  ['text/event-stream', 200],
  ['text/html', 200],
])('Accept %s is answered with %i', async (accept, status) => {
  const web = await serveWeb(database())
  const answer = await post(web, BODY, { accept })
  expect(answer.status).toBe(status)
  if (status === 202) {
    const { runId, runUrl, eventsUrl } = (await answer.json()) as Record<string, string>
    expect(runUrl).toBe(`${web.url}/runs/${runId}`)
    expect(eventsUrl).toBe(`${runUrl}/events`)
    expect(answer.headers.get('location')).toBe(runUrl)
  } else await answer.body?.cancel()
})

test('a client that leaves does not stop its run', async () => {
  const web = await serveWeb(database())
  const answer = await post(web)
  const id = answer.headers.get('location')?.split('/').at(-1) ?? ''
  await answer.body?.cancel()
  expect((await web.runs.store.get(id))?.status).toBe('queued')
})

test('the same key and body find the same run; another body is a conflict', async () => {
  const web = await serveWeb(database())
  const headers = { accept: 'application/json', 'idempotency-key': 'abc' }
  const first = await (await post(web, BODY, headers)).json()
  expect(await (await post(web, `  ${JSON.stringify(BODY)}`, headers)).json()).toEqual(first)
  const other = await post(web, { ...BODY, prompt: 'Another' }, headers)
  expect(other.status).toBe(409)
  expect((await errorOf(other)).code).toBe('conflict')
  expect((await web.runs.store.list({ limit: 10 })).runs).toHaveLength(1)
})

test.each([
  ['no JSON', '{', 400, 'bad_request'],
  ['an unknown field', { ...BODY, x: 1 }, 400, 'bad_request'],
  ['another host', { ...BODY, repoUrl: 'https://evil.example/a/b' }, 400, 'bad_repository_url'],
  ['too much', { ...BODY, x: 'x'.repeat(1_048_577) }, 413, 'body_too_large'],
])('%s is refused and starts nothing', async (_, body, status, code) => {
  const web = await serveWeb(database())
  const answer = await post(web, body)
  expect(answer.status).toBe(status)
  expect((await errorOf(answer)).code).toBe(code)
  expect((await web.runs.store.list({ limit: 10 })).runs).toEqual([])
})

test('a body that does not say its length is stopped at the limit too', async () => {
  const web = await serveWeb(database())
  const chunk = new TextEncoder().encode('x'.repeat(65_536))
  const body = new ReadableStream({ pull: (controller) => controller.enqueue(chunk) })
  const answer = await fetch(`${web.url}/code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    duplex: 'half',
  })
  expect(answer.status).toBe(413)
})

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/json; charset=latin1',
  '',
])('the content type %j is refused', async (type) => {
  const web = await serveWeb(database())
  expect((await post(web, BODY, { 'content-type': type })).status).toBe(415)
})

test.each([
  ['repository_not_found', 404],
  ['not_installed', 403],
  ['repository_archived', 409],
  ['rate_limited', 429],
  ['github_unavailable', 503],
] as const)('a repository that is %s is answered with %i before any stream', async (code, status) => {
  const checkRepository = () => Promise.reject(new BackspaceError(code, 'What happened and what to do.'))
  const web = await serveWeb(database(), { checkRepository })
  const answer = await post(web)
  expect(answer.status).toBe(status)
  expect(await answer.json()).toEqual({ error: { code, message: 'What happened and what to do.' } })
  if (status === 429 || status === 503) expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
  expect((await web.runs.store.list({ limit: 10 })).runs).toEqual([])
})

test('an unexpected failure says nothing but an id', async () => {
  const checkRepository = () => Promise.reject(new Error('ENOENT /srv/secret/path'))
  const web = await serveWeb(database(), { checkRepository })
  const answer = await post(web)
  expect(answer.status).toBe(500)
  const { code, message } = await errorOf(answer)
  expect(code).toBe('internal')
  expect(message).toContain(answer.headers.get('x-request-id'))
  expect(message).not.toContain('ENOENT')
  expect(web.reported).toHaveLength(1)
})
