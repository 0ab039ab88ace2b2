import { expect, test } from 'vitest'
import { useDatabase } from '../serve-web.ts'
import { createVisitor, OPS, signInAs, startSignIn, type Visitor } from './sign-in-world.ts'
import { askWith, onRepository } from './token-fixture.ts'

const database = useDatabase()
const JSON_ONLY = { headers: { accept: 'application/json' } }

/** A world whose clock the test moves, with a run of the private repository and one of a public repository. */
async function startWithRuns() {
  let now = Date.now()
  const world = await startSignIn(database(), { now: () => new Date(now), recheckMs: 20 })
  const { web, github } = world
  await github.createRepository({ owner: 'acme', name: 'open', files: { a: 'b' } })
  const secret = await web.play([], onRepository('acme', 'api'))
  const open = (await web.runs.submit(onRepository('acme', 'open'))).run.id
  const status = async (visitor: Visitor, path: string, sent = {}) =>
    (await visitor.send(`${web.url}${path}`, { ...JSON_ONLY, ...sent })).status
  const repositories = async (visitor: Visitor) => {
    const { runs } = (await (await visitor.send(`${web.url}/runs`, JSON_ONLY)).json()) as {
      runs: { repository: string }[]
    }
    return runs.map(({ repository }) => repository).sort()
  }
  const later = (minutes: number) => {
    now += minutes * 60_000
  }
  return { ...world, secret, open, status, repositories, later }
}

test('a person sees what GitHub lets them read, acts where they may write, and an operator sees all', async () => {
  const { web, secret, open, status, repositories, ...world } = await startWithRuns()
  const visitors = {
    ada: createVisitor(),
    eve: createVisitor(),
    mallory: createVisitor(),
    root: createVisitor(),
  }
  for (const login of ['ada', 'eve', 'mallory', 'root'] as const)
    visitors[login] = await signInAs({ web, ...world }, login)
  const { ada, eve, mallory, root } = visitors
  const cancel = (visitor: Visitor) => status(visitor, `/runs/${secret}/cancel`, { method: 'POST' })
  // Nothing is public: without a session not even the run of a public repository.
  expect(await status(createVisitor(), `/runs/${open}`)).toBe(401)
  for (const [visitor, seen, stopped] of [
    [eve, 200, 403],
    [mallory, 404, 404],
    [root, 200, 403],
  ] as const) {
    expect([await status(visitor, `/runs/${secret}`), await status(visitor, `/runs/${open}`)]).toEqual([
      seen,
      200,
    ])
    expect(await cancel(visitor)).toBe(stopped)
  }
  // What exists and is hidden looks like what does not exist.
  const [hidden, missing] = [
    await mallory.open(`${web.url}/runs/${secret}`),
    await mallory.open(`${web.url}/runs/${secret.replace(/^./, 'x')}`),
  ]
  expect(hidden.html).toBe(missing.html)
  expect(await repositories(mallory)).toEqual(['acme/open'])
  expect(await repositories(root)).toEqual(['acme/api', 'acme/open'])
  expect((await eve.open(`${web.url}/runs/${secret}`)).html).not.toContain(`action="/runs/${secret}/cancel"`)
  expect([await status(eve, '/metrics'), await status(root, '/metrics')]).toEqual([403, 200])
  expect(await cancel(ada)).toBe(202)

  const code = async (visitor: Visitor, name: string) => {
    const body = JSON.stringify({ repoUrl: `${world.github.url}/acme/${name}`, prompt: 'x' })
    const headers = { 'content-type': 'application/json', accept: 'application/json' }
    const answer = await visitor.send(`${web.url}/code`, { method: 'POST', body, headers })
    return {
      status: answer.status,
      body: (await answer.json()) as { runId: string; error: { message: string } },
    }
  }
  const started = await code(ada, 'api')
  expect(started.status).toBe(202)
  // The publisher asks again about this login.
  expect((await web.runs.store.get(started.body.runId))?.request.requester).toMatchObject({
    login: 'ada',
    owner: 'ada',
    id: expect.any(Number),
  })
  const refusals = [await code(eve, 'api'), await code(mallory, 'api'), await code(mallory, 'gone')]
  expect(refusals.map(({ status, body }) => `${status} ${body.error.message}`)).toEqual([
    '403 eve has no write access to acme/api on GitHub.',
    expect.stringMatching(/^404 acme\/api does not exist, or mallory or Backspace cannot see it/),
    expect.stringMatching(/^404 acme\/gone does not exist, or mallory or Backspace cannot see it/),
  ])
  for (let count = 0; count < 20; count++) await code(mallory, 'gone')
  expect((await code(mallory, 'gone')).status).toBe(429)
})

test('who is removed from a repository sees nothing of it minutes later, on an open stream neither', async () => {
  const { web, github, secret, status, later, ...world } = await startWithRuns()
  const eve = await signInAs({ web, github, ...world }, 'eve')
  const stream = await eve.send(`${web.url}/runs/${secret}/events`)
  const ended = stream.text()
  expect(await status(eve, `/runs/${secret}`)).toBe(200)
  github.setRole('acme/api', 'eve', 'none')
  later(5)
  expect(await status(eve, `/runs/${secret}`)).toBe(404)
  expect(await ended).toContain('retry: 2000')
  github.setRole('acme/api', 'eve', 'read')
  later(5)
  expect(await status(eve, `/runs/${secret}`)).toBe(200)
})

test('a person keeps their access under a new login, and the next owner of the old one gets none of it', async () => {
  const { web, github, secret, open, status, later, ...world } = await startWithRuns()
  const ada = await signInAs({ web, github, ...world }, 'ada')
  github.renameUser('ada', 'lovelace')
  // Another person takes the old login.
  github.createUser({ login: 'ada' })
  later(5)
  expect(await status(ada, `/runs/${secret}`)).toBe(200)
  const impostor = await signInAs({ web, github, ...world }, 'ada')
  expect(await status(impostor, `/runs/${secret}`)).toBe(404)
  expect(await status(ada, `/runs/${secret}/cancel`, { method: 'POST' })).toBe(202)
  expect((await ada.open(`${web.url}/runs/${open}`)).html).toContain('href="/account">lovelace</a>')
  later(5)
  expect([await status(ada, `/runs/${secret}`), await status(impostor, `/runs/${secret}`)]).toEqual([
    200, 404,
  ])
})

test('a login is new at each sign-in, ends when it is unused or old, here and everywhere, and obeys only our own pages', async () => {
  const { web, github, open, status, later, auditKinds, ...world } = await startWithRuns()
  const here = { web, github, auditKinds, ...world }
  const login = (visitor: Visitor) => visitor.cookiesOf(web.url).get('backspace_login') ?? ''

  // A key that another person planted, made up or real, is worth nothing after the sign-in.
  const planted = await signInAs(here, 'mallory')
  const victim = createVisitor()
  await victim.send(web.url)
  victim.cookiesOf(web.url).set('backspace_login', login(planted))
  github.signInAs('ada')
  await victim.open(`${web.url}/auth/github`)
  const asks = await victim.open(`${web.url}/auth/github`)
  if (asks.url.startsWith(github.url)) {
    const body = new URLSearchParams({ authorize: '1' })
    const agreed = await victim.send(asks.url, { method: 'POST', body })
    await victim.open(agreed.headers.get('location') ?? '')
  }
  expect(login(victim)).not.toBe(login(planted))
  expect([await status(planted, `/runs/${open}`), await status(victim, `/runs/${open}`)]).toEqual([401, 200])

  // Other sites can send nothing with it, and GETs change nothing.
  const [phone, desk] = [await signInAs(here, 'ada'), await signInAs(here, 'ada')]
  const crossSite = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: web.url },
  ]
  for (const headers of crossSite) {
    for (const path of ['/logout', '/logout/everywhere', `/runs/${open}/share`, `/runs/${open}/cancel`]) {
      expect([path, await status(phone, path, { method: 'POST', headers })]).toEqual([path, 403])
    }
  }
  for (const path of ['/logout', '/logout/everywhere', `/runs/${open}/cancel`]) {
    expect([path, await status(phone, path)]).toEqual([path, 405])
  }

  const key = login(phone)
  await phone.send(`${web.url}/logout`, { method: 'POST' })
  phone.cookiesOf(web.url).set('backspace_login', key)
  expect([await status(phone, '/runs'), await status(desk, '/runs')]).toEqual([401, 200])
  const tablet = await signInAs(here, 'ada')
  await tablet.send(`${web.url}/logout/everywhere`, { method: 'POST' })
  expect([await status(desk, '/runs'), await status(victim, '/runs')]).toEqual([401, 401])
  expect((await auditKinds()).slice(-2)).toEqual([
    ['person:ada', 'person.signed_in'],
    ['person:ada', 'person.signed_out'],
  ])

  // An operator ends the logins of another person, and no one else does.
  const [kept, root, eve] = [
    await signInAs(here, 'ada'),
    await signInAs(here, 'root'),
    await signInAs(here, 'eve'),
  ]
  const people = (await root.open(`${web.url}/account`)).html
  const [, ending = ''] = /<strong>ada<[\s\S]*?action="([^"]+)"/.exec(people) ?? []
  expect((await eve.open(`${web.url}/account`)).html).not.toContain('ada')
  expect(await status(eve, ending, { method: 'POST' })).toBe(403)
  expect([await status(kept, '/runs'), await status(root, ending, { method: 'POST' })]).toEqual([200, 303])
  expect([await status(kept, '/runs'), await status(eve, '/runs')]).toEqual([401, 200])

  const idle = await signInAs(here, 'ada')
  later(3 * 24 * 60 - 1)
  expect(await status(idle, '/runs')).toBe(200)
  later(3 * 24 * 60)
  expect(await status(idle, '/runs')).toBe(401)
  const busy = await signInAs(here, 'ada')
  for (let day = 0; day < 13; day++) {
    later(24 * 60)
    expect([day, await status(busy, '/runs')]).toEqual([day, 200])
  }
  later(24 * 60)
  expect(await status(busy, '/runs')).toBe(401)
  // Tokens work beside all this.
  expect((await askWith(web, OPS, '/runs')).status).toBe(200)
})
