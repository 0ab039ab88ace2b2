import { expect, onTestFinished, test } from 'vitest'
import { createGitHubAccess } from '../../src/github/github-access.ts'
import { permissionOf } from '../../src/github/repositories.ts'
import { type GitHubStandIn, startGitHub } from '../stand-ins/github/start-github.ts'

const acmeApi = { owner: 'acme', name: 'api' }

async function startWithApi(): Promise<GitHubStandIn> {
  const github = await startGitHub()
  onTestFinished(() => github.close())
  await github.createRepository({
    ...{ ...acmeApi, private: true, files: { a: 'a' } },
    collaborators: { ada: 'write', mia: 'maintain', tom: 'triage', eve: 'read' },
  })
  return github
}

function accessTo(github: GitHubStandIn, pat?: string, now?: () => Date) {
  return createGitHubAccess({
    app: { id: github.appId, privateKey: github.privateKey },
    ...{ pat, apiUrl: github.apiUrl, webUrl: github.url, pause: async () => {} },
    ...(now ? { now } : {}),
  })
}

test('the App reaches a repository with a token for it alone, that may not push', async () => {
  const github = await startWithApi()
  const access = await accessTo(github).repository(acmeApi)
  expect(access).toMatchObject({
    credential: 'app',
    botLogin: 'backspace[bot]',
    repository: { ...acmeApi, private: true, archived: false, defaultBranch: 'main', canPush: true },
  })
  expect(github.tokens()).toMatchObject([
    { permissions: { contents: 'read', issues: 'write', pull_requests: 'write' } },
  ])
})

test('minted tokens have the least permissions, and are revoked when asked', async () => {
  const github = await startWithApi()
  const access = await accessTo(github).repository(acmeApi)
  const read = await access.mintToken('read')
  const write = await access.mintToken('write')
  await read.revoke()
  const [, readToken, writeToken] = github.tokens()
  expect(readToken).toMatchObject({ token: read.token, repositoryIds: [access.repository.id] })
  expect(readToken?.permissions).toMatchObject({ contents: 'read' })
  expect(Object.keys(readToken?.permissions ?? {}).sort()).toEqual(['contents', 'metadata'])
  expect(readToken?.revokedAt).toBeTypeOf('number')
  expect(writeToken).toMatchObject({
    token: write.token,
    permissions: { contents: 'write' },
    revokedAt: undefined,
  })
})

test('the token of the host is kept, renewed before it ends, and renewed once when GitHub refuses it', async () => {
  const github = await startWithApi()
  let now = Date.now()
  const access = accessTo(github, undefined, () => new Date(now))
  const { octokit } = await access.repository(acmeApi)
  await (await access.repository(acmeApi)).octokit.rest.repos.get({ owner: 'acme', repo: 'api' })
  expect(github.tokens()).toHaveLength(1)
  github.expireToken(github.tokens()[0]?.token ?? '')
  await octokit.rest.repos.get({ owner: 'acme', repo: 'api' })
  expect(github.tokens()).toHaveLength(2)
  now += 55 * 60_000
  await octokit.rest.repos.get({ owner: 'acme', repo: 'api' })
  expect(github.tokens()).toHaveLength(3)
})

test('without an installation the personal access token is used', async () => {
  const github = await startWithApi()
  github.setInstalled('acme/api', false)
  const pat = github.createPat({ login: 'eve', scopes: ['repo'] })
  const access = await accessTo(github, pat).repository(acmeApi)
  expect(access).toMatchObject({ credential: 'pat', botLogin: 'eve', repository: { canPush: false } })
  expect((await access.mintToken('write')).token).toBe(pat)
})

test('what cannot be reached says why and what to do', async () => {
  const github = await startWithApi()
  await github.createRepository({ owner: 'open', name: 'lib', files: { a: 'a' }, installed: false })
  const access = accessTo(github)
  const install = `${github.url}/apps/backspace/installations/new`
  await expect(access.repository({ owner: 'open', name: 'lib' })).rejects.toMatchObject({
    code: 'not_installed',
    userMessage: expect.stringContaining(install),
  })
  await expect(access.repository({ owner: 'acme', name: 'nope' })).rejects.toMatchObject({
    code: 'repository_not_found',
    userMessage: expect.stringContaining(install),
  })
  github.setInstallation('acme', { suspended: true })
  await expect(access.repository(acmeApi)).rejects.toMatchObject({
    code: 'not_installed',
    userMessage: expect.stringContaining('suspended'),
  })
  const urls = { apiUrl: github.apiUrl, webUrl: github.url }
  await expect(createGitHubAccess(urls).repository(acmeApi)).rejects.toMatchObject({ code: 'unauthorized' })
  await expect(createGitHubAccess({ ...urls, pat: 'ghp_wrong' }).repository(acmeApi)).rejects.toMatchObject({
    code: 'unauthorized',
  })
})

test('a name that was used again for another repository is not the one that was meant', async () => {
  const github = await startWithApi()
  const pat = github.createPat({ login: 'ada', scopes: ['repo'] })
  const access = createGitHubAccess({ pat, apiUrl: github.apiUrl, webUrl: github.url })
  await expect(access.repository({ ...acmeApi, id: 424242 })).rejects.toMatchObject({
    code: 'repository_not_found',
    userMessage: expect.stringContaining('renamed or deleted'),
  })
})

test('permissions are what GitHub says, and unknown people have none', async () => {
  const github = await startWithApi()
  const { octokit } = await accessTo(github).repository(acmeApi)
  const logins = ['acme', 'ada', 'mia', 'tom', 'eve', 'stranger']
  const permissions = await Promise.all(logins.map((login) => permissionOf(octokit, acmeApi, login)))
  expect(permissions).toEqual(['admin', 'write', 'write', 'read', 'read', 'none'])
  github.fail({ path: /\/permission$/, status: 500, times: Number.POSITIVE_INFINITY })
  await expect(permissionOf(octokit, acmeApi, 'ada')).rejects.toMatchObject({ code: 'github_unavailable' })
})
