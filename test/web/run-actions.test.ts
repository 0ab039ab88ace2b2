import { expect, onTestFinished, test, vi } from 'vitest'
import { actionsOf } from '../../src/runs/run-actions.ts'
import type { RunEventBody } from '../../src/runs/run-event.ts'
import { onIssue } from '../runs/start-runs.ts'
import { BODIES, SUCCESS, TOTALS } from './a-run.ts'
import { makeToken } from './access/token-fixture.ts'
import { SECRET, type ServedWeb, serveWeb, useDatabase } from './serve-web.ts'

const database = useDatabase()
const FAILED: RunEventBody = { type: 'run.failed', code: 'x', message: 'It broke.', totals: TOTALS }

interface Sent {
  readonly fields: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

async function act(web: ServedWeb, id: string, { fields, headers = {} }: Sent) {
  const answer = await fetch(`${web.url}/runs/${id}/act`, {
    method: 'POST',
    headers,
    body: new URLSearchParams({ once: 'once-0001', ...fields }),
    redirect: 'manual',
  })
  return { status: answer.status, location: answer.headers.get('location') ?? '' }
}

test('what may be done to a run follows from its state, for every face', () => {
  const agents = { options: {} }
  expect(actionsOf({ status: 'running', outcome: null, ...agents })).toEqual(['note', 'stop'])
  expect(actionsOf({ status: 'queued', outcome: null, options: { prove: true } })).toEqual(['stop'])
  expect(actionsOf({ status: 'succeeded', outcome: 'plan', ...agents })).toEqual(['approve', 'continue'])
  expect(actionsOf({ status: 'succeeded', outcome: 'question', ...agents })).toEqual(['answer'])
  expect(actionsOf({ status: 'running', outcome: null, options: { setup: true } })).toEqual(['stop'])
  expect(actionsOf({ status: 'succeeded', outcome: 'proof', options: { prove: true } })).toEqual(['retry'])
  expect(actionsOf({ status: 'failed', outcome: null, ...agents })).toEqual(['retry', 'continue'])
})

test('a form that is sent twice does once what it says, and in the state that it was made for', async () => {
  const web = await serveWeb(database())
  const id = await web.play([...BODIES.slice(0, 9), FAILED], { request: onIssue(3) })
  const retry = { fields: { action: 'retry' } }
  const first = await act(web, id, retry)
  expect(first).toEqual({ status: 303, location: expect.stringMatching(/^\/runs\/[\w-]+\?done=retry$/) })
  expect(await act(web, id, retry)).toEqual(first)
  expect(await act(web, id, { fields: { action: 'retry', once: 'once-0002' } })).not.toEqual(first)
  for (const action of ['stop', 'note', 'approve', 'answer'])
    expect(await act(web, id, { fields: { action, text: 'x' } })).toMatchObject({ status: 409 })
})

test('what a page says that the Back button has brought back is not taken for what it said before', async () => {
  const web = await serveWeb(database())
  const id = await web.play([...BODIES.slice(0, 9), FAILED], { request: onIssue(3) })
  const first = await act(web, id, { fields: { action: 'continue', text: 'Use tabs' } })
  const others = [
    { action: 'continue', text: 'Use spaces' },
    { action: 'retry', text: 'Use tabs' },
  ]
  for (const fields of others) {
    const { status, location } = await act(web, id, { fields })
    expect([status, location.replace(/\?.*/, '')]).not.toEqual([303, first.location.replace(/\?.*/, '')])
  }
  expect(await act(web, id, { fields: { action: 'continue', text: 'Use tabs' } })).toEqual(first)
})

test('a plan that another person approved first is not approved in other words', async () => {
  const web = await serveWeb(database())
  const plan = { ...SUCCESS, outcome: 'plan', message: '1. Fix it' } as typeof SUCCESS
  const id = await web.play([...BODIES, plan], { request: onIssue(3) })
  const first = await act(web, id, { fields: { action: 'approve', plan: '1. Fix it' } })
  expect(first.status).toBe(303)
  expect(await act(web, id, { fields: { action: 'approve', plan: '1. Fix it', once: 'once-0002' } })).toEqual(
    first,
  )
  expect(await act(web, id, { fields: { action: 'approve', plan: '2. Delete it' } })).toMatchObject({
    status: 409,
  })
})

test('a run that is started again is a request of who asked for it, in the same thread', async () => {
  const web = await serveWeb(database())
  const request = onIssue(3, { comment: { id: 9, kind: 'issue_comment', url: 'https://github.com/x' } })
  const id = await web.play([...BODIES.slice(0, 9), FAILED], { request })
  const { location } = await act(web, id, { fields: { action: 'retry' } })
  const again = await web.runs.store.get(/runs\/([\w-]+)/.exec(location)?.[1] ?? '')
  expect(again?.request).toMatchObject({
    trigger: 'code',
    requester: { login: 'local' },
    thread: { number: 3 },
  })
  expect(again?.request.comment).toBeUndefined()
  const kinds = await database()
    .sql.selectFrom('audit_waiting')
    .select('kind')
    .where('run_id', '=', again?.id ?? '')
    .execute()
  expect(kinds.map(({ kind }) => kind)).toContain('run.requested')
})

test.each([
  ['no action', {}],
  ['an unknown action', { action: 'delete' }],
  ['an empty text', { action: 'note', text: ' ' }],
  ['no text', { action: 'note' }],
  ['a wrong name of the sending', { action: 'stop', once: '../x' }],
])('a form with %s is refused', async (_, fields) => {
  const web = await serveWeb(database())
  const id = await web.play(BODIES.slice(0, 9))
  expect(await act(web, id, { fields: fields as Sent['fields'] })).toMatchObject({ status: 400 })
  expect((await web.runs.store.get(id))?.status).toBe('running')
})

test('a page of another site, and a reader who may only read, can do nothing', async () => {
  const web = await serveWeb(database())
  const id = await web.play(BODIES.slice(0, 9))
  const fields = { action: 'stop' }
  expect(await act(web, id, { fields, headers: { 'sec-fetch-site': 'cross-site' } })).toMatchObject({
    status: 403,
  })
  const json = await fetch(`${web.url}/runs/${id}/act`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  expect(json.status).toBe(415)
  const { text } = await makeToken(web, { rights: ['read'] })
  expect(await act(web, id, { fields })).toMatchObject({ status: 401 })
  expect(await act(web, id, { fields, headers: { authorization: `Bearer ${text}` } })).toMatchObject({
    status: 403,
  })
  expect((await web.runs.store.get(id))?.status).toBe('running')
})

test('a download that cannot go on is cut off and reported, with nothing on the console', async () => {
  const said = vi.spyOn(console, 'error')
  onTestFinished(() => said.mockRestore())
  const away = new Error('the database is away')
  const { log } = (await serveWeb(database())).runs
  const read: typeof log.read = (id, after) => (after === 0 ? log.read(id, 0) : Promise.reject(away))
  const web = await serveWeb(database(), { log: { ...log, read } })
  const id = await web.play(BODIES)
  const answer = await fetch(`${web.url}/runs/${id}/log.txt`)
  expect(answer.status).toBe(200)
  await expect(answer.text()).rejects.toThrow()
  expect(web.reported).toEqual([away])
  expect(said).not.toHaveBeenCalled()
})

test('what a run has can be taken away: events, log, and a patch for git', async () => {
  const web = await serveWeb(database())
  const id = await web.play([...BODIES, SUCCESS], { request: onIssue(3) })
  const get = (path: string) => fetch(`${web.url}/runs/${id}/${path}`)
  const json = (await (await get('events.json')).json()) as {
    readonly events: readonly { readonly seq: number }[]
  }
  expect(json).toMatchObject({ run: { id, status: 'succeeded' }, events: expect.any(Array) })
  expect(json.events.map(({ seq }) => seq)).toEqual(
    Array.from({ length: BODIES.length + 2 }, (_, n) => n + 1),
  )
  const log = await (await get('log.txt')).text()
  expect(log).toContain('tool.finished: bash npm test\n    ✓ adds\n    1 passed\n    exit code 0\n')
  const patch = await get('change.patch')
  expect([patch.status, patch.headers.get('content-disposition')]).toEqual([
    200,
    expect.stringContaining('.patch"'),
  ])
  expect(await patch.text()).toMatch(/^diff --git a\/app\.js/)
  const cut = await web.play([
    {
      type: 'changes.collected',
      files: [],
      diff: 'diff --git a/a b/a\n(9 more lines of this diff are not shown)\n',
    },
  ])
  expect((await fetch(`${web.url}/runs/${cut}/change.patch`)).status).toBe(409)
})

test('a search finds what is shown, and nothing that is masked', async () => {
  const web = await serveWeb(database())
  const id = await web.play([
    { type: 'agent.message', text: `The key is ${SECRET} and "quoted" here` },
    { type: 'agent.message', text: 'Nothing of the kind' },
  ])
  const search = async (q: string) =>
    (await fetch(`${web.url}/runs/${id}/story?q=${encodeURIComponent(q)}`)).text()
  expect(await search('THE KEY')).toContain('[redacted]')
  expect(await search('"quoted"')).toContain('1 entry has')
  for (const q of [SECRET, SECRET.slice(0, 12), 'agent.message', 'callId'])
    expect(await search(q)).toContain('0 entries have')
})
