import Ajv from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { expect, test } from 'vitest'
import { openApiDocument } from '../../../src/web/openapi/openapi.ts'
import { onIssue } from '../../runs/start-runs.ts'
import { BODIES, SUCCESS, TOTALS } from '../a-run.ts'
import { parseFrames, serveWeb, useDatabase } from '../serve-web.ts'

const database = useDatabase()
type SchemaName = keyof ReturnType<typeof openApiDocument>['components']['schemas']

function validator() {
  const ajv = new Ajv.default({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'api', ...openApiDocument('http://localhost') })
  return (name: SchemaName, value: unknown) => {
    ajv.validate({ $ref: `api#/components/schemas/${name}` }, value)
    expect({ name, value, errors: ajv.errors }).toEqual({ name, value, errors: null })
  }
}

test('real answers are as the document says', async () => {
  const validate = validator()
  const web = await serveWeb(database())
  const get = async (path: string, init?: RequestInit) => (await fetch(`${web.url}${path}`, init)).json()
  const id = await web.play([...BODIES, SUCCESS], { request: onIssue(3) })
  const { run } = await web.runs.submit()
  validate('RunInFull', await get(`/runs/${id}`))
  validate('RunInFull', await get(`/runs/${run.id}`))
  validate('RunList', await get('/runs'))
  validate('RunList', await get('/runs?limit=1'))
  validate('Health', await get('/healthz'))
  validate('Health', await get('/readyz'))
  validate('Error', await get('/nope'))
  validate('Error', await get('/runs/nope'))
  validate('Cancelling', await get(`/runs/${run.id}/cancel`, { method: 'POST' }))
  const body = { repoUrl: 'https://github.com/acme/api', prompt: 'x', draft: true, budgetUsd: 1 }
  validate('CodeRequest', body)
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  validate('Accepted', await get('/code', { method: 'POST', headers, body: JSON.stringify(body) }))
})

test('every frame is as the document says', async () => {
  const validate = validator()
  const web = await serveWeb(database())
  const failed = { type: 'run.failed', code: 'time_limit', message: 'Too long', totals: TOTALS } as const
  const others = [
    { type: 'notice', level: 'warning', message: 'x' },
    { type: 'model.retried', model: 'm', errorClass: 'hang', attempt: 2, waitMs: 500 },
    {
      type: 'tool.finished',
      callId: 'w',
      tool: 'write',
      title: 'write x',
      status: 'ok',
      durationMs: 1,
      detail: { kind: 'write', path: 'x', bytes: 1, content: 'x' },
    },
    {
      type: 'tool.finished',
      callId: 'o',
      tool: 'plan',
      title: 'plan',
      status: 'ok',
      durationMs: 1,
      detail: { kind: 'other', text: '' },
    },
  ] as const
  for (const bodies of [
    [...BODIES, SUCCESS],
    [...others, failed],
  ]) {
    const id = await web.play(bodies)
    const frames = parseFrames(await (await fetch(`${web.url}/runs/${id}/events`)).text())
    expect(frames.length).toBe(bodies.length + 1)
    for (const { data } of frames) validate('WireEvent', data)
  }
})

test('every path of the document is there, and refuses who is not let in as it says', async () => {
  const web = await serveWeb(database(), { apiTokens: [{ name: 'x', token: 'a-token-of-some-length' }] })
  const { paths } = openApiDocument(web.url)
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const answer = await fetch(`${web.url}${path.replace('{id}', 'x')}`, { method: method.toUpperCase() })
      const open = 'security' in operation
      expect([path, answer.status]).toEqual([path, open ? 200 : 401])
    }
  }
  const served = await (await fetch(`${web.url}/openapi.json`)).json()
  expect(served).toEqual(JSON.parse(JSON.stringify(openApiDocument(web.url))))
})
