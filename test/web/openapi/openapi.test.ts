import { expect, test } from 'vitest'
import { openApiDocument } from '../../../src/web/openapi/openapi.ts'
import { onIssue } from '../../runs/start-runs.ts'
import { expectValid } from '../../support/api-contract.ts'
import { BODIES, SUCCESS } from '../a-run.ts'
import { EVERY_EVENT } from '../every-event.ts'
import { parseFrames, serveWeb, useDatabase } from '../serve-web.ts'

const database = useDatabase()
test('real answers are as the document says', async () => {
  const web = await serveWeb(database())
  const get = async (path: string, init?: RequestInit) => (await fetch(`${web.url}${path}`, init)).json()
  const id = await web.play([...BODIES, SUCCESS], { request: onIssue(3) })
  const { run } = await web.runs.submit()
  expectValid('RunInFull', await get(`/runs/${id}`))
  expectValid('RunInFull', await get(`/runs/${run.id}`))
  expectValid('RunList', await get('/runs'))
  expectValid('RunList', await get('/runs?limit=1'))
  expectValid('Health', await get('/healthz'))
  expectValid('Health', await get('/readyz'))
  expectValid('Error', await get('/nope'))
  expectValid('Error', await get('/runs/nope'))
  expectValid('Cancelling', await get(`/runs/${run.id}/cancel`, { method: 'POST' }))
  const body = { repoUrl: 'https://github.com/acme/api', prompt: 'x', draft: true, budgetUsd: 1 }
  expectValid('CodeRequest', body)
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  expectValid('Accepted', await get('/code', { method: 'POST', headers, body: JSON.stringify(body) }))
})

test('every frame is as the document says', async () => {
  const web = await serveWeb(database())
  for (const bodies of EVERY_EVENT) {
    const later = bodies.filter(({ type }) => type !== 'run.queued')
    const id = await web.play(later)
    const frames = parseFrames(await (await fetch(`${web.url}/runs/${id}/events`)).text())
    expect(frames.length).toBe(later.length + 1)
    for (const { data } of frames) expectValid('WireEvent', data)
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
