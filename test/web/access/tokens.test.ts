import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { BACKUP_TABLES } from '../../../src/runs/backup/backup-format.ts'
import { SUCCEEDED } from '../../runs/start-runs.ts'
import { serveWeb, useDatabase } from '../serve-web.ts'
import { askWith, makeToken, onRepository, refusalOf } from './token-fixture.ts'

const database = useDatabase()

test('a token reaches the runs of its repositories; others do not exist for it (S39)', async () => {
  const web = await serveWeb(database(), { publicUrl: () => 'http://localhost' })
  const own = await web.play(
    [{ type: 'notice', level: 'info', message: 'x' }, SUCCEEDED],
    onRepository('acme', 'api'),
  )
  const other = await web.play([SUCCEEDED], onRepository('acme-2', 'api'))
  const { text } = await makeToken(web, { repositories: ['acme/*'] })
  const nothing = '00000000-0000-4000-8000-000000000000'
  const status = async (method: string, path: string, body?: unknown) =>
    (await askWith(web, text, path, { method, body })).status
  for (const path of ['', '/events', '/live']) {
    expect([path, await status('GET', `/runs/${own}${path}`)]).toEqual([path, 200])
  }
  const verbs = [
    ['GET', '', undefined],
    ['GET', '/events', undefined],
    ['GET', '/live', undefined],
    ['GET', '/diff', undefined],
    ['POST', '/cancel', undefined],
    ['POST', '/notes', { text: 'more' }],
    ['POST', '/approve', undefined],
  ] as const
  for (const [method, path, body] of verbs) {
    const [hidden, missing] = await Promise.all(
      [other, nothing].map((id) => askWith(web, text, `/runs/${id}${path}`, { method, body })),
    )
    // The same answer as for a run that was never there.
    expect([path, hidden?.status, await hidden?.text()]).toEqual([path, 404, await missing?.text()])
  }
  expect(await status('POST', `/runs/${own}/cancel`)).toBe(409)
  const continues = (parentRunId: string) =>
    status('POST', '/code', { repoUrl: 'https://github.com/acme/api', prompt: 'x', parentRunId })
  expect([await continues(own), await continues(other), await continues(nothing)]).toEqual([202, 404, 404])
})

test('the list, its length and its cursor show only runs of the token (S39)', async () => {
  const web = await serveWeb(database())
  const ids: string[] = []
  for (const owner of ['acme', 'hidden', 'acme', 'hidden', 'acme']) {
    ids.push((await web.runs.submit(onRepository(owner, 'my_repo'))).run.id)
  }
  const { text } = await makeToken(web, { repositories: ['acme/my_repo'] })
  const list = async (query: string) =>
    (await (await askWith(web, text, `/runs${query}`)).json()) as {
      runs: { id: string }[]
      next: string | null
    }
  const all = await list('')
  expect([all.runs.map(({ id }) => id), all.next]).toEqual([[ids[4], ids[2], ids[0]], null])
  expect(await list('?limit=2')).toMatchObject({ runs: [{ id: ids[4] }, { id: ids[2] }], next: ids[2] })
  expect((await list(`?before=${ids[2]}`)).runs.map(({ id }) => id)).toEqual([ids[0]])
  // A run that is not theirs is no place to continue from.
  expect((await list(`?before=${ids[3]}`)).runs).toEqual([])
  expect((await list('?repository=hidden/my_repo')).runs).toEqual([])
})

test('POST /code outside the repositories is refused before GitHub is asked, and after a rename (S38)', async () => {
  const asked: string[] = []
  const web = await serveWeb(database(), {
    checkRepository: (repository) => {
      asked.push(repository.name)
      return Promise.resolve(repository.name === 'old' ? { owner: 'other', name: 'new', id: 7 } : repository)
    },
  })
  const { text } = await makeToken(web)
  const start = (name: string) =>
    askWith(web, text, '/code', {
      method: 'POST',
      body: { repoUrl: `https://github.com/${name}`, prompt: 'x' },
    })
  expect((await start('Acme/API')).status).toBe(202)
  expect(await refusalOf(await start('other/api'))).toMatch(
    /^403 The API token ci may not start runs on other\/api\./,
  )
  expect(asked).toEqual(['API'])
  expect(await refusalOf(await start('acme/old'))).toMatch(/^403 .* other\/new\./)
  const { rows } = await sql`select repository from runs`.execute(database().sql)
  expect(rows).toEqual([{ repository: 'acme/api' }])
})

test('a right that is missing is named, and start alone shows no stream', async () => {
  const web = await serveWeb(database())
  const id = (await web.runs.submit(onRepository('acme', 'api'))).run.id
  const [starter, reader, counter] = await Promise.all([
    makeToken(web, { name: 'starter', rights: ['start'] }),
    makeToken(web, { name: 'reader', rights: ['read'] }),
    makeToken(web, { name: 'counter', rights: ['metrics'] }),
  ])
  const body = { repoUrl: 'https://github.com/acme/api', prompt: 'x' }
  const code = { method: 'POST', body, headers: { accept: 'text/event-stream' } }
  expect((await askWith(web, starter.text, '/code', code)).status).toBe(202)
  expect(await refusalOf(await askWith(web, starter.text, `/runs/${id}`))).toContain(
    '403 The API token starter does not have the right "read"',
  )
  expect(await refusalOf(await askWith(web, starter.text, '/runs'))).toContain('right "read"')
  for (const path of ['/code', `/runs/${id}/cancel`, `/runs/${id}/notes`, `/runs/${id}/approve`]) {
    const answer = await askWith(web, reader.text, path, { method: 'POST', body: { text: 'x' } })
    expect(await refusalOf(answer)).toContain('403 The API token reader does not have the right "start"')
  }
  expect((await askWith(web, reader.text, `/runs/${id}`)).status).toBe(200)
  expect((await askWith(web, reader.text, '/metrics')).status).toBe(403)
  expect((await askWith(web, counter.text, '/metrics')).status).toBe(200)
  expect((await askWith(web, counter.text, '/runs')).status).toBe(403)
})

test('a token that expired or was revoked says so to its owner; a guess learns nothing (S38)', async () => {
  let now = new Date('2026-11-29T12:00:00Z')
  const web = await serveWeb(database(), { now: () => now })
  const expiring = await makeToken(web, { name: 'a', expiresAt: new Date('2026-11-29T12:00:10Z') })
  const revoked = await makeToken(web, { name: 'b' })
  const status = async (token: string) => (await askWith(web, token, '/runs')).status
  expect([await status(expiring.text), await status(revoked.text)]).toEqual([200, 200])
  await web.tokens.revoke('b')
  now = new Date('2026-11-29T12:00:10Z')
  expect(await refusalOf(await askWith(web, expiring.text, '/runs'))).toContain(
    '401 The API token a expired on 2026-11-29',
  )
  expect(await refusalOf(await askWith(web, revoked.text, '/runs'))).toContain(
    '401 The API token b was revoked',
  )
  const guess = `${revoked.text.slice(0, -8)}AAAAAAAA`
  expect(await refusalOf(await askWith(web, guess, '/runs'))).toContain('401 This API token is not known')
  // The name is free again, and the old token stays dead.
  const again = await makeToken(web, { name: 'B' })
  expect([await status(again.text), await status(revoked.text)]).toEqual([200, 401])
  await expect(makeToken(web, { name: 'b' })).rejects.toMatchObject({ code: 'conflict' })
})

test('the database holds no token and no login (S38)', async () => {
  const web = await serveWeb(database())
  const { text } = await makeToken(web)
  const login = await fetch(`${web.url}/login`, {
    method: 'POST',
    body: new URLSearchParams({ token: text }),
    redirect: 'manual',
  })
  const cookie = /=([\w-]+)\./.exec(login.headers.get('set-cookie') ?? '')?.[1] ?? ''
  expect([text.length, cookie.length]).toEqual([53, 43])
  await askWith(web, text, '/runs')
  for (const table of [...BACKUP_TABLES, 'web_logins']) {
    const { rows } = await sql`select t::text as row from ${sql.table(table)} t`.execute(database().sql)
    const dump = JSON.stringify(rows)
    for (const secret of [text.slice(4, 40), cookie.slice(0, 30)])
      expect([table, dump.includes(secret)]).toEqual([table, false])
  }
  const [stored] = await web.tokens.list()
  expect(stored?.lastUsedAt).toBeInstanceOf(Date)
})

test('a token has its own number of runs per hour (S40)', async () => {
  const web = await serveWeb(database(), { queue: { limits: { requestsPerHour: 1 } } })
  const { text } = await makeToken(web, { runsPerHour: 2 })
  const body = { repoUrl: 'https://github.com/acme/api', prompt: 'x' }
  const start = () => askWith(web, text, '/code', { method: 'POST', body })
  expect([(await start()).status, (await start()).status]).toEqual([202, 202])
  const third = await start()
  expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(3000)
  expect(await refusalOf(third)).toMatch(/^429 The API token ci has requested 2 runs within the last hour/)
})
