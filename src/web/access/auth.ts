import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { BackspaceError } from '../../errors.ts'
import { ALL_REPOSITORIES } from '../../runs/repository-scope.ts'
import type { WebDeps } from '../web-deps.ts'
import type { Caller, WebEnv } from '../web-env.ts'
import { createAttempts } from './attempts.ts'
import { createClientAddress } from './client-address.ts'
import { type Credential, createCredentials } from './credentials.ts'
import { isLocalCaller } from './local-caller.ts'
import { LOGIN_SECONDS } from './login-store.ts'
import { RIGHTS } from './token-store.ts'

export interface Auth {
  /**
   * Who sent this request.
   *
   * @throws {BackspaceError} `unauthorized`, `forbidden`, `rate_limited` or `bad_request`; the message says what to send
   * or set.
   */
  identify(c: Context<WebEnv>): Promise<Caller>
  /**
   * Takes a token from a login page.
   *
   * @returns the cookie that authenticates the browser from now on: its value, and its lifetime in seconds.
   * @throws {BackspaceError} `unauthorized`, `rate_limited`
   */
  logIn(c: Context<WebEnv>, token: string): Promise<{ readonly value: string; readonly maxAge: number }>
  /** Ends the login of the browser that sent this request, in every process. */
  logOut(c: Context<WebEnv>): Promise<void>
  /** Whether the caller of a request that is still being answered would be let in again. */
  stillKnown(caller: Caller): Promise<boolean>
}

type AuthDeps = Pick<
  WebDeps,
  'apiTokens' | 'tokens' | 'logins' | 'publicUrl' | 'openToLocal' | 'trustedProxies' | 'now'
>

export const LOGIN_COOKIE = 'backspace_login'

/** A caller on this machine, while there are no tokens and other people cannot reach the service. */
const LOCAL: Caller = { name: 'local', credential: 'local', repositories: ALL_REPOSITORIES, rights: RIGHTS }

/**
 * Each request needs a token, except on a service that only its own machine can reach, as long as no token was ever made.
 * A browser sends the cookie of its login instead. Nothing is cached: a token that is revoked opens nothing more.
 */
export function createAuth(deps: AuthDeps): Auth {
  const { logins, publicUrl, openToLocal } = deps
  const credentials = createCredentials(deps)
  const addressOf = createClientAddress(deps.trustedProxies)
  const attempts = createAttempts(deps.now && (() => deps.now?.().getTime() ?? Date.now()))

  async function findToken(c: Context<WebEnv>, text: string): Promise<Credential> {
    const found = await credentials.findByText(text)
    if (found) return found
    attempts.count(addressOf(c.env?.incoming))
    throw new BackspaceError(
      'unauthorized',
      'This API token is not known. Check that it is complete, or ask the operator for a new one.',
    )
  }

  /** The cookie is bound to the text of the token, so a token that is replaced under its name ends its logins. */
  async function findLogin(c: Context<WebEnv>): Promise<Caller | undefined> {
    const cookie = readCookie(c)
    const opened = cookie && (await logins.find(cookie.key))
    const credential = opened === undefined ? undefined : await credentials.findByName(opened)
    if (!cookie || !credential) return undefined
    const expected = Buffer.from(bind(credential, cookie.key), 'hex')
    if (!timingSafeEqual(expected, Buffer.from(cookie.proof, 'hex'))) return undefined
    return { ...credential.caller, login: cookie.key }
  }

  return {
    async identify(c) {
      refuseTokenInAddress(c)
      if (!(await credentials.any())) {
        if (!openToLocal) throw noTokensYet()
        if (!isLocalCaller(c.env?.incoming)) throw onlyLocal()
        refuseOtherSites(c, publicUrl())
        return LOCAL
      }
      const bearer = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1]
      if (bearer !== undefined) return (await findToken(c, bearer)).caller
      const caller = await findLogin(c)
      if (!caller)
        throw new BackspaceError('unauthorized', 'Send an API token: "Authorization: Bearer <token>".')
      refuseOtherSites(c, publicUrl())
      return caller
    },

    async logIn(c, token) {
      const credential = await findToken(c, token)
      const key = await logins.open(credential.caller.credential)
      return { value: `${key}.${bind(credential, key)}`, maxAge: LOGIN_SECONDS }
    },

    async logOut(c) {
      const cookie = readCookie(c)
      if (cookie) await logins.close(cookie.key)
    },

    async stillKnown({ credential, login }) {
      if (credential === LOCAL.credential) return !(await credentials.any())
      if (login !== undefined && (await logins.find(login)) === undefined) return false
      return (await credentials.findByName(credential)) !== undefined
    },
  }
}

function readCookie(c: Context<WebEnv>): { readonly key: string; readonly proof: string } | undefined {
  const [, key, proof] = /^([\w-]{43})\.([0-9a-f]{64})$/.exec(getCookie(c, LOGIN_COOKIE) ?? '') ?? []
  return key !== undefined && proof !== undefined ? { key, proof } : undefined
}

function bind({ digest }: Credential, key: string): string {
  return createHmac('sha256', digest).update(`backspace login ${key}`).digest('hex')
}

/** Addresses end up in logs, histories and `Referer` headers, so a token in one is compromised. */
function refuseTokenInAddress(c: Context<WebEnv>): void {
  const found = ['token', 'access_token', 'api_token', 'api_key', 'apikey', 'key'].find(
    (name) => c.req.query(name) !== undefined,
  )
  if (found) {
    throw new BackspaceError(
      'bad_request',
      `Do not put a token in the address ("${found}"): addresses are logged. Send "Authorization: Bearer <token>", and replace this token.`,
    )
  }
}

/**
 * A cookie or a loopback address identifies the browser, but not the page that made it send the request. A request that
 * changes something must come from one of our own pages, or from a program that is not a browser.
 */
export function refuseOtherSites(c: Context<WebEnv>, publicUrl: string): void {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return
  const site = c.req.header('sec-fetch-site')
  const trusted = site === undefined ? isOwnOrigin(c, publicUrl) : site === 'same-origin' || site === 'none'
  if (!trusted) throw new BackspaceError('forbidden', 'This request was sent by a page of another site.')
}

/** For browsers on plain HTTP, which do not send `Sec-Fetch-Site`. Other programs send no `Origin`. */
function isOwnOrigin(c: Context<WebEnv>, publicUrl: string): boolean {
  const origin = c.req.header('origin')
  if (origin === undefined) return true
  if (!URL.canParse(origin)) return false
  return [c.req.header('host'), new URL(publicUrl).host].includes(new URL(origin).host)
}

const HOW_TO_MAKE_ONE =
  'Make one where Backspace runs: `npm run token -- create --name me --repositories "owner/*"`. Then send "Authorization: Bearer <token>".'

function noTokensYet(): BackspaceError {
  return new BackspaceError(
    'unauthorized',
    `Others can reach this service and it has no API tokens, so it lets in signed webhooks only. ${HOW_TO_MAKE_ONE}`,
  )
}

function onlyLocal(): BackspaceError {
  return new BackspaceError(
    'forbidden',
    `There are no API tokens, so only this machine may call, directly at localhost and not through a proxy. ${HOW_TO_MAKE_ONE}`,
  )
}
