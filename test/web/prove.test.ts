import { expect, test } from 'vitest'
import { BackspaceError } from '../../src/errors.ts'
import { askWith, makeToken } from './access/token-fixture.ts'
import { serveWeb, useDatabase } from './serve-web.ts'

const database = useDatabase()
const BODY = { repoUrl: 'https://github.com/acme/api', pullRequest: 7 }

test('POST /prove starts one proof for a key, and asks GitHub only for those who may start it', async () => {
  const asked: number[] = []
  const web = await serveWeb(database(), {
    async findPullRequest(_repository, number) {
      asked.push(number)
      if (asked.length > 2) throw new BackspaceError('conflict', 'It is closed.')
      if (number !== 7) throw new BackspaceError('not_found', 'acme/api has no such pull request.')
      return {
        number,
        title: `Topic ${asked.length}`,
        author: 'eve',
        url: 'https://github.com/acme/api/pull/7',
      }
    },
  })
  const { text: ci } = await makeToken(web, { name: 'ci', repositories: ['acme/api'] })
  const { text: other } = await makeToken(web, { name: 'other', repositories: ['acme/web'] })
  const { text: reader } = await makeToken(web, { name: 'reader', rights: ['read'] })
  const post = (token: string, body: object = BODY, path = '/prove') =>
    askWith(web, token, path, { method: 'POST', body, headers: { 'idempotency-key': 'k' } })
  expect((await post(other)).status).toBe(403)
  expect((await post(reader)).status).toBe(403)
  expect((await post('nonsense')).status).toBe(401)
  expect((await post(ci, { ...BODY, prompt: 'x' })).status).toBe(400)
  expect(asked).toEqual([])

  const first = await post(ci)
  expect(first.status).toBe(202)
  const { runId } = (await first.json()) as { runId: string }
  expect((await web.runs.store.get(runId))?.request).toEqual({
    trigger: 'code',
    repository: { owner: 'acme', name: 'api' },
    prompt: 'Prove pull request #7.',
    thread: {
      ...{ kind: 'pull_request', number: 7, title: 'Topic 1', body: '', author: 'eve' },
      url: 'https://github.com/acme/api/pull/7',
    },
    requester: { login: 'ci' },
    options: { prove: true },
    tainted: false,
  })
  expect(await (await post(ci, BODY, '/api/prove')).json()).toMatchObject({ runId })
  expect((await post(ci, { ...BODY, pullRequest: 8 })).status).toBe(404)
  expect(asked).toEqual([7, 8])
  expect((await askWith(web, ci, '/prove', { method: 'POST', body: BODY })).status, 'closed').toBe(409)
  expect(await (await post(ci)).json(), 'the first answer').toMatchObject({ runId })

  const follow = { method: 'POST', body: { text: 'And faster' } }
  const note = await askWith(web, ci, `/runs/${runId}/notes`, follow)
  expect(note.status).toBe(409)
})
