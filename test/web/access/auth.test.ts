import { request } from 'node:http'
import { expect, test } from 'vitest'
import { type ServedWeb, serveWeb, useDatabase } from '../serve-web.ts'

const database = useDatabase()
const TOKEN = 'token-of-the-ci-0123456789'
const withTokens = {
  apiTokens: [
    { name: 'ci', token: TOKEN },
    { name: 'ops', token: `${TOKEN}-ops` },
  ],
}

/** `fetch` sets Host itself; this says what a test wants it to say. */
function get(web: ServedWeb, headers: Record<string, string>, path = '/runs'): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  request(`${web.url}${path}`, { headers }, (answer) => {
    answer.resume()
    resolve(answer.statusCode ?? 0)
  })
    .on('error', reject)
    .end()
  return promise
}

test('without tokens this machine may call', async () => {
  const web = await serveWeb(database())
  const port = new URL(web.url).port
  for (const host of [
    `127.0.0.1:${port}`,
    'localhost',
    `localhost:${port}`,
    '[::1]',
    `[::1]:${port}`,
    'LOCALHOST',
  ]) {
    expect([host, await get(web, { host })]).toEqual([host, 200])
  }
})

test.each([
  'example.org',
  'localhost.evil.example',
  '127.0.0.1.nip.io',
  '127.0.0.2',
  'localhost:99999999',
  '0.0.0.0',
])('without tokens the host %s is refused: a page may have rebound its name to this machine', async (host) => {
  const web = await serveWeb(database())
  expect(await get(web, { host })).toBeGreaterThanOrEqual(400)
})

test.each([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'via',
  'cf-connecting-ip',
  'true-client-ip',
  'X-Forwarded-Anything',
])('without tokens a request that a proxy passed on is refused: %s', async (name) => {
  const web = await serveWeb(database())
  expect(await get(web, { [name]: '203.0.113.7' })).toBe(403)
  expect(await get(web, { [name]: '' })).toBe(403)
})

test('without tokens a refusal says how to make one', async () => {
  const web = await serveWeb(database())
  const answer = await fetch(`${web.url}/runs`, { headers: { 'x-forwarded-for': '203.0.113.7' } })
  expect(await answer.text()).toContain('npm run token')
})

test('a caller without a socket is not taken for a local one', async () => {
  const web = await serveWeb(database())
  expect((await web.app.request('http://localhost/runs')).status).toBe(403)
})

test('with tokens each call needs one, from this machine too', async () => {
  const web = await serveWeb(database(), withTokens)
  for (const authorization of [
    '',
    'Bearer',
    'Bearer x',
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN} x`,
  ]) {
    const answer = await fetch(`${web.url}/runs`, { headers: { authorization } })
    expect([authorization, answer.status]).toEqual([authorization, 401])
    expect(answer.headers.get('www-authenticate')).toContain('Bearer')
  }
  for (const authorization of [`Bearer ${TOKEN}`, `bearer ${TOKEN}`, `Bearer ${TOKEN}-ops`]) {
    expect((await fetch(`${web.url}/runs`, { headers: { authorization } })).status).toBe(200)
  }
})

test('every route that shows or changes something is guarded, those that show nothing are open', async () => {
  const web = await serveWeb(database(), withTokens)
  const status = async (path: string, method = 'GET') => (await fetch(`${web.url}${path}`, { method })).status
  const guarded = ['/', '/runs', '/runs/x', '/runs/x/events', '/runs/x/live', '/runs/x/diff', '/metrics']
  for (const path of guarded) expect([path, await status(path)]).toEqual([path, 401])
  for (const path of ['/code', '/api/code', '/runs/x/cancel']) expect(await status(path, 'POST')).toBe(401)
  for (const path of ['/health', '/healthz', '/readyz', '/openapi.json']) expect(await status(path)).toBe(200)
})

test('who asks is known before what is asked is read', async () => {
  const web = await serveWeb(database(), withTokens)
  const answer = await fetch(`${web.url}/code`, { method: 'POST', body: 'not json' })
  expect(answer.status).toBe(401)
})

test.each(['token', 'access_token', 'api_key'])('a token in the address (%s) is refused', async (name) => {
  const web = await serveWeb(database(), withTokens)
  const answer = await fetch(`${web.url}/runs?${name}=${TOKEN}`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  })
  expect(answer.status).toBe(400)
  expect(await answer.text()).not.toContain(TOKEN)
})

test('the requester of a run is the name of the token', async () => {
  const web = await serveWeb(database(), withTokens)
  const answer = await fetch(`${web.url}/code`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      authorization: `Bearer ${TOKEN}-ops`,
    },
    body: '{"repoUrl":"https://github.com/acme/api","prompt":"x"}',
  })
  const { runId } = (await answer.json()) as { runId: string }
  expect((await web.runs.store.get(runId))?.request.requester.login).toBe('ops')
})

function login(web: ServedWeb, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return fetch(`${web.url}/login`, {
    method: 'POST',
    headers: { accept: 'text/html', ...headers },
    body: new URLSearchParams(fields),
    redirect: 'manual',
  })
}

test('a browser is shown a login, and let in with a token', async () => {
  const web = await serveWeb(database(), withTokens)
  const page = await fetch(`${web.url}/runs`, { headers: { accept: 'text/html' } })
  expect(page.status).toBe(401)
  expect(await page.text()).toContain('action="/login"')

  const answer = await login(web, { token: TOKEN, next: '/runs?limit=2' })
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/runs?limit=2'])
  const cookie = answer.headers.get('set-cookie') ?? ''
  expect(cookie).toMatch(/HttpOnly.*SameSite=Lax|SameSite=Lax.*HttpOnly/)
  expect(cookie).not.toContain(TOKEN)

  const inside = await fetch(`${web.url}/`, {
    headers: { accept: 'text/html', cookie: cookie.split(';')[0] ?? '' },
  })
  expect(inside.status).toBe(200)
})

test('a cookie that was changed, has expired or belongs to a removed token is refused', async () => {
  const web = await serveWeb(database(), withTokens)
  const cookie = (await login(web, { token: TOKEN })).headers.get('set-cookie')?.split(';')[0] ?? ''
  const later = await serveWeb(database(), {
    apiTokens: [{ name: 'ci', token: 'another-token-0123456789' }],
    queue: { keep: true },
  })
  expect(await get(web, { cookie })).toBe(200)
  expect(await get(later, { cookie })).toBe(401)
  expect(await get(web, { cookie: cookie.replace(/.$/, (last) => (last === '0' ? '1' : '0')) })).toBe(401)
  expect(
    await get(web, { cookie: cookie.replace(/=(.)/, (_, first) => `=${first === 'A' ? 'B' : 'A'}`) }),
  ).toBe(401)
})

test('a wrong token is not let in, and a login leads nowhere else', async () => {
  const web = await serveWeb(database(), withTokens)
  const wrong = await login(web, { token: 'wrong' })
  expect(wrong.status).toBe(401)
  expect(wrong.headers.get('set-cookie')).toBeNull()
  for (const next of ['https://evil.example', '//evil.example', '/\\evil.example', 'runs', '']) {
    expect((await login(web, { token: TOKEN, next })).headers.get('location')).toBe('/')
  }
})

test('a page of another site can change nothing with the cookie or the place of the browser', async () => {
  const local = await serveWeb(database())
  const web = await serveWeb(database(), { ...withTokens, queue: { keep: true } })
  const cookie = (await login(web, { token: TOKEN })).headers.get('set-cookie')?.split(';')[0] ?? ''
  const { run } = await web.runs.submit()
  const cancel = async (served: ServedWeb, headers: Record<string, string>) =>
    (await fetch(`${served.url}/runs/${run.id}/cancel`, { method: 'POST', headers })).status
  const elsewhere = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
  ]
  for (const headers of elsewhere) {
    expect(await cancel(web, { cookie, ...headers } as Record<string, string>)).toBe(403)
    expect(await cancel(local, headers as Record<string, string>)).toBe(403)
  }
  expect((await web.runs.store.get(run.id))?.status).toBe('queued')
  expect(await cancel(web, { cookie, origin: web.url, 'sec-fetch-site': 'same-origin' })).toBe(202)
})
