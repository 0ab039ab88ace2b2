import { expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { checkReach } from '../../src/wiring/check-reach.ts'

const NONE = { any: () => Promise.resolve(false) }
const SOME = { any: () => Promise.resolve(true) }
const PUBLIC = { PUBLIC_URL: 'https://backspace.example' }
const TOKENS = { API_TOKENS: 'ci=m4Xq8Lz2Tn7Rb5Wd9Kc3Vf6Hj1Gs0Py' }

/** Only what `checkReach` looks at; an App needs a real key to be read from the environment. */
function settings(env: Record<string, string>, app = false) {
  const { github, role, web } = readConfig(env)
  const some = { id: 1, privateKey: 'PEM', webhookSecret: 'secret' }
  return { github: { ...github, app: app ? some : undefined }, role, web }
}

test.each([
  [{}, true],
  [{ HOST: 'localhost' }, true],
  [{ HOST: '::1' }, true],
  [{ HOST: '127.0.0.1', PUBLIC_URL: 'http://127.0.0.1:3000' }, true],
  [{ PUBLIC_URL: 'http://localhost:3000/' }, true],
  [{ PUBLIC_URL: 'http://[::1]:3000' }, true],
  [PUBLIC, false],
  [{ PUBLIC_URL: 'http://localhost.evil.example' }, false],
  [{ HOST: '0.0.0.0' }, false],
  [{ HOST: '::' }, false],
  [{ HOST: '192.168.1.5' }, false],
  [{ HOST: '127.0.0.1.nip.io' }, false],
  [{ HOST: '0.0.0.0', BACKSPACE_TRUST_LOCAL_CALLERS: 'yes' }, true],
])('with %j callers on this machine need no token: %s (S12)', (env, open) => {
  expect(readConfig(env as Record<string, string>).web.reach.openToLocal).toBe(open)
})

test('a service that others reach and that lets no one in does not start (S12)', async () => {
  const pat = { GITHUB_PAT: 'ghp_4k1Lq9ZtW7xVb2Nc5Rm8Sd3Fg6Hj0PyTuEa' }
  for (const env of [
    { ...PUBLIC, ...pat },
    { HOST: '0.0.0.0', ...pat },
  ]) {
    await expect(checkReach(settings(env), NONE)).rejects.toMatchObject({
      code: 'config_invalid',
      userMessage: expect.stringMatching(/npm run token -- create.*BACKSPACE_TRUST_LOCAL_CALLERS/),
    })
    expect(await checkReach(settings(env), SOME)).toEqual([])
  }
})

test('without a GitHub credential it starts, for its setup page', async () => {
  for (const env of [PUBLIC, { HOST: '0.0.0.0' }]) expect(await checkReach(settings(env), NONE)).toEqual([])
})

test('with an App it starts, and says that it takes webhooks only', async () => {
  expect(await checkReach(settings(PUBLIC, true), NONE)).toEqual([
    expect.stringContaining('signed webhooks only'),
  ])
  expect(await checkReach(settings(PUBLIC, true), SOME)).toEqual([])
})

test('a service that people sign in to starts without tokens, and wants to know its address', async () => {
  const signIn = {
    GITHUB_CLIENT_ID: 'Iv23li0123456789',
    GITHUB_CLIENT_SECRET: '7c1f0e9ab35d4428e6f1c0d2b9a8e7f6',
  }
  expect(await checkReach(settings({ ...PUBLIC, ...signIn }), NONE)).toEqual([])
  expect(await checkReach(settings({ HOST: '0.0.0.0', ...signIn }, true), NONE)).toEqual([
    expect.stringContaining('PUBLIC_URL is not set'),
  ])
})

test('a laptop and a worker start as they are; API_TOKENS come with advice', async () => {
  expect(await checkReach(settings({}), NONE)).toEqual([])
  const worker = { HOST: '0.0.0.0', BACKSPACE_ROLE: 'worker', DATABASE_URL: 'postgres://localhost/x' }
  expect(await checkReach(settings(worker), NONE)).toEqual([])
  expect(await checkReach(settings({ ...PUBLIC, ...TOKENS }), NONE)).toEqual([
    expect.stringContaining('never expire'),
  ])
})

test.each([
  'proxy.example',
  '10.0.0.0/33',
  '10.0.0.0/8/8',
  '10.0.0',
  '::1/129',
  '*',
])('the trusted proxy %s is refused', (proxy) => {
  expect(() => readConfig({ BACKSPACE_TRUSTED_PROXIES: `127.0.0.1,${proxy}` })).toThrow(
    `BACKSPACE_TRUSTED_PROXIES has "${proxy}"`,
  )
})

test('addresses and ranges of proxies are read', () => {
  const { trustedProxies } = readConfig({ BACKSPACE_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8,fd00::/8' }).web
    .reach
  expect(trustedProxies).toEqual(['127.0.0.1', '10.0.0.0/8', 'fd00::/8'])
})
