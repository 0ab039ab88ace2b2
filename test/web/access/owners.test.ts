import { expect, test } from 'vitest'
import { BackspaceError } from '../../../src/errors.ts'
import { serveWeb, useDatabase } from '../serve-web.ts'
import { askWith, makeToken, onRepository, refusalOf } from './token-fixture.ts'

const database = useDatabase()

/** What GitHub says about ada. */
const ADA = { writes: 'write', reads: 'read', secret: 'none' } as const

async function serve() {
  const asked: string[] = []
  let now = new Date('2026-11-29T12:00:00Z')
  const permissions: Record<string, 'write' | 'read' | 'none'> = { ...ADA }
  const web = await serveWeb(database(), {
    now: () => now,
    permissionOf: ({ name }, { login }) => {
      asked.push(`${login} ${name}`)
      return Promise.resolve(permissions[name] ?? 'none')
    },
    checkRepository: (repository) =>
      repository.name === 'missing'
        ? Promise.reject(new BackspaceError('repository_not_found', 'acme/missing is not there.'))
        : Promise.resolve(repository),
  })
  const { text } = await makeToken(web, { name: 'laptop', owner: 'ada' })
  const later = () => {
    now = new Date(now.getTime() + 5 * 60_000)
  }
  return { web, text, asked, permissions, later }
}

test('the token of a person starts nothing that the person could not write', async () => {
  const { web, text } = await serve()
  const start = (name: string) =>
    askWith(web, text, '/code', {
      method: 'POST',
      body: { repoUrl: `https://github.com/acme/${name}`, prompt: 'x' },
    })
  const started = await start('writes')
  const { runId } = (await started.json()) as { runId: string }
  // The publisher asks again about this login.
  expect((await web.runs.store.get(runId))?.request.requester).toEqual({ login: 'laptop', owner: 'ada' })
  expect(await refusalOf(await start('reads'))).toBe(
    '403 The API token laptop belongs to ada, who has no write access to acme/reads on GitHub.',
  )
  // A private repository looks like one that does not exist.
  const [secret, missing] = [await refusalOf(await start('secret')), await refusalOf(await start('missing'))]
  expect(secret).toMatch(/^404 acme\/secret does not exist, or ada or Backspace cannot see it/)
  expect(missing.replace('missing', 'secret')).toBe(secret)
})

test('the token of a person shows and changes only what GitHub lets the person see and write', async () => {
  const { web, text } = await serve()
  const ids: Record<string, string> = {}
  for (const name of ['writes', 'secret', 'reads', 'secret', 'writes']) {
    ids[name] = (await web.runs.submit(onRepository('acme', name))).run.id
  }
  const status = async (name: string, path = '', method = 'GET', body?: unknown) =>
    (await askWith(web, text, `/runs/${ids[name]}${path}`, { method, body })).status
  expect([await status('writes'), await status('reads'), await status('secret')]).toEqual([200, 200, 404])
  const page = async (name: string, path = '') => {
    const headers = { authorization: `Bearer ${text}`, accept: 'text/html' }
    return (await fetch(`${web.url}/runs/${ids[name]}${path}`, { headers })).text()
  }
  for (const path of ['', '/actions']) {
    expect(await page('writes', path)).toContain('Stop this run')
    const shown = await page('reads', path)
    expect(shown).not.toContain('Stop this run')
  }
  const note = { text: 'x' }
  for (const name of ['reads', 'secret']) {
    const expected = name === 'reads' ? 403 : 404
    expect(await status(name, '/notes', 'POST', note)).toBe(expected)
    expect(await status(name, '/cancel', 'POST')).toBe(expected)
    expect(await status(name, '/approve', 'POST')).toBe(expected)
  }
  expect(await status('writes', '/cancel', 'POST')).toBe(202)
  const list = async (query: string) =>
    (await (await askWith(web, text, `/runs${query}`)).json()) as {
      runs: { repository: string }[]
      next: unknown
    }
  const all = await list('')
  expect([all.runs.map(({ repository }) => repository), all.next]).toEqual([
    ['acme/writes', 'acme/reads', 'acme/writes'],
    null,
  ])
  const first = await list('?limit=2')
  expect((await list(`?before=${first.next}`)).runs).toHaveLength(1)
  expect((await list(`?before=${ids.secret}`)).runs).toEqual([])
})

test('what GitHub says about reading is kept for five minutes, about writing not at all', async () => {
  const { web, text, asked, permissions, later } = await serve()
  const { id } = (await web.runs.submit(onRepository('acme', 'writes'))).run
  const read = async () => (await askWith(web, text, `/runs/${id}`)).status
  const add = async () =>
    (await askWith(web, text, `/runs/${id}/notes`, { method: 'POST', body: { text: 'x' } })).status
  expect([await read(), await read()]).toEqual([200, 200])
  expect(asked).toEqual(['ada writes'])
  permissions.writes = 'read'
  expect([await add(), await read()]).toEqual([403, 200])
  permissions.writes = 'none'
  later()
  expect([await read(), await add()]).toEqual([404, 404])
})

test('nothing is shown or started while GitHub does not answer', async () => {
  const web = await serveWeb(database(), {
    permissionOf: () => Promise.reject(new BackspaceError('github_unavailable', 'GitHub does not answer.')),
  })
  const { text } = await makeToken(web, { owner: 'ada' })
  const { id } = (await web.runs.submit(onRepository('acme', 'api'))).run
  expect((await askWith(web, text, `/runs/${id}`)).status).toBe(503)
  expect((await askWith(web, text, '/runs')).status).toBe(503)
  const body = { repoUrl: 'https://github.com/acme/api', prompt: 'x' }
  expect((await askWith(web, text, '/code', { method: 'POST', body })).status).toBe(503)
})

test('what is hidden is refused as late as what does not exist, so that the time tells nothing', async () => {
  const hiddenAfterMs = 120
  const web = await serveWeb(database(), {
    hiddenAfterMs,
    checkRepository: (repository) =>
      repository.name === 'missing'
        ? Promise.reject(new BackspaceError('repository_not_found', 'acme/missing is not there.'))
        : Promise.resolve(repository),
  })
  const { text } = await makeToken(web, { owner: 'ada' })
  const { id } = (await web.runs.submit(onRepository('acme', 'secret'))).run
  const start = (name: string) =>
    askWith(web, text, '/code', {
      method: 'POST',
      body: { repoUrl: `https://github.com/acme/${name}`, prompt: 'x' },
    })
  const asked = [
    () => start('secret'),
    () => start('missing'),
    () => askWith(web, text, `/runs/${id}`),
    () => askWith(web, text, '/runs/none'),
  ]
  await Promise.all(
    asked.map(async (ask) => {
      const began = performance.now()
      expect((await ask()).status).toBe(404)
      // Timers may fire a moment early.
      expect(performance.now() - began).toBeGreaterThan(hiddenAfterMs - 2)
    }),
  )
})
