import { expect, test } from 'vitest'
import { BackspaceError } from '../../src/errors.ts'
import { BODIES, SUCCESS, TOTALS } from './a-run.ts'
import { serveWeb, useDatabase } from './serve-web.ts'

const database = useDatabase()
const UNTRACED = { ...SUCCESS, totals: { ...TOTALS, langsmithEnabled: false } } as typeof SUCCESS

test('a traced run leads to its page in LangSmith, for those who may see the run', async () => {
  const asked: string[] = []
  const web = await serveWeb(database(), {
    apiTokens: [{ name: 'ada', token: 'token-of-ada-0123456789' }],
    async findTrace({ id }) {
      asked.push(id)
      if (asked.length > 1) throw new BackspaceError('not_found', 'LangSmith has no trace of this run.')
      return 'https://smith.langchain.com/o/acme/projects/p/1/r/2'
    },
  })
  const headers = { authorization: 'Bearer token-of-ada-0123456789' }
  const get = (path: string, init: RequestInit = {}) =>
    fetch(`${web.url}${path}`, { headers, redirect: 'manual', ...init })
  const traced = await web.play([...BODIES, SUCCESS])
  const untraced = await web.play([...BODIES, UNTRACED])

  expect(await (await get(`/runs/${traced}`)).json()).toMatchObject({
    traceUrl: `${web.url}/runs/${traced}/trace`,
  })
  expect(await (await get(`/runs/${untraced}`)).json()).toMatchObject({ traceUrl: null })
  const page = await (await get(`/runs/${traced}`, { headers: { ...headers, accept: 'text/html' } })).text()
  expect(page).toContain(`href="${web.url}/runs/${traced}/trace"`)

  const answer = await get(`/runs/${traced}/trace`)
  expect([answer.status, answer.headers.get('location')]).toEqual([
    302,
    'https://smith.langchain.com/o/acme/projects/p/1/r/2',
  ])
  expect((await get(`/runs/${traced}/trace`)).status).toBe(404)
  expect((await get(`/runs/${untraced}/trace`)).status).toBe(404)
  expect((await get(`/runs/${traced}/trace`, { headers: {} })).status).toBe(401)
  expect(asked).toEqual([traced, traced])
})

test('without LangSmith no run has a trace there', async () => {
  const web = await serveWeb(database())
  const id = await web.play([...BODIES, SUCCESS])
  expect(await (await fetch(`${web.url}/runs/${id}`)).json()).toMatchObject({ traceUrl: null })
  expect((await fetch(`${web.url}/runs/${id}/trace`)).status).toBe(404)
})
