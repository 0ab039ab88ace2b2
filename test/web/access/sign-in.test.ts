import { expect, test } from 'vitest'
import { serveWeb, useDatabase } from '../serve-web.ts'
import { createVisitor, OPS, signInAs, startSignIn } from './sign-in-world.ts'
import { onRepository } from './token-fixture.ts'

const database = useDatabase()

test('a link to a run leads through GitHub to the run, with the place on its page, and without a further click the next time', async () => {
  const world = await startSignIn(database())
  const { web, github, auditKinds } = world
  const { id } = (await web.runs.submit(onRepository('acme', 'api'))).run
  const visitor = createVisitor()
  const wall = await visitor.open(`${web.url}/runs/${id}?x=1`)
  expect(wall.status).toBe(401)
  const [, href = ''] = /<a class="button" href="([^"]+)" data-back>/.exec(wall.html) ?? []
  expect(href).toBe(`/auth/github?next=${encodeURIComponent(`/runs/${id}?x=1`)}`)

  // What the page's script adds.
  const asks = await visitor.open(`${web.url}/auth/github?next=${encodeURIComponent(`/runs/${id}#42`)}`)
  const asked = new URL(asks.url)
  expect(`${asked.origin}${asked.pathname}`).toBe(`${github.url}/login/oauth/authorize`)
  expect(asked.searchParams.get('code_challenge_method')).toBe('S256')
  expect(asked.searchParams.has('scope')).toBe(false)
  const agreed = await visitor.send(asks.url, {
    method: 'POST',
    body: new URLSearchParams({ authorize: '1' }),
  })
  const callback = agreed.headers.get('location') ?? ''
  const back = await visitor.send(callback)
  expect([back.status, back.headers.get('location')]).toEqual([303, `/runs/${id}#42`])
  const page = await visitor.open(`${web.url}/runs/${id}`)
  expect([page.status, page.html.includes('href="/account">ada</a>')]).toEqual([200, true])
  expect(page.html).toContain('Log out')

  // GitHub gave a token for it, which was asked one thing and revoked.
  await expect.poll(() => github.tokens().find(({ kind }) => kind === 'user')?.revokedAt).toBeDefined()
  const [token] = github.tokens().filter(({ kind }) => kind === 'user')
  expect(token?.uses.map(({ path }) => path)).toEqual(['/user'])

  // The same address again, by the same browser and by another one.
  expect((await visitor.send(callback)).headers.get('location')).toBe('/')
  const other = createVisitor()
  expect(await other.open(callback)).toMatchObject({
    status: 401,
    html: expect.stringContaining('began in another browser'),
  })

  const again = createVisitor()
  expect(await again.open(`${web.url}/auth/github?next=/runs/${id}`)).toMatchObject({
    status: 200,
    url: `${web.url}/runs/${id}`,
  })
  expect(await auditKinds()).toEqual([
    ['person:ada', 'person.signed_in'],
    ['person:ada', 'person.signed_in'],
  ])
})

test('cookies are Lax, out of reach of scripts, and bound to the host over https', async () => {
  const world = await startSignIn(database(), {})
  const ada = await signInAs(world, 'ada')
  expect(ada.set.map((line) => line.replace(/=[\w-]{20,}/, '=…'))).toEqual([
    'backspace_sign_in=…; Max-Age=600; Path=/; HttpOnly; SameSite=Lax',
    'backspace_sign_in=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax',
    'backspace_login=…; Max-Age=1209600; Path=/; HttpOnly; SameSite=Lax',
  ])
  const secure = await serveWeb(database(), {
    apiTokens: [{ name: 'ops', token: OPS }],
    publicUrl: () => 'https://backspace.example.org',
  })
  const visitor = createVisitor()
  await visitor.send(`${secure.url}/login`, { method: 'POST', body: new URLSearchParams({ token: OPS }) })
  expect(visitor.set[0]).toMatch(
    /^__Host-backspace_login=\S+; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  )
  expect((await visitor.send(`${secure.url}/runs`)).status).toBe(200)
  // Another host of the domain could have set it without the prefix.
  const [, value] = /=([^;]+)/.exec(visitor.set[0] ?? '') ?? []
  const tossed = { headers: { cookie: `backspace_login=${value}` } }
  expect((await fetch(`${secure.url}/runs`, tossed)).status).toBe(401)
})

const ELSEWHERE = [
  '//evil.example',
  '/\\evil.example',
  '\\/evil.example',
  '/%2f%2fevil.example/../..//evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  'https:evil.example',
  'https://evil.example',
  'javascript:alert(1)',
  '/.//evil.example',
  '/x/..//evil.example',
  '/@evil.example\\..',
  ' //evil.example',
  '/auth/github?next=/',
  '/logout',
  `/${'a'.repeat(500)}`,
]

test('a sign-in leads to no other place than a page of this service, however that is spelled', async () => {
  const world = await startSignIn(database())
  for (const next of ELSEWHERE) {
    const ada = await signInAs(world, 'ada', next)
    const places = new Set(ada.visited.map((url) => new URL(url).origin))
    expect([next, [...places].sort()]).toEqual([next, [world.web.url, world.github.url].sort()])
    expect([next, new URL(ada.visited.at(-1) ?? '').pathname]).toEqual([next, '/'])
  }
})

test('a sign-in that fails ends on a page that says what to do next', async () => {
  const world = await startSignIn(database())
  const { web, github, auditKinds } = world
  const start = `${web.url}/auth/github?next=/runs`
  const visitor = createVisitor()
  const asks = await visitor.open(start)
  const denied = await visitor.send(asks.url, {
    method: 'POST',
    body: new URLSearchParams({ authorize: '0' }),
  })
  const page = await visitor.open(denied.headers.get('location') ?? '')
  expect([page.status, page.html]).toEqual([403, expect.stringContaining('choose “Authorize”')])
  expect(page.html).toContain('href="/auth/github?next=%2Fruns"')
  expect(await auditKinds()).toEqual([['backspace', 'person.not_signed_in']])

  /** From a fresh browser to the page that the person ends on. */
  const fail = async (change: (callback: URL) => void = () => {}) => {
    const browser = createVisitor()
    const asked = await browser.send(start)
    const granted = await browser.send(asked.headers.get('location') ?? '')
    const callback = new URL(granted.headers.get('location') ?? '')
    change(callback)
    const { status, html } = await browser.open(callback.href)
    expect(browser.cookiesOf(web.url).has('backspace_login')).toBe(false)
    return `${status} ${/class="problem" role="alert">([^<]*)</.exec(html)?.[1]}`
  }
  await signInAs(world, 'ada')
  expect(await fail((url) => url.searchParams.set('state', 'x'))).toMatch(/^401 .*began in another browser/)
  expect(await fail((url) => url.searchParams.set('code', 'made-up'))).toMatch(/^401 .*was used already/)
  expect(await fail((url) => url.searchParams.delete('code'))).toMatch(/^400 .*Sign in again/)
  expect(await fail((url) => url.searchParams.set('error', 'application_suspended'))).toMatch(
    /^503 .*suspended this/,
  )
  github.fail({ path: /access_token$/, status: 502 })
  expect(await fail()).toMatch(/^503 .*GitHub did not answer properly/)
  github.fail({ path: /access_token$/, drop: true })
  expect(await fail()).toMatch(/^503 .*GitHub did not answer properly/)
  github.suspendUser('ada')
  expect(await fail()).toMatch(/^403 .*account is suspended/)
  github.setApp({ callbackUrls: [`${web.url}/auth/github/callback`, `${web.url}/other`].reverse() })
  expect(web.reported).toHaveLength(3)
})

test('a sign-in moves to the public address once, and after sixty that fail, an address waits for a minute', async () => {
  let now = Date.now()
  const { web } = await startSignIn(database(), {
    publicUrl: () => 'https://backspace.example.org',
    now: () => new Date(now),
  })
  const start = (query = '') => createVisitor().send(`${web.url}/auth/github?next=/runs/a%2342${query}`)
  const moved = await start()
  expect([moved.status, moved.headers.get('location')]).toEqual([
    302,
    'https://backspace.example.org/auth/github?at=public&next=%2Fruns%2Fa%2342',
  ])
  // A proxy may hide the address that people see.
  const begun = await start('&at=public')
  expect(new URL(begun.headers.get('location') ?? '').searchParams.get('redirect_uri')).toBe(
    'https://backspace.example.org/auth/github/callback',
  )
  expect(begun.headers.getSetCookie()).toEqual([
    expect.stringMatching(
      /^__Host-backspace_sign_in=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    ),
  ])
  const visitor = createVisitor()
  async function fail(): Promise<Response> {
    const away = await visitor.send(`${web.url}/auth/github?at=public`)
    expect(away.status).toBe(302)
    const state = new URL(away.headers.get('location') ?? '').searchParams.get('state') ?? ''
    return visitor.send(`${web.url}/auth/github/callback?code=made-up&state=${encodeURIComponent(state)}`)
  }
  const failed = new Set<number>()
  for (let count = 0; count < 60; count++) failed.add((await fail()).status)
  expect([...failed]).toEqual([401])
  const refused = await fail()
  expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true])
  now += 60_000
  expect((await fail()).status).toBe(401)
})
