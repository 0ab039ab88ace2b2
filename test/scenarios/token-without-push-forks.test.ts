import { expect, test } from 'vitest'
import { startService } from '../support/start-service.ts'
import { createGreeter, FIX_GREETER, startStandIns } from '../support/start-world.ts'

function postCode(url: string, repoUrl: string): Promise<Response> {
  return fetch(`${url}/code`, {
    method: 'POST',
    body: JSON.stringify({ repoUrl, prompt: 'Fix the test' }),
    headers: { 'content-type': 'application/json' },
  })
}

test('GITHUB_PAT alone is enough for POST /code; there is no webhook route', async () => {
  const standIns = await startStandIns({ app: false, anthropic: FIX_GREETER, env: { LOG_LEVEL: 'info' } })
  const { github, env } = standIns
  await createGreeter(github)
  const pat = github.createPat({ login: 'ada', scopes: ['repo'] })
  const url = await (await startService({ ...env, GITHUB_PAT: pat })).listening

  const stream = await (await postCode(url, `${github.url}/acme/greeter`)).text()
  const [pull] = github.pullRequests('acme/greeter')
  expect(stream).toContain('"type":"success"')
  expect(pull).toMatchObject({ author: 'ada', head: expect.stringMatching(/^backspace\/code-/) })
  expect(pull?.body).toContain('not Verified')
  expect(stream).not.toContain(pat)
  expect((await fetch(`${url}/api/github/webhooks`, { method: 'POST' })).status).toBe(404)
  await standIns.close()
})

test('a token that may not push forks, waits for the fork, and opens the pull request from there', async () => {
  const standIns = await startStandIns({ app: false, anthropic: FIX_GREETER, env: { LOG_LEVEL: 'info' } })
  const { github, env } = standIns
  await createGreeter(github)
  const pat = github.createPat({ login: 'zoe', scopes: ['public_repo'] })
  const url = await (await startService({ ...env, GITHUB_PAT: pat })).listening

  const stream = await (await postCode(url, `${github.url}/acme/greeter`)).text()
  expect(stream).toContain('"type":"success"')
  const [pull] = github.pullRequests('acme/greeter')
  expect(pull?.head).toMatch(/^zoe:backspace\/code-/)
  expect(Object.keys(await github.branches('acme/greeter'))).toEqual(['main'])
  await standIns.close()
})

test('a token without the needed scope gets an error that names it', async () => {
  const standIns = await startStandIns({ app: false, anthropic: FIX_GREETER, env: { LOG_LEVEL: 'info' } })
  const { github, env } = standIns
  await createGreeter(github)
  const pat = github.createPat({ login: 'ada', scopes: ['read:user'] })
  const url = await (await startService({ ...env, GITHUB_PAT: pat })).listening

  const answer = await (await postCode(url, `${github.url}/acme/greeter`)).text()
  expect(answer).toMatch(/scope_missing/)
  expect(answer).toMatch(/public_repo|`repo`/)
  expect(github.pullRequests('acme/greeter')).toEqual([])
  await standIns.close()
})

test('where the App is installed it goes first, elsewhere the token', async () => {
  const standIns = await startStandIns({ anthropic: FIX_GREETER, env: { LOG_LEVEL: 'info' } })
  const { github, env } = standIns
  await createGreeter(github)
  await github.createRepository({
    owner: 'solo',
    name: 'greeter',
    installed: false,
    files: { 'README.md': 'Nothing here that the scripted model knows.\n' },
  })
  const pat = github.createPat({ login: 'solo', scopes: ['repo'] })
  const url = await (await startService({ ...env, GITHUB_PAT: pat })).listening

  await (await postCode(url, `${github.url}/acme/greeter`)).text()
  expect(github.pullRequests('acme/greeter')[0]?.author).toBe(`${github.appSlug}[bot]`)
  await (await postCode(url, `${github.url}/solo/greeter`)).text()
  expect(github.tokens().some(({ account, uses }) => account.login === 'solo' && uses.length > 0)).toBe(true)
  await standIns.close()
})
