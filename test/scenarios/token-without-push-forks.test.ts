import { expect, test } from 'vitest'
import { createGreeter, FIX_GREETER, startWorld } from '../support/start-world.ts'
import { postCode } from './post-code.ts'

const PROMPT = { prompt: 'Fix the test' }

/** A service that has nothing but the token of a person. */
async function startWithToken(login: string, scope: string) {
  const pat = { login, scopes: [scope] }
  const world = await startWorld({ app: false, anthropic: FIX_GREETER, pat })
  return { ...world, repo: await createGreeter(world.github) }
}

test('GITHUB_PAT alone is enough for POST /code; there is no webhook route', async () => {
  const world = await startWithToken('ada', 'repo')
  const { github, url, repo } = world
  const stream = await (await postCode(world, PROMPT)).text()
  const [pull] = github.pullRequests(repo)
  expect(stream).toContain('"type":"success"')
  expect(pull).toMatchObject({ author: 'ada', head: expect.stringMatching(/^backspace\/code-/) })
  expect(pull?.body).toContain('not Verified')
  const [pat] = github.tokens()
  expect(pat?.token).toMatch(/^ghp_/)
  expect(stream).not.toContain(pat?.token)
  expect((await fetch(`${url}/api/github/webhooks`, { method: 'POST' })).status).toBe(404)
})

test('a token that may not push forks, waits for the fork, and opens the pull request from there', async () => {
  const world = await startWithToken('zoe', 'public_repo')
  const { github, repo } = world
  const stream = await (await postCode(world, PROMPT)).text()
  expect(stream).toContain('"type":"success"')
  const [pull] = github.pullRequests(repo)
  expect(pull?.head).toMatch(/^zoe:backspace\/code-/)
  expect(Object.keys(await github.branches(repo))).toEqual(['main'])
})

test('a token without the needed scope gets an error that names it', async () => {
  const world = await startWithToken('ada', 'read:user')
  const answer = await (await postCode(world, PROMPT)).text()
  expect(answer).toMatch(/scope_missing/)
  expect(answer).toMatch(/public_repo|`repo`/)
  expect(world.github.pullRequests(world.repo)).toEqual([])
})

test('where the App is installed it goes first, elsewhere the token', async () => {
  const world = await startWorld({ anthropic: FIX_GREETER, pat: { login: 'solo', scopes: ['repo'] } })
  const { github } = world
  const repo = await createGreeter(github)
  await github.createRepository({
    owner: 'solo',
    name: 'greeter',
    installed: false,
    files: { 'README.md': 'Nothing here that the scripted model knows.\n' },
  })

  await (await postCode({ ...world, repo }, PROMPT)).text()
  expect(github.pullRequests(repo)[0]?.author).toBe(`${github.appSlug}[bot]`)
  await (await postCode({ ...world, repo: 'solo/greeter' }, PROMPT)).text()
  expect(github.tokens().some(({ account, uses }) => account.login === 'solo' && uses.length > 0)).toBe(true)
})
