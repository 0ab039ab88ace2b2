import { once } from 'node:events'
import { createServer } from 'node:http'
import nock from 'nock'
import { expect, onTestFinished, test } from 'vitest'
import { OPTIONAL_REQUEST } from '../../src/github/github-call.ts'
import { createGitHubClient, type GitHubClientOptions } from '../../src/github/github-client.ts'
import { interceptRequests } from '../support/intercept-requests.ts'

const API = 'https://api.github.test'
const repo = { owner: 'acme', repo: 'api' }

interceptRequests()

function client({ renew, ...more }: Partial<GitHubClientOptions> & { readonly renew?: () => void } = {}) {
  const waits: number[] = []
  const octokit = createGitHubClient({
    apiUrl: API,
    auth: { kind: 'token', token: async () => 'ghs_of_this_test', ...(renew ? { renew } : {}) },
    pause: async (ms) => void waits.push(ms),
    ...more,
  })
  return { octokit, waits }
}

test('a secondary limit is waited out as long as GitHub says, also for writes, since nothing was done', async () => {
  nock(API)
    .post('/repos/acme/api/issues/1/comments')
    .reply(403, { message: 'You have exceeded a secondary rate limit.' }, { 'retry-after': '7' })
    .post('/repos/acme/api/issues/1/comments')
    .reply(201, { id: 5 })
  const { octokit, waits } = client()
  const { data } = await octokit.rest.issues.createComment({ ...repo, issue_number: 1, body: 'hello' })

  expect(data.id).toBe(5)
  expect(waits).toEqual([7000])
})

test('a secondary limit without a header is waited out for a minute', async () => {
  nock(API)
    .get('/repos/acme/api')
    .reply(403, { message: 'You have exceeded a secondary rate limit.' })
    .get('/repos/acme/api')
    .reply(200, { id: 1 })
  const { octokit, waits } = client()
  await octokit.rest.repos.get(repo)
  expect(waits).toEqual([60_000])
})

test('a wait of more than a minute is not waited', async () => {
  nock(API).get('/repos/acme/api').reply(429, {}, { 'retry-after': '600' })
  const { octokit, waits } = client()
  await expect(octokit.rest.repos.get(repo)).rejects.toMatchObject({ status: 429 })
  expect(waits).toEqual([])
})

test('reads and git objects are sent again after a server error, a few times', async () => {
  nock(API).get('/repos/acme/api').times(2).reply(502).get('/repos/acme/api').reply(200, { id: 1 })
  nock(API)
    .post('/repos/acme/api/git/blobs')
    .reply(500)
    .post('/repos/acme/api/git/blobs')
    .reply(201, { sha: 'a' })
  const { octokit, waits } = client()
  await octokit.rest.repos.get(repo)
  await octokit.rest.git.createBlob({ ...repo, content: '', encoding: 'base64' })
  expect(waits).toHaveLength(3)

  nock(API).get('/repos/acme/api').times(3).reply(503)
  await expect(octokit.rest.repos.get(repo)).rejects.toMatchObject({ status: 503 })
})

test('a pull request is never asked for twice, since the first one may have been opened', async () => {
  nock(API).post('/repos/acme/api/pulls').reply(502)
  const { octokit, waits } = client()
  const request = octokit.rest.pulls.create({ ...repo, head: 'a', base: 'main', title: 't' })
  await expect(request).rejects.toMatchObject({ status: 502 })
  expect(waits).toEqual([])
})

test('a token that GitHub no longer accepts is renewed once', async () => {
  nock(API).get('/repos/acme/api').reply(401).get('/repos/acme/api').reply(200, { id: 1 })
  let renewed = 0
  const { octokit } = client({ renew: () => void renewed++ })
  await octokit.rest.repos.get(repo)
  expect(renewed).toBe(1)
})

test('the new token is tried for some seconds, since GitHub does not know it everywhere at once', async () => {
  nock(API).get('/repos/acme/api').times(4).reply(401).get('/repos/acme/api').reply(200, { id: 1 })
  let renewed = 0
  const { octokit, waits } = client({ renew: () => void renewed++ })
  await octokit.rest.repos.get(repo)
  expect(renewed).toBe(1)
  expect(waits).toEqual([1000, 2000, 3000])

  nock(API).get('/repos/acme/api').times(5).reply(401)
  await expect(octokit.rest.repos.get(repo)).rejects.toMatchObject({ status: 401 })
})

test('an answer that breaks off in the middle counts as none', async () => {
  nock(API).get('/repos/acme/api').reply(200, '{"id":', { 'content-type': 'application/json; charset=utf-8' })
  nock(API).get('/repos/acme/api').reply(200, { id: 1 })
  const { octokit, waits } = client()
  expect((await octokit.rest.repos.get(repo)).data.id).toBe(1)
  expect(waits).toEqual([1000])
})

test('an answer without content is whole, whatever type it claims', async () => {
  nock(API)
    .delete('/repos/acme/api/issues/comments/1/reactions/2')
    .reply(204, '', { 'content-type': 'application/json' })
  const { octokit, waits } = client()
  await octokit.rest.reactions.deleteForIssueComment({ ...repo, comment_id: 1, reaction_id: 2 })
  expect(waits).toEqual([])
})

test('each further wait without a header is twice as long, and they end together after the patience', async () => {
  nock(API)
    .get('/repos/acme/api')
    .times(4)
    .reply(403, { message: 'You have exceeded a secondary rate limit.' })
  const { octokit, waits } = client({ patienceMs: 300_000 })
  await expect(octokit.rest.repos.get(repo)).rejects.toMatchObject({ status: 403 })
  expect(waits).toEqual([60_000, 120_000])
})

test('an edit that may as well stay away never waits, and keeps all others away after a limit', async () => {
  const away: number[] = []
  const limiter = {
    take: async () => {},
    tryTake: () => away.length === 0,
    blockFor: (ms: number) => away.push(ms),
  }
  const scope = nock(API).patch('/repos/acme/api/issues/comments/1').reply(429, {}, { 'retry-after': '9' })
  const { octokit, waits } = client({ limiter })
  const edit = { ...repo, comment_id: 1, body: 'b', ...OPTIONAL_REQUEST }
  await expect(octokit.rest.issues.updateComment(edit)).rejects.toMatchObject({ status: 429 })
  await expect(octokit.rest.issues.updateComment(edit)).rejects.toMatchObject({ code: 'github_rate_limited' })
  expect([away, waits, scope.isDone()]).toEqual([[9000], [], true])
})

test('a request under way ends when the run is stopped, or when its time is over', async () => {
  nock.enableNetConnect('127.0.0.1')
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  onTestFinished(() => void silent.closeAllConnections())
  onTestFinished(() => void silent.close())
  await once(silent, 'listening')
  const address = silent.address()
  const apiUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const stop = new AbortController()
  silent.once('request', () => stop.abort(new Error('stopped')))
  await expect(client({ apiUrl, signal: stop.signal }).octokit.rest.repos.get(repo)).rejects.toThrow(
    'stopped',
  )
  const impatient = client({ apiUrl, timeoutMs: 20 })
  await expect(impatient.octokit.rest.repos.get(repo)).rejects.toMatchObject({ status: 500 })
  expect(impatient.waits).toHaveLength(2)
})
