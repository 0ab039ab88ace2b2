import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { createSchemaCheck } from './checked-octokit.ts'
import { secondaryRateLimit } from './faults.ts'
import { type GitHubStandIn, startGitHub } from './start-github.ts'

const MINUTE = 60

test('an App is known by a signed and timely JSON web token only', async () => {
  const github = await start()
  const now = Math.floor(Date.now() / 1000)
  const key = createPrivateKey(github.privateKey)
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const good = { iat: now - MINUTE, exp: now + 9 * MINUTE, iss: github.appId }
  const ask = async (claims: object, by = key) => {
    const response = await fetch(`${github.apiUrl}/app`, {
      headers: { authorization: `Bearer ${jwt(claims, by)}` },
    })
    const { message = 'ok' }: { message?: string } = JSON.parse(await response.text())
    return `${response.status} ${message}`
  }
  expect(await ask(good)).toBe('200 ok')
  expect(await ask(good, other)).toMatch(/^401 A JSON web token could not be decoded/)
  expect(await ask({ ...good, iat: now + 5 * MINUTE })).toMatch(/^401 'Issued at' claim/)
  expect(await ask({ ...good, exp: now - 1 })).toMatch(/^401 'Expiration time' claim/)
  expect(await ask({ ...good, exp: now + 20 * MINUTE })).toMatch(/^401 .* too far in the future/)
  expect(await ask({ ...good, iss: 1 })).toBe('404 Integration not found')
})

test('an installation token reaches what it was minted for, and nothing else', async () => {
  const github = await start()
  const token = await mint(github, {
    repositories: ['api'],
    permissions: { contents: 'read', issues: 'read' },
  })
  const get = (path: string) => call(github, token, 'GET', path)
  const post = (path: string, body: object) => call(github, token, 'POST', path, body)
  expect(token).toMatch(/^ghs_\d+_[\w-]+\.[\w-]+\.[\w-]+$/)
  expect(token.length).toBeGreaterThan(400)
  expect((await get('/repos/acme/api/contents/a')).status).toBe(200)
  expect((await get('/repos/acme/other')).status).toBe(404)
  expect((await get('/repos/acme/api/pulls')).status).toBe(403)
  const refused = await post('/repos/acme/api/issues/1/comments', { body: 'x' })
  expect(refused).toMatchObject({ status: 403, body: { message: 'Resource not accessible by integration' } })
  expect(refused.headers.get('x-accepted-github-permissions')).toBe('issues=write')
  expect((await get('/app')).status).toBe(401)
  expect((await get('/user')).status).toBe(403)
})

test('a token ends when it is revoked, when its hour is over, or when the App is suspended', async () => {
  const github = await start()
  const read = async (token: string) => (await call(github, token, 'GET', '/repos/acme/api')).status
  const [revoked, expired, suspended] = [await mint(github), await mint(github), await mint(github)]
  expect(await read(revoked)).toBe(200)
  expect((await call(github, revoked, 'DELETE', '/installation/token')).status).toBe(204)
  expect(await read(revoked)).toBe(401)
  github.expireToken(expired)
  expect(await read(expired)).toBe(401)
  github.setInstallation('acme', { suspended: true })
  expect(await read(suspended)).toBe(403)
  github.setInstallation('acme', { suspended: false })
  expect(await read(suspended)).toBe(200)
  github.advance(61 * 60 * 1000)
  expect(await read(suspended)).toBe(401)
  const [first] = github.tokens()
  expect(first).toMatchObject({ token: revoked, kind: 'installation', revokedAt: expect.any(Number) })
  expect(first?.uses.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /repos/acme/api',
    'DELETE /installation/token',
  ])
})

test('a personal token does what its owner and its scopes allow', async () => {
  const github = await start()
  github.setRole('acme/api', 'ada', 'write')
  github.setRole('acme/api', 'eve', 'read')
  const label = async (login: string, scopes: string[]) => {
    const token = github.createPat({ login, scopes })
    return call(github, token, 'POST', '/repos/acme/api/labels', { name: `by ${login}` })
  }
  expect((await label('ada', ['repo'])).status).toBe(201)
  expect((await label('eve', ['repo'])).status).toBe(404)
  const scopeless = await label('ada', ['gist'])
  expect(scopeless.status).toBe(404)
  const pat = github.createPat({ login: 'ada', scopes: ['repo', 'workflow'] })
  const me = await call(github, pat, 'GET', '/user')
  expect([me.body, me.headers.get('x-oauth-scopes')]).toMatchObject([{ login: 'ada' }, 'repo, workflow'])
  expect((await call(github, 'ghp_made_up', 'GET', '/repos/acme/public')).status).toBe(401)
  expect((await fetch(`${github.apiUrl}/repos/acme/public`)).status).toBe(200)
})

test('a fault refuses before the effect, loses the answer after it, delays, or cuts the connection', async () => {
  const { github, comment } = await startWithComments()
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
  const { github, comment } = await startWithComments()
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
  const { github, comment } = await startWithComments()
  const waiting = github.waitFor(() => github.comments('acme/api', 1).find(({ body }) => body === 'here'))
  await comment('here')
  expect(await waiting).toMatchObject({ author: 'ada' })
  await expect(github.waitFor(() => false, 1)).rejects.toThrow(
    /POST \/repos\/acme\/api\/issues\/1\/comments → 201/,
  )
})

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

async function start(): Promise<GitHubStandIn> {
  const github = await startGitHub()
  onTestFinished(() => github.close())
  const files = { a: 'a\n' }
  await github.createRepository({ owner: 'acme', name: 'api', private: true, files })
  await github.createRepository({ owner: 'acme', name: 'other', private: true, files })
  await github.createRepository({ owner: 'acme', name: 'public', files })
  await github.openIssue({ repo: 'acme/api', author: 'acme', title: 'One' })
  return github
}

async function mint(github: GitHubStandIn, scope: object = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const bearer = jwt(
    { iat: now - 1, exp: now + MINUTE, iss: github.appId },
    createPrivateKey(github.privateKey),
  )
  const { body: installation } = await call(github, bearer, 'GET', '/repos/acme/api/installation')
  const { body } = await call(
    github,
    bearer,
    'POST',
    `/app/installations/${installation.id}/access_tokens`,
    scope,
  )
  return String(body.token)
}

async function call(github: GitHubStandIn, token: string, method: string, path: string, body?: object) {
  const response = await fetch(`${github.apiUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const parsed: Record<string, unknown> = text === '' ? {} : JSON.parse(text)
  return { status: response.status, headers: response.headers, body: parsed }
}

function jwt(claims: object, key: KeyObject): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`
}

async function startWithComments() {
  const github = await startGitHub()
  onTestFinished(() => github.close())
  await github.createRepository({ owner: 'acme', name: 'api', files: { a: 'a\n' } })
  await github.openIssue({ repo: 'acme/api', author: 'ada', title: 'One' })
  const headers = { authorization: `token ${github.createPat({ login: 'ada' })}` }
  const url = `${github.apiUrl}/repos/acme/api/issues/1/comments`
  const comment = (body: string) => fetch(url, { method: 'POST', headers, body: JSON.stringify({ body }) })
  return { github, comment }
}
