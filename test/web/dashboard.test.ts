import { expect, test } from 'vitest'
import type { RunListBody } from '../../src/web/bodies.ts'
import type { StatsBody } from '../../src/web/stats-body.ts'
import { onIssue } from '../runs/start-runs.ts'
import { storePastRun } from '../runs/stats/past-runs.ts'
import { BODIES, SUCCESS } from './a-run.ts'
import { askWith, makeToken } from './access/token-fixture.ts'
import { SECRET, serveWeb, useDatabase } from './serve-web.ts'

const database = useDatabase()
const HOUR = 60 * 60_000
const ago = (hours: number) => new Date(Date.now() - hours * HOUR)

const OPEN = { owner: 'acme', name: 'open', id: 1 }
const HIDDEN = { owner: 'acme', name: 'hidden', id: 2 }
const ELSE = { owner: 'else', name: 'where', id: 3 }

/** Runs of three repositories, and who may see which: ada reads acme/open, the token ci all of acme, root everything. */
async function serve() {
  const web = await serveWeb(database(), {
    operators: ['root'],
    permissionOf: async ({ name }) => (name === 'hidden' ? 'none' : 'write'),
  })
  let count = 0
  for (const repository of [OPEN, HIDDEN, ELSE]) {
    for (let n = 0; n < 6; n++) {
      count++
      await storePastRun(database(), `past-${count}`, {
        request: onIssue(count, { repository, prompt: `Task ${count} of ${repository.name}` }),
        createdAt: ago(n + 2),
        minutes: 5,
        pullRequest: count,
        totals: { costUsd: 1 },
      })
    }
  }
  const { text: ada } = await makeToken(web, { name: 'laptop', owner: 'ada' })
  const { text: ci } = await makeToken(web)
  const { text: all } = await makeToken(web, { name: 'all', repositories: ['*/*'] })
  const json = async <Body>(token: string, path: string) =>
    (await (await askWith(web, token, path)).json()) as Body
  const list = async (token: string, query = '') => json<RunListBody>(token, `/runs${query}`)
  const stats = async (token: string, query = '') => json<StatsBody>(token, `/stats${query}`)
  return { web, ada, ci, all, list, stats, json }
}

test('lists, cursors and figures hold what the caller may see, and nothing shows that there is more', async () => {
  const { web, ada, ci, all, list, stats } = await serve()
  const names = async (token: string, query: string) =>
    new Set((await list(token, query)).runs.map(({ repository }) => repository))
  expect(await names(ada, '')).toEqual(new Set(['acme/open']))
  expect(await names(ci, '')).toEqual(new Set(['acme/open', 'acme/hidden']))
  expect(await names(all, '')).toEqual(new Set(['acme/open', 'acme/hidden', 'else/where']))
  const page = await list(ada, '?limit=4')
  expect(page.runs).toHaveLength(4)
  expect(await list(ada, `?limit=4&before=${page.next}`)).toMatchObject({ next: null, searchedTo: null })
  // A cursor of what ada may not see finds as little as one that does not exist.
  expect(await list(ada, '?before=past-12')).toEqual(await list(ada, '?before=nothing'))
  expect(await list(ada, '?repository=acme/hidden')).toEqual(await list(ada, '?repository=acme/none'))
  expect((await list(ada, '?text=of+HIDDEN')).runs).toEqual([])
  expect(
    (await list(ci, '?text=of+HIDDEN&status=succeeded&trigger=comment&requester=ADA')).runs,
  ).toHaveLength(6)
  expect((await list(ci, '?outcome=&status=&text=&repository=acme/open')).runs).toHaveLength(6)

  expect(await stats(ada)).toMatchObject({
    repositoriesSeen: 1,
    runs: { succeeded: 6 },
    dollars: { total: 6 },
    pullRequests: { opened: 6 },
    live: { slots: null },
    repositories: [{ repository: 'acme/open' }],
  })
  expect((await stats(ci)).runs.succeeded).toBe(12)
  expect(await stats(all, '?days=7')).toMatchObject({
    repositoriesSeen: null,
    runs: { succeeded: 18 },
    live: { slots: 0 },
  })
  const { to: _, ...hidden } = await stats(ada, '?repository=acme/hidden')
  const { to: __, ...none } = await stats(ada, '?repository=acme/none')
  expect({ ...hidden, repository: '' }).toEqual({ ...none, repository: '' })
  expect((await askWith(web, ada, '/stats?days=2')).status).toBe(400)
  const { text: starter } = await makeToken(web, { name: 'starter', rights: ['start'] })
  for (const path of ['/stats', '/runs', '/']) expect((await askWith(web, starter, path)).status).toBe(403)
  for (const path of ['/', '/stats', '/runs', '/new']) {
    const headers = { accept: 'text/html', authorization: `Bearer ${ada}` }
    const html = await (await fetch(`${web.url}${path}`, { headers })).text()
    expect(html).toContain('acme/open')
    expect(html).not.toMatch(/acme\/hidden|else\/where/)
  }
})

test('what is masked cannot be found letter by letter, and a run says what runs like it cost before', async () => {
  const { web, ci, list, json } = await serve()
  const prompt = `Deploy with ${SECRET} please`
  const { run } = await web.runs.submit({ request: onIssue(99, { repository: OPEN, prompt }) })
  expect((await list(ci, '?text=deploy+with')).runs.map(({ id }) => id)).toEqual([run.id])
  const again = await web.runs.submit({ request: onIssue(97, { repository: OPEN, prompt }) })
  for (const part of [SECRET, SECRET.slice(0, 8)]) {
    for (const limit of ['', '&limit=1']) {
      expect(await list(ci, `?text=${part}${limit}`)).toEqual({ runs: [], next: null, searchedTo: null })
    }
  }
  const page = await list(ci, '?text=deploy+with&limit=1')
  expect([page.runs.map(({ id }) => id), page.next]).toEqual([[again.run.id], again.run.id])
  expect(await list(ci, `?text=deploy+with&limit=1&before=${page.next}`)).toMatchObject({
    runs: [{ id: run.id }],
    next: null,
  })
  expect(await json(ci, `/runs/${run.id}`)).toMatchObject({
    similar: {
      runs: 6,
      usd: { from: 1, to: 1 },
      message: expect.stringContaining('6 runs like this: $1.00, 5 min'),
    },
  })
  const first = await web.runs.submit({
    request: onIssue(5, { repository: { ...ELSE, name: 'new', id: 9 } }),
  })
  const { text: all } = await makeToken(web, { name: 'every', repositories: ['*/*'] })
  expect(await json(all, `/runs/${first.run.id}`)).toMatchObject({ similar: null })
  const ended = await web.play([...BODIES, SUCCESS], { request: onIssue(98, { repository: OPEN }) })
  expect(await json(ci, `/runs/${ended}`)).toMatchObject({ similar: null })
})

test('a run that a person starts on the page needs the right to write, asked at that moment', async () => {
  const { web, ada } = await serve()
  const post = (repository: string, fields = {}) =>
    fetch(`${web.url}/new`, {
      method: 'POST',
      redirect: 'manual',
      headers: { authorization: `Bearer ${ada}`, accept: 'text/html' },
      body: new URLSearchParams({ repository, prompt: 'Go <b>on</b>', ...fields }),
    })
  const refused = await post('acme/hidden')
  expect(refused.status).toBe(404)
  const html = await refused.text()
  expect(html).toContain('acme/hidden does not exist, or ada or Backspace cannot see it')
  expect(html).toContain('Go &lt;b&gt;on&lt;/b&gt;')
  const sent = async (prompt: string) => {
    const answer = await post('acme/open', { prompt, key: 'key-of-the-form' })
    return [answer.status, answer.headers.get('location')]
  }
  const first = await sent('Go on')
  expect(first).toEqual([303, expect.stringMatching(/^\/runs\//)])
  expect(await sent('Go on')).toEqual(first)
  // The Back button shows the form again, with its key.
  const other = await sent('Go on, but slowly')
  expect([other[0], other[1] === first[1]]).toEqual([303, false])
  const evil = await post('https://evil.example/acme/open')
  expect([evil.status, await evil.text()]).toEqual([
    400,
    expect.stringContaining('“Repository” must be exactly https://github.com/owner/repo'),
  ])
  const wrong = await (await post('acme/open', { budgetUsd: '500', model: 'gpt', base: '..' })).text()
  for (const name of ['Budget in dollars', 'Model', 'Base branch'])
    expect(wrong).toContain(`“${name}” must be`)
  const { text: reader } = await makeToken(web, { name: 'reader', rights: ['read'] })
  expect((await askWith(web, reader, '/new')).status).toBe(403)
})
