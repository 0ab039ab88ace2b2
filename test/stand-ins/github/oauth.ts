import { createHash, randomBytes } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { ApiError } from './api-error.ts'
import type { Account, TokenRecord } from './records.ts'
import { openRoute, type Route } from './rest/route.ts'
import type { World } from './world.ts'

/** What a person agreed to: good for one exchange within ten minutes. */
export interface OAuthCode {
  readonly account: Account
  readonly clientId: string
  readonly redirectUri: string
  readonly challenge: string | undefined
  readonly expiresAt: number
}

/** Where people sign in to Apps. */
export interface OAuthState {
  /** Who is signed in to the pages; undefined: no one is. */
  signedIn: string | undefined
  readonly codes: Map<string, OAuthCode>
  /** Numbers of accounts that have authorized the App: they are not asked again. */
  readonly authorized: Set<number>
}

const CODE_MS = 10 * 60_000
const TOKEN_MS = 8 * 3_600_000

/** Makes the code that a redirect back to the App carries. */
export function grantCode(
  world: World,
  account: Account,
  asked: Pick<OAuthCode, 'redirectUri' | 'challenge'>,
): string {
  const code = randomBytes(10).toString('hex')
  world.oauth.authorized.add(account.id)
  world.oauth.codes.set(code, {
    ...asked,
    account,
    clientId: world.app.clientId,
    expiresAt: world.now() + CODE_MS,
  })
  return code
}

const exchange = z.object({
  client_id: z.string().default(''),
  client_secret: z.string().default(''),
  code: z.string().default(''),
  redirect_uri: z.string().optional(),
  code_verifier: z.string().optional(),
})

/** `POST /login/oauth/access_token`. A refusal has status 200 as well. */
export function tokenEndpoint(world: World): Hono {
  const app = new Hono()
  app.post('/login/oauth/access_token', async (c) => {
    const isJson = c.req.header('content-type')?.startsWith('application/json')
    const sent = exchange.parse(isJson ? await c.req.json() : await c.req.parseBody())
    const answer = exchangeCode(world, sent)
    // https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps: a form, unless JSON is asked for.
    if (c.req.header('accept')?.includes('application/json')) return c.json(answer)
    const form = Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, String(value)]))
    return c.body(new URLSearchParams(form).toString())
  })
  return app
}

function exchangeCode(world: World, sent: z.infer<typeof exchange>) {
  const { app, oauth } = world
  if (sent.client_id !== app.clientId || sent.client_secret !== app.clientSecret) {
    return refusal('incorrect_client_credentials', 'The client_id and/or client_secret passed are incorrect.')
  }
  const code = oauth.codes.get(sent.code)
  oauth.codes.delete(sent.code)
  if (!code || code.expiresAt <= world.now() || code.clientId !== app.clientId || !isProven(code, sent)) {
    return refusal('bad_verification_code', 'The code passed is incorrect or expired.')
  }
  if (sent.redirect_uri !== undefined && sent.redirect_uri !== code.redirectUri) {
    return refusal(
      'redirect_uri_mismatch',
      'The redirect_uri MUST match the registered callback URL for this application.',
    )
  }
  const token: TokenRecord = {
    token: `ghu_${randomBytes(27).toString('base64url').replaceAll(/[-_]/g, 'x')}`,
    kind: 'user',
    account: code.account,
    installation: undefined,
    repositoryIds: undefined,
    permissions: {},
    scopes: [],
    mintedAt: world.now(),
    expiresAt: world.now() + TOKEN_MS,
    revokedAt: undefined,
    uses: [],
  }
  world.tokens.set(token.token, token)
  return {
    access_token: token.token,
    expires_in: TOKEN_MS / 1000,
    refresh_token: `ghr_${randomBytes(38).toString('hex')}`,
    refresh_token_expires_in: 15_897_600,
    token_type: 'bearer',
    scope: '',
  }
}

/** PKCE: a code that was asked for with a challenge needs the verifier that it is the hash of. */
function isProven({ challenge }: OAuthCode, { code_verifier: verifier }: z.infer<typeof exchange>): boolean {
  if (challenge === undefined) return verifier === undefined
  if (verifier === undefined || !/^[\w.~-]{43,128}$/.test(verifier)) return false
  return createHash('sha256').update(verifier).digest('base64url') === challenge
}

function refusal(error: string, description: string) {
  return {
    error,
    error_description: description,
    error_uri:
      'https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors',
  }
}

const revocation = z.object({ access_token: z.string() })

/** `DELETE /applications/{client_id}/token`, with the App's client id and secret as name and password. */
export function applicationRoutes(world: World): readonly Route[] {
  return [
    openRoute('DELETE /applications/:client_id/token', async (call) => {
      const { clientId, clientSecret } = world.app
      const expected = `basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
      const isClient = call.authorization?.replace(/^basic/i, 'basic') === expected
      if (!isClient || call.param('client_id') !== clientId) throw new ApiError(404, 'Not Found')
      const { access_token } = await call.body(revocation)
      const token = world.tokens.get(access_token)
      if (token?.kind !== 'user' || token.revokedAt !== undefined) throw new ApiError(404, 'Not Found')
      token.revokedAt = world.now()
      return call.noContent()
    }),
  ]
}

/** Is the request one whose `Authorization` names the App's client, and not a person or an installation? */
export function isClientRequest(c: Context): boolean {
  return c.req.path.startsWith('/api/v3/applications/')
}
