import { expect, onTestFinished, test } from 'vitest'
import { createSchemaCheck } from './checked-octokit.ts'
import { secondaryRateLimit } from './faults.ts'
import { startGitHub } from './start-github.ts'

test('a fault refuses before the effect, loses the answer after it, delays, or cuts the connection', async () => {
  const { github, comment } = await start()
  const path = /\/issues\/1\/comments$/
  github.fail({ method: 'POST', path, status: 502 })
  expect((await comment('one')).status).toBe(502)
  expect(github.comments('acme/api', 1)).toEqual([])

  github.fail({ method: 'POST', path, status: 502, when: 'after' })
  expect((await comment('two')).status).toBe(502)
  expect(github.comments('acme/api', 1)).toMatchObject([{ body: 'two' }])

  github.fail({ path, drop: true })
  await expect(comment('three')).rejects.toThrow('fetch failed')
  github.fail({ path, drop: true, when: 'after' })
  await expect(comment('four')).rejects.toThrow('fetch failed')
  expect(github.comments('acme/api', 1).map(({ body }) => body)).toEqual(['two', 'four'])

  const slow = github.fail({ path, delayMs: 20 })
  expect((await comment('five')).status).toBe(201)
  expect(slow.hits).toBe(1)
  expect((await comment('six')).status).toBe(201)
})

test('a fault can last, be cancelled, and look like a secondary rate limit', async () => {
  const { github, comment } = await start()
  const limit = github.fail({ path: /comments/, times: Infinity, ...secondaryRateLimit({ retryAfter: 7 }) })
  const refused = await comment('one')
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([403, '7'])
  expect(await refused.json()).toMatchObject({ message: expect.stringContaining('secondary rate limit') })
  expect((await comment('two')).status).toBe(403)
  limit.cancel()
  expect((await comment('three')).status).toBe(201)
  const seen = github.requests.filter(({ method }) => method === 'POST')
  expect(seen.map(({ status, caller, body }) => [status, caller, body])).toEqual([
    [403, 'anonymous', { body: 'one' }],
    [403, 'anonymous', { body: 'two' }],
    [201, 'user', { body: 'three' }],
  ])
})

test('waiting ends with what was waited for, or says what the last requests were', async () => {
  const { github, comment } = await start()
  const waiting = github.waitFor(() => github.comments('acme/api', 1).find(({ body }) => body === 'here'))
  await comment('here')
  expect(await waiting).toMatchObject({ author: 'ada' })
  await expect(github.waitFor(() => false, 1)).rejects.toThrow(
    /POST \/repos\/acme\/api\/issues\/1\/comments → 201/,
  )
})

async function start() {
  const github = await startGitHub()
  onTestFinished(() => github.close())
  await github.createRepository({ owner: 'acme', name: 'api', files: { a: 'a\n' } })
  await github.openIssue({ repo: 'acme/api', author: 'ada', title: 'One' })
  const headers = { authorization: `token ${github.createPat({ login: 'ada' })}` }
  const url = `${github.apiUrl}/repos/acme/api/issues/1/comments`
  const comment = (body: string) => fetch(url, { method: 'POST', headers, body: JSON.stringify({ body }) })
  return { github, comment }
}

const check = createSchemaCheck()

test('the comparison notices a missing field, a wrong type and an undocumented status', () => {
  const route = 'GET /repos/{owner}/{repo}/git/ref/{ref}'
  const ref = {
    ref: 'refs/heads/x',
    node_id: '',
    url: 'http://a.test/',
    object: { type: 'commit', sha: 'a'.repeat(40) },
  }
  expect(check.answer(route, 200, ref)).toEqual(["/object must have required property 'url'"])
  expect(check.answer(route, 200, { ...ref, object: { ...ref.object, url: 7 } })).toContain(
    '/object/url must be string',
  )
  expect(check.answer(route, 418, ref)).toEqual([`GitHub does not document 418 for ${route}`])
  expect(check.webhook('issues', 'opened', {})).toContain("/ must have required property 'issue'")
})
