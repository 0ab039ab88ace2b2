import { expect, test } from 'vitest'
import { type ServedWeb, serveWeb, useDatabase } from '../serve-web.ts'
import { askWith, makeToken, onRepository, refusalOf } from './token-fixture.ts'

const database = useDatabase()

async function logIn(web: ServedWeb, token: string): Promise<string> {
  const body = new URLSearchParams({ token })
  const answer = await fetch(`${web.url}/login`, { method: 'POST', body, redirect: 'manual' })
  return answer.headers.get('set-cookie')?.split(';')[0] ?? `no cookie, but ${answer.status}`
}

test('a browser that logs in with a token sees what the token may, until the token ends', async () => {
  const web = await serveWeb(database())
  const own = (await web.runs.submit(onRepository('acme', 'api'))).run.id
  const other = (await web.runs.submit(onRepository('other', 'api'))).run.id
  const { text } = await makeToken(web)
  const cookie = await logIn(web, text)
  const page = async (path: string) =>
    fetch(`${web.url}${path}`, { headers: { cookie, accept: 'text/html' } })
  expect([(await page(`/runs/${own}`)).status, (await page(`/runs/${other}`)).status]).toEqual([200, 404])
  expect(await (await page('/')).text()).not.toContain(other)
  await web.tokens.revoke('ci')
  const after = await page('/')
  expect([after.status, await after.text()]).toEqual([401, expect.stringContaining('action="/login"')])
  const refused = await fetch(`${web.url}/login`, {
    method: 'POST',
    body: new URLSearchParams({ token: text }),
  })
  expect([refused.status, await refused.text()]).toEqual([
    401,
    expect.stringContaining('The API token ci was revoked'),
  ])
})

test('a page offers to stop a run only to a reader who may', async () => {
  const web = await serveWeb(database())
  const id = await web.play([], onRepository('acme', 'api'))
  for (const right of ['start', 'metrics'] as const) {
    const { text } = await makeToken(web, { name: right, rights: ['read', right] })
    for (const path of [`/runs/${id}`, `/runs/${id}/actions`]) {
      const page = await (await askWith(web, text, path, { headers: { accept: 'text/html' } })).text()
      expect([right, path, page.includes(`action="/runs/${id}/act"`)]).toEqual([
        right,
        path,
        right === 'start',
      ])
    }
  }
})

test('a log-out ends the login on the server, and only the own one', async () => {
  const apiTokens = [{ name: 'ops', token: 'token-of-the-ops-0123456789' }]
  const web = await serveWeb(database(), { apiTokens })
  const { text } = await makeToken(web)
  for (const token of [text, apiTokens[0]?.token ?? '']) {
    const [mine, theirs] = [await logIn(web, token), await logIn(web, token)]
    const status = async (cookie: string) =>
      (await askWith(web, undefined, '/runs', { headers: { cookie } })).status
    const page = await fetch(web.url, { headers: { cookie: mine, accept: 'text/html' } })
    expect(await page.text()).toContain('action="/logout"')
    const logOut = (headers: Record<string, string>) =>
      askWith(web, undefined, '/logout', { method: 'POST', headers: { cookie: mine, ...headers } })
    expect((await logOut({ origin: 'https://evil.example' })).status).toBe(403)
    expect([await status(mine), await status(theirs)]).toEqual([200, 200])
    const answer = await logOut({})
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([
      303,
      expect.stringMatching(/backspace_login=;.*Max-Age=0/),
    ])
    expect([await status(mine), await status(theirs)]).toEqual([401, 200])
  }
  const withToken = await fetch(web.url, {
    headers: { authorization: `Bearer ${text}`, accept: 'text/html' },
  })
  expect(await withToken.text()).not.toContain('action="/logout"')
})

test('a login lasts twelve hours', async () => {
  let now = new Date('2026-11-29T00:00:00Z')
  const web = await serveWeb(database(), { now: () => now })
  const cookie = await logIn(web, (await makeToken(web)).text)
  const status = async () => (await askWith(web, undefined, '/runs', { headers: { cookie } })).status
  now = new Date('2026-11-29T11:59:59Z')
  expect(await status()).toBe(200)
  now = new Date('2026-11-29T12:00:00Z')
  expect(await status()).toBe(401)
})

test('a service that others reach lets no caller in without a token, not from this machine either (S12)', async () => {
  const web = await serveWeb(database(), { openToLocal: false })
  for (const path of ['/', '/runs', '/runs/x', '/runs/x/events', '/metrics']) {
    expect(await refusalOf(await askWith(web, undefined, path))).toMatch(/^401 .*npm run token/)
  }
  const code = { method: 'POST', body: { repoUrl: 'https://github.com/acme/api', prompt: 'x' } }
  expect((await askWith(web, undefined, '/code', code)).status).toBe(401)
  const { text } = await makeToken(web)
  expect((await askWith(web, text, '/code', code)).status).toBe(202)
  expect((await askWith(web, undefined, '/runs')).status).toBe(401)
})

test('the first token closes a laptop to callers without one, and its revocation does not open it again', async () => {
  const web = await serveWeb(database())
  const status = async () => (await askWith(web, undefined, '/runs')).status
  expect(await status()).toBe(200)
  await makeToken(web)
  expect(await status()).toBe(401)
  await web.tokens.revoke('ci')
  expect(await status()).toBe(401)
})
