import { expect, test } from 'vitest'
import { BackspaceError } from '../../../src/errors.ts'
import { useDatabase } from '../serve-web.ts'
import { ALL, CREATED, serveSetup } from './serve-setup.ts'

const database = useDatabase()
const serve = (options?: Parameters<typeof serveSetup>[1]) => serveSetup(database(), options)
test('with an App, operators see the checklist and others do not, not even by the way back from GitHub', async () => {
  const { web, get } = await serve()
  const { text: some } = await web.tokens.create({
    name: 'some',
    owner: null,
    repositories: ['acme/*'],
    rights: ['start', 'read'],
    runsPerHour: null,
    expiresAt: null,
  })
  for (const path of ['/setup', '/setup/checklist', '/setup/github?code=a&state=b']) {
    expect((await get(path)).status).toBe(401)
    expect((await get(path, some)).status).toBe(403)
  }
  expect(await (await get('/setup', ALL)).text()).toContain('Checklist')
  expect((await get('/setup/github?code=a&state=b', ALL)).status).toBe(409)
  expect((await get('/', ALL)).status).toBe(200)
})

test('after ten wrong codes an address gets no further answer for a minute, but the right code is let in', async () => {
  const { web, codes } = await serve({ hasApp: false })
  const enter = async (code: string) => {
    const body = new URLSearchParams({ code })
    return (await fetch(`${web.url}/setup/code`, { method: 'POST', body, redirect: 'manual' })).status
  }
  const first = []
  for (let tries = 0; tries < 10; tries++) first.push(await enter('WRONG'))
  expect(new Set(first)).toEqual(new Set([401]))
  expect([await enter('WRONG'), await enter(codes[0] ?? '')]).toEqual([429, 303])
})

test('keys that GitHub gives only once are not lost: when they cannot be stored they are shown, and when GitHub is away the way back works again', async () => {
  let answers = 0
  const { get, door } = await serve({
    hasApp: false,
    convert: () =>
      answers++ === 0
        ? Promise.reject(new BackspaceError('github_unavailable', 'GitHub is away.'))
        : Promise.resolve(CREATED),
    store: () => {
      throw new BackspaceError('unavailable', 'The App could not be kept in DATA_DIR (ENOSPC).')
    },
  })
  const state = door.depart({ holder: 'setting:all', keeping: 'stored' })
  const back = () => get(`/setup/github?code=abc&state=${state}`, ALL)
  expect((await back()).status).toBe(503)
  const shown = await (await back()).text()
  expect(shown).toContain('The App could not be kept in DATA_DIR (ENOSPC).')
  expect(shown).toContain(
    `PRIVATE_KEY=${Buffer.from('the key').toString('base64')}\nWEBHOOK_SECRET=the webhook secret\n`,
  )
  expect(shown).not.toContain('OPERATORS=')
  expect((await back()).status).toBe(403)
})

test('a link on another site does not fill in the form, for example where webhooks go', async () => {
  const { web } = await serve({ hasApp: false })
  const pageFor = async (site: string) => {
    const headers = { accept: 'text/html', authorization: `Bearer ${ALL}`, 'sec-fetch-site': site }
    const asked = `${web.url}/setup?webhook=https%3A%2F%2Fhooks.other.example&name=chosen-elsewhere`
    return (await fetch(asked, { headers })).text()
  }
  for (const site of ['cross-site', 'same-site'])
    expect(await pageFor(site)).not.toMatch(/hooks\.other\.example|chosen-elsewhere/)
  for (const site of ['same-origin', 'none']) expect(await pageFor(site)).toMatch(/hooks\.other\.example/)
})
