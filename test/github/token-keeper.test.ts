import { expect, onTestFinished, test } from 'vitest'
import { createTokenSource } from '../../src/github/app-token.ts'
import { createGitHubAccess } from '../../src/github/github-access.ts'
import { createTokenKeeper, type MintedToken, type TokenEvent } from '../../src/github/token-keeper.ts'
import type { Pause } from '../../src/time/pause.ts'
import { secondaryRateLimit } from '../stand-ins/github/faults.ts'
import { startGitHub } from '../stand-ins/github/start-github.ts'

const USE = { purpose: 'write', reaches: 'acme/api', permissions: { contents: 'write' } } as const

/** @param pause default: waits for nothing. */
async function start({ pause = async () => {}, fails }: { pause?: Pause; fails?: () => boolean } = {}) {
  const github = await startGitHub()
  await github.createRepository({ owner: 'acme', name: 'api', files: { a: 'a' } })
  const events: TokenEvent[] = []
  const report = async (event: TokenEvent) => {
    events.push(event)
    if (fails?.()) throw new Error('the audit log is away')
  }
  const tokens = createTokenKeeper({ apiUrl: github.apiUrl, pause, report })
  const app = { id: github.appId, privateKey: github.privateKey }
  const access = createGitHubAccess({ app, apiUrl: github.apiUrl, webUrl: github.url, pause, tokens })
  onTestFinished(() => github.close())
  const reach = () => access.repository({ owner: 'acme', name: 'api' })
  const revoked = (permission: string) =>
    github
      .tokens()
      .filter(({ permissions, revokedAt }) => permission in permissions && revokedAt !== undefined)
  return { github, tokens, events, reach, revoked, summary: () => events.map(textOf) }
}

const textOf = ({ type, use, tries, final }: TokenEvent) => `${type} ${use.purpose} ${tries} ${final}`

test('a token dies when its block ends, and each end is reported without the token', async () => {
  const { reach, revoked, events, summary } = await start()
  const access = await reach()
  const work = async () => {
    await using minted = await access.mintToken('checks', { runId: 'run-1' })
    throw new Error(`broken with ${minted.token.slice(0, 4)}`)
  }
  await expect(work()).rejects.toThrow('broken with ghs_')
  expect(revoked('checks')).toHaveLength(1)
  expect(summary()).toEqual(['minted host 0 false', 'minted checks 0 false', 'revoked checks 1 true'])
  expect(events[1]?.use).toMatchObject({
    reaches: 'acme/api',
    permissions: { checks: 'write' },
    runId: 'run-1',
  })
  expect(JSON.stringify(events)).not.toContain('ghs_')
})

test('a revocation that fails is tried again, after the wait that GitHub asks for', async () => {
  const waits: number[] = []
  const { github, reach, revoked, summary } = await start({ pause: async (ms) => void waits.push(ms) })
  const access = await reach()
  github.fail({ path: /installation\/token/, ...secondaryRateLimit({ retryAfter: 90 }), times: 2 })
  const minted = await access.mintToken('checks')
  await minted.revoke()
  await github.waitFor(() => revoked('checks').length === 1)
  await expect
    .poll(() => summary().slice(2))
    .toEqual(['not_revoked checks 1 false', 'not_revoked checks 2 false', 'revoked checks 3 true'])
  expect(waits).toEqual([90_000, 90_000])
})

test('a token that cannot be revoked before it expires is reported as left', async () => {
  const { github, reach, summary } = await start()
  const access = await reach()
  github.fail({ path: /installation\/token/, status: 500, times: Number.POSITIVE_INFINITY })
  await (await access.mintToken('checks')).revoke()
  await expect.poll(() => summary().at(-1)).toBe('not_revoked checks 12 true')
})

test('closing revokes what is alive and what waits to be tried again; nothing is minted after it', async () => {
  const { github, reach, tokens, summary } = await start({
    pause: (_ms, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
  })
  const access = await reach()
  github.fail({ path: /installation\/token/, status: 403 })
  const refused = await access.mintToken('checks')
  await refused.revoke()
  await access.mintToken('read')
  await tokens.close()
  expect(github.tokens()).toHaveLength(3)
  expect(github.tokens().filter(({ revokedAt }) => revokedAt === undefined)).toEqual([])
  expect(summary()).toContain('not_revoked checks 1 false')
  expect(summary()).toContain('revoked checks 2 true')
  await expect(access.mintToken('write')).rejects.toMatchObject({ code: 'unavailable' })
})

test('a token that arrives while the keeper closes, or that cannot be reported, is revoked and not handed out', async () => {
  let fails = false
  const { github, reach, tokens } = await start({ fails: () => fails })
  const access = await reach()
  fails = true
  await expect(access.mintToken('checks')).rejects.toThrow('the audit log is away')
  fails = false
  const late = Promise.withResolvers<MintedToken>()
  const minting = tokens.mint(USE, () => late.promise)
  const closed = tokens.close()
  const [{ token = '' } = {}] = github.tokens()
  late.resolve({ token, expiresAt: new Date(Date.now() + 3_600_000) })
  await expect(minting).rejects.toMatchObject({ code: 'unavailable' })
  await closed
  expect(github.tokens().filter(({ revokedAt }) => revokedAt === undefined)).toEqual([])
})

test('the token of a host client is revoked once no request uses it, and the next request mints another', async () => {
  const { github, tokens } = await start()
  let minted = 0
  const mint = () =>
    tokens.mint({ ...USE, purpose: 'host' }, async () => {
      minted += 1
      return { token: `ghs_made-up-${minted}`, expiresAt: new Date(Date.now() + 3_600_000) }
    })
  const source = createTokenSource({ mint, now: () => new Date(), idleMs: 5 })
  expect([await source.token(), await source.token()]).toEqual(['ghs_made-up-1', 'ghs_made-up-1'])
  await github.waitFor(() => github.requests.some(({ path }) => path === '/installation/token'))
  expect(await source.token()).toBe('ghs_made-up-2')
})
