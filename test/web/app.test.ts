import { expect, test } from 'vitest'
import { serveWeb, useDatabase } from './serve-web.ts'

const database = useDatabase()

test('alive, ready and metrics', async () => {
  const web = await serveWeb(database())
  for (const path of ['/health', '/healthz']) {
    expect(await (await fetch(`${web.url}${path}`)).json()).toEqual({ status: 'ok' })
  }
  expect(await (await fetch(`${web.url}/readyz`)).json()).toEqual({ status: 'ready' })
  const metrics = await fetch(`${web.url}/metrics`)
  expect(metrics.headers.get('content-type')).toContain('version=0.0.4')
  expect(await metrics.text()).toBe('backspace_up 1\n')
})

test('not ready says why', async () => {
  const web = await serveWeb(database(), { ready: () => Promise.resolve(['The database does not answer.']) })
  const answer = await fetch(`${web.url}/readyz`)
  expect(answer.status).toBe(503)
  expect(await answer.json()).toEqual({ status: 'not_ready', problems: ['The database does not answer.'] })
})

test('every answer has an id and forbids what a page does not need', async () => {
  const web = await serveWeb(database())
  for (const path of ['/healthz', '/nope', '/']) {
    const { headers } = await fetch(`${web.url}${path}`, { headers: { accept: 'text/html' } })
    expect(headers.get('x-request-id')).toMatch(/^[\w-]+$/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(headers.get('content-security-policy')).not.toContain('unsafe')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('access-control-allow-origin')).toBeNull()
  }
})

test('an id that the client sent is kept, unless it could break a log line', async () => {
  const web = await serveWeb(database())
  const ask = async (id: string) =>
    (await fetch(`${web.url}/healthz`, { headers: { 'x-request-id': id } })).headers.get('x-request-id')
  expect(await ask('abc-123')).toBe('abc-123')
  expect(await ask('a b<script>')).not.toContain('script')
})

test('what is not there is said in the language of the client', async () => {
  const web = await serveWeb(database())
  const json = await fetch(`${web.url}/nope`)
  expect([json.status, await json.json()]).toEqual([
    404,
    { error: { code: 'not_found', message: expect.stringContaining('/openapi.json') } },
  ])
  const page = await fetch(`${web.url}/<script>alert(1)</script>`, { headers: { accept: 'text/html' } })
  expect(page.status).toBe(404)
  expect(await page.text()).not.toContain('<script>alert')
})

test.each([
  ['GET', '/code', 'POST'],
  ['PUT', '/new', 'GET, POST'],
  ['DELETE', '/runs', 'GET'],
  ['OPTIONS', '/runs/some/share', 'GET, POST'],
  ['PATCH', '/runs/some/share/link', 'DELETE'],
])('%s %s learns which methods are taken there', async (method, path, allow) => {
  const web = await serveWeb(database())
  const answer = await fetch(`${web.url}${path}`, { method })
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow])
  const { error } = (await answer.json()) as { error: object }
  expect(error).toMatchObject({
    code: 'method_not_allowed',
    message: `${path} takes ${allow.replace(', ', ' and ')}, not ${method}. /reference says what to send.`,
  })
})

test('HEAD answers without a body, a stream too', async () => {
  const web = await serveWeb(database())
  const id = await web.play([])
  for (const path of ['/runs', `/runs/${id}/events`]) {
    const answer = await fetch(`${web.url}${path}`, { method: 'HEAD' })
    expect([answer.status, await answer.text()]).toEqual([200, ''])
  }
})

test('what makes the body of an answer ends when HEAD asks for none', async () => {
  const web = await serveWeb(database())
  let ended = 0
  web.app.get('/forever', (c) => c.body(new ReadableStream({ cancel: () => void ended++ })))
  const id = await web.play([])
  for (const path of ['/forever', `/runs/${id}/live`, `/runs/${id}/events.json`, '/', '/assets/x/base.css']) {
    const headers = { accept: 'text/event-stream' }
    const answer = await fetch(`${web.url}${path}`, { method: 'HEAD', headers })
    expect([path, answer.status, await answer.text()]).toEqual([path, 200, ''])
  }
  expect(ended).toBe(1)
})

test('styles and script are cached for ever under their version, and under no other', async () => {
  const web = await serveWeb(database())
  const page = await (await fetch(web.url, { headers: { accept: 'text/html' } })).text()
  const paths = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((match) => match[1])
  expect(new Set(paths).size).toBeGreaterThan(3)
  for (const path of paths) {
    const answer = await fetch(`${web.url}${path}`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toContain('immutable')
  }
  expect((await fetch(`${web.url}/assets/old/base.css`)).headers.get('cache-control')).toBe('no-cache')
  expect((await fetch(`${web.url}/assets/x/asset-url.ts`)).status).toBe(404)
  expect((await fetch(`${web.url}/assets/x/__proto__`)).status).toBe(404)
})
