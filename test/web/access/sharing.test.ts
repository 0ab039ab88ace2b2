import { expect, test } from 'vitest'
import { createRedact } from '../../../src/secrets/redact.ts'
import { BODIES, SUCCESS } from '../a-run.ts'
import { useDatabase } from '../serve-web.ts'
import { createVisitor, OPS, type SignInWorld, signInAs, startSignIn, type Visitor } from './sign-in-world.ts'
import { askWith, makeToken, onRepository, refusalOf } from './token-fixture.ts'

const database = useDatabase()
const DAY_MS = 24 * 3_600_000

async function startWithLink() {
  let now = Date.now()
  const world = await startSignIn(database(), { now: () => new Date(now), recheckMs: 20 })
  const { web } = world
  const run = await web.play([...BODIES, SUCCESS], onRepository('acme', 'api'))
  const other = await web.play([], onRepository('acme', 'api'))
  const ada = await signInAs(world, 'ada')
  const later = (ms: number) => {
    now += ms
  }
  return { ...world, run, other, ada, later }
}

interface Link {
  readonly id: string
  readonly url: string
  readonly expiresAt: string
}

async function share({ web }: Pick<SignInWorld, 'web'>, visitor: Visitor, run: string, body: object = {}) {
  const answer = await visitor.send(`${web.url}/runs/${run}/share`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { accept: 'application/json', 'content-type': 'application/json' },
  })
  expect(answer.status).toBe(201)
  return (await answer.json()) as Link
}

async function statusOf(visitor: Visitor, url: string, sent = {}): Promise<number> {
  const answer = await visitor.send(url, { headers: { accept: 'application/json' }, ...sent })
  if (answer.headers.get('content-type')?.startsWith('text/event-stream')) await answer.body?.cancel()
  return answer.status
}

test('a link shows one run to people without access, all of it, and nothing else', async () => {
  const world = await startWithLink()
  const { web, run, other, ada, later } = world
  const { url, expiresAt } = await share(world, ada, run)
  expect(url).toMatch(new RegExp(`^${web.url}/shared/bss_[\\w-]{49}$`))
  expect((Date.parse(expiresAt) - Date.now()) / DAY_MS).toBeCloseTo(7, 1)

  const reader = createVisitor()
  const first = await reader.send(url)
  expect([first.status, first.headers.get('location')]).toEqual([303, `/runs/${run}`])
  expect(first.headers.get('referrer-policy')).toBe('no-referrer')
  expect(reader.set[0]).toMatch(
    /^backspace_share_\S+=bss_[\w-]+; Max-Age=60\d{4}; Path=\/; HttpOnly; SameSite=Lax$/,
  )
  // A browser sends all of its cookies with each request, whose head has a limit: the oldest links give way.
  const full = Array.from({ length: 31 }, (_, index) => `backspace_share_old-${index}=bss_x`)
  const again = await fetch(url, { redirect: 'manual', headers: { cookie: full.join('; ') } })
  expect(again.headers.getSetCookie().map((cookie) => cookie.split(';')[0])).toEqual([
    'backspace_share_old-0=',
    'backspace_share_old-1=',
    expect.stringContaining(`backspace_share_${run}=bss_`),
  ])
  const page = await reader.send(`${web.url}/runs/${run}`)
  const html = await page.text()
  expect([page.status, page.headers.get('x-robots-tag'), page.headers.get('referrer-policy')]).toEqual([
    200,
    'noindex, nofollow',
    'no-referrer',
  ])
  expect(html).not.toMatch(/method="post"|bss_|Log out/)
  const shown = async (visitor: Visitor, id: string) => {
    const paths = ['', '/events', '/live?after=0', '/diff', '/receipt']
    return Promise.all(paths.map((path) => statusOf(visitor, `${web.url}/runs/${id}${path}`)))
  }
  expect(await shown(reader, run)).toEqual([200, 200, 200, 200, 404])
  expect(await shown(reader, other)).toEqual([401, 401, 401, 401, 401])
  for (const path of ['/', '/runs', '/metrics', `/runs/${run}/share`, '/code'])
    expect([path, await statusOf(reader, `${web.url}${path}`)]).toEqual([path, path === '/code' ? 405 : 401])
  for (const path of ['cancel', 'notes', 'approve', 'share'])
    expect([path, await statusOf(reader, `${web.url}/runs/${run}/${path}`, { method: 'POST' })]).toEqual([
      path,
      401,
    ])

  // Nor does it come into a log or an event.
  expect(createRedact([])(`GET ${url}`)).not.toContain(url.slice(-49))

  // A program sends the secret itself; of another run it says nothing.
  const secret = url.split('/').at(-1) ?? ''
  expect((await askWith(web, secret, `/runs/${run}`)).status).toBe(200)
  expect((await askWith(web, secret, `/runs/${other}`)).status).toBe(401)
  expect((await askWith(web, secret, '/runs')).status).toBe(401)

  // A person who may not read the repository sees the run by the link, and still no other.
  const mallory = await signInAs(world, 'mallory')
  expect(await statusOf(mallory, `${web.url}/runs/${run}`)).toBe(404)
  await mallory.send(url)
  expect([
    await statusOf(mallory, `${web.url}/runs/${run}`),
    await statusOf(mallory, `${web.url}/runs/${other}`),
  ]).toEqual([200, 404])
  // One who may write keeps their own rights.
  await ada.send(url)
  expect((await ada.open(`${web.url}/runs/${run}`)).html).toContain('Log out')

  later(7 * DAY_MS)
  expect(await statusOf(reader, `${web.url}/runs/${run}`)).toBe(401)
  expect(await reader.open(url)).toMatchObject({
    status: 404,
    html: expect.stringContaining('has expired, was revoked, or is incomplete'),
  })
})

test('a link that was changed, revoked, or made by a person who lost access shows nothing, on an open stream neither', async () => {
  const world = await startWithLink()
  const { web, github, other, ada, later, auditKinds } = world
  const { id, url } = await share(world, ada, other, { days: 30 })
  const open = async (address: string) => (await createVisitor().open(address)).status
  expect(await open(url)).toBe(200)
  for (let at = url.length - 55; at < url.length; at += 6) {
    const letter = url[at] === 'A' ? 'B' : 'A'
    expect([at, await open(`${url.slice(0, at)}${letter}${url.slice(at + 1)}`)]).toEqual([at, 404])
  }
  expect([await open(url.slice(0, -1)), await open(`${url}x`)]).toEqual([404, 404])
  // Guessing is hopeless; that it costs something is bounded, and a link that works still opens.
  for (let count = 0; count < 30; count++) await open(`${url}x`)
  expect([await open(`${url}x`), await open(url)]).toEqual([429, 200])
  later(60_000)

  const reader = createVisitor()
  await reader.send(url)
  const ended = (await reader.send(`${web.url}/runs/${other}/events`)).text()
  const list = async () =>
    (await (
      await ada.send(`${web.url}/runs/${other}/share`, { headers: { accept: 'application/json' } })
    ).json()) as {
      links: Link[]
    }
  expect((await list()).links).toEqual([expect.objectContaining({ id, madeBy: 'ada' })])
  expect(JSON.stringify(await list())).not.toContain('bss_')
  expect(await statusOf(ada, `${web.url}/runs/${other}/share/${id}`, { method: 'DELETE' })).toBe(204)
  expect(await statusOf(ada, `${web.url}/runs/${other}/share/${id}`, { method: 'DELETE' })).toBe(404)
  expect(await ended).toContain('retry: 2000')
  expect([await open(url), await statusOf(reader, `${web.url}/runs/${other}`)]).toEqual([404, 401])
  expect((await list()).links).toEqual([])

  // A link ends with its maker's access; so does that of a token.
  const second = await share(world, ada, other)
  const { text } = await makeToken(web, { name: 'ci' })
  const made = await askWith(web, text, `/runs/${other}/share`, { method: 'POST', body: { days: 1 } })
  const third = (await made.json()) as Link
  expect([await open(second.url), await open(third.url)]).toEqual([200, 200])
  await web.tokens.revoke('ci')
  github.setRole('acme/api', 'ada', 'none')
  later(5 * 60_000)
  expect([await open(second.url), await open(third.url)]).toEqual([404, 404])
  expect((await auditKinds()).filter(([, kind]) => kind.startsWith('share.'))).toEqual([
    ['person:ada', 'share.made'],
    ['person:ada', 'share.revoked'],
    ['person:ada', 'share.made'],
    ['token:ci', 'share.made'],
  ])
  // Nothing of a link is in the database.
  const rows = await database().sql.selectFrom('share_links').selectAll().execute()
  expect(JSON.stringify(rows)).not.toContain(second.url.split('/').at(-1))
})

test('who may write makes links, with the form as well, and operators; no one else', async () => {
  const world = await startWithLink()
  const { web, run, ada } = world
  const eve = await signInAs(world, 'eve')
  const mallory = await signInAs(world, 'mallory')
  const root = await signInAs(world, 'root')
  const address = `${web.url}/runs/${run}/share`
  const post = { method: 'POST', body: new URLSearchParams({ days: '1' }) }
  const statuses = (visitor: Visitor) =>
    Promise.all([statusOf(visitor, address), statusOf(visitor, address, { ...post, headers: {} })])
  expect([await statuses(eve), await statuses(mallory), await statuses(root)]).toEqual([
    [403, 403],
    [404, 404],
    [200, 201],
  ])
  const { text } = await makeToken(web, { name: 'reader', rights: ['read'] })
  expect(
    await refusalOf(await askWith(web, text, `/runs/${run}/share`, { method: 'POST', body: {} })),
  ).toMatch(/^403 /)
  for (const body of [{ days: 2 }, { days: 365 }, { days: '7' }, { more: 1 }, []])
    expect([body, (await askWith(web, OPS, `/runs/${run}/share`, { method: 'POST', body })).status]).toEqual([
      body,
      400,
    ])
  const made = await ada.send(address, post)
  const html = await made.text()
  expect([made.status, made.headers.get('cache-control')]).toEqual([201, 'no-store'])
  const [, link = ''] = /value="([^"]+\/shared\/bss_[^"]+)"/.exec(html) ?? []
  expect((await createVisitor().open(link)).status).toBe(200)
  const [, action = ''] = /action="([^"]+\/revoke)"/.exec(html) ?? []
  const revoked = await ada.send(`${web.url}${action}`, { method: 'POST' })
  expect([revoked.status, revoked.headers.get('location')]).toEqual([303, `/runs/${run}/share`])
})
