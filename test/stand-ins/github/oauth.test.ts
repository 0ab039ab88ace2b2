import { createHash, randomBytes } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { startGitHub } from './start-github.ts'

const CALLBACK = 'http://127.0.0.1:9/auth/github/callback'
const verifier = randomBytes(32).toString('base64url')
const challenge = createHash('sha256').update(verifier).digest('base64url')

async function start() {
  const github = await startGitHub()
  onTestFinished(() => github.close())
  github.setApp({ callbackUrls: [CALLBACK] })
  const client = { client_id: github.clientId, client_secret: github.clientSecret }
  const authorize = (query: Record<string, string>, init: RequestInit = {}) => {
    const asked = { client_id: github.clientId, redirect_uri: CALLBACK, state: 's', ...query }
    const address = `${github.url}/login/oauth/authorize?${new URLSearchParams(asked)}`
    return fetch(address, { redirect: 'manual', ...init })
  }
  const agree = (choice = '1') => ({ method: 'POST', body: new URLSearchParams({ authorize: choice }) })
  const locationOf = async (answer: Promise<Response>) =>
    new URL((await answer).headers.get('location') ?? 'none:').searchParams
  const newCode = async (query = { code_challenge: challenge, code_challenge_method: 'S256' }) =>
    (await locationOf(authorize(query, agree()))).get('code') ?? ''
  const exchange = async (sent: Record<string, string>) => {
    const answer = await fetch(`${github.url}/login/oauth/access_token`, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams({ ...client, ...sent }),
    })
    expect(answer.status).toBe(200)
    return (await answer.json()) as Record<string, string>
  }
  return { github, client, authorize, agree, locationOf, newCode, exchange }
}

test('an authorization goes only to a registered address, and a person can refuse it', async () => {
  const { authorize, agree, locationOf, github } = await start()
  expect((await authorize({ client_id: 'Iv23other' })).status).toBe(404)
  for (const redirect_uri of [
    `${CALLBACK}/x`,
    `${CALLBACK}?x=1`,
    'https://evil.example/auth/github/callback',
  ]) {
    expect((await locationOf(authorize({ redirect_uri }))).get('error')).toBe('redirect_uri_mismatch')
  }
  expect((await authorize({ code_challenge: challenge })).status).toBe(400)
  expect((await authorize({ code_challenge: challenge, code_challenge_method: 'plain' })).status).toBe(400)
  expect(await (await authorize({})).text()).toContain('would like to verify your GitHub identity (ada)')
  const refused = await locationOf(authorize({}, agree('0')))
  expect([refused.get('error'), refused.get('state')]).toEqual(['access_denied', 's'])
  github.signInAs(undefined)
  expect((await authorize({})).headers.get('location')).toContain('/login?return_to=')
})

test('a code works once, for ten minutes, for its App, its address and the one who began', async () => {
  const { github, newCode, exchange } = await start()
  const right = async () => ({ code: await newCode(), code_verifier: verifier, redirect_uri: CALLBACK })
  const bad = { error: 'bad_verification_code' }
  const first = await right()
  expect(await exchange(first)).toMatchObject({
    access_token: expect.stringMatching(/^ghu_/),
    token_type: 'bearer',
  })
  expect(await exchange(first)).toMatchObject(bad)
  expect(
    await exchange({ ...(await right()), code_verifier: randomBytes(32).toString('base64url') }),
  ).toMatchObject(bad)
  const { code_verifier: _none, ...without } = await right()
  expect(await exchange(without)).toMatchObject(bad)
  expect(await exchange({ ...(await right()), client_secret: 'x' })).toMatchObject({
    error: 'incorrect_client_credentials',
  })
  expect(await exchange({ ...(await right()), redirect_uri: `${CALLBACK}x` })).toMatchObject({
    error: 'redirect_uri_mismatch',
  })
  const late = await right()
  github.advance(10 * 60_000)
  expect(await exchange(late)).toMatchObject(bad)
})

test('the App revokes a token with its own secret, and only that', async () => {
  const { github, client, newCode, exchange } = await start()
  const { access_token: token = '' } = await exchange({ code: await newCode(), code_verifier: verifier })
  const user = () => fetch(`${github.apiUrl}/user`, { headers: { authorization: `token ${token}` } })
  expect(await (await user()).json()).toMatchObject({ login: 'ada', type: 'User' })
  const revoke = async (secret: string, id = client.client_id) => {
    const authorization = `basic ${Buffer.from(`${client.client_id}:${secret}`).toString('base64')}`
    const body = JSON.stringify({ access_token: token })
    return (
      await fetch(`${github.apiUrl}/applications/${id}/token`, {
        method: 'DELETE',
        headers: { authorization },
        body,
      })
    ).status
  }
  expect([await revoke('x'), await revoke(client.client_secret, 'Iv23other'), (await user()).status]).toEqual(
    [404, 404, 200],
  )
  expect([await revoke(client.client_secret), await revoke(client.client_secret)]).toEqual([204, 404])
  expect((await user()).status).toBe(401)
})
