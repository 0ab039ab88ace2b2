import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { BackspaceError } from '../../errors.ts'
import type { Caller, WebEnv } from '../web-env.ts'
import { isLocalCaller } from './local-caller.ts'
import { createSessions, SESSION_COOKIE } from './sessions.ts'

export interface ApiToken {
  readonly name: string
  readonly token: string
}

export interface Auth {
  /**
   * Who sent this request.
   *
   * @throws {BackspaceError} `unauthorized`, `forbidden` or `bad_request`, saying what to send or set.
   */
  identify(c: Context<WebEnv>): Caller
  /** The caller whose token this is; undefined when it is nobody's. */
  findToken(token: string): Caller | undefined
  /** Value of the cookie that lets a browser in after `POST /login`, and its life in seconds. */
  openSession(caller: Caller): { readonly value: string; readonly maxAge: number } | undefined
}

/** With tokens, each request needs one. Without, only this machine is let in, and never through a proxy. */
export function createAuth({
  apiTokens,
  publicUrl,
}: {
  readonly apiTokens: readonly ApiToken[]
  readonly publicUrl: () => string
}): Auth {
  const known = apiTokens.map(({ name, token }) => ({ name, digest: sha256(token) }))
  const sessions = createSessions(known)

  function findToken(token: string): Caller | undefined {
    const digest = sha256(token)
    // Every digest is compared, whichever matches: the time tells nothing about the list.
    const matches = known.filter((candidate) => timingSafeEqual(candidate.digest, digest))
    return matches[0] && { name: matches[0].name }
  }

  function identify(c: Context<WebEnv>): Caller {
    refuseTokenInAddress(c)
    const bearer = readBearer(c.req.header('authorization'))
    if (known.length === 0) {
      if (!isLocalCaller(c.env?.incoming)) throw onlyLocal()
      refuseOtherSites(c, publicUrl())
      return { name: 'local' }
    }
    if (bearer !== undefined) {
      const caller = findToken(bearer)
      if (caller) return caller
      throw new BackspaceError('unauthorized', 'This API token is not known. Use one of API_TOKENS.')
    }
    const caller = sessions.find(getCookie(c, SESSION_COOKIE))
    if (!caller) {
      throw new BackspaceError('unauthorized', 'Send an API token: "Authorization: Bearer <token>".')
    }
    refuseOtherSites(c, publicUrl())
    return caller
  }

  return { identify, findToken, openSession: sessions.open }
}

function readBearer(header: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1]
}

/** An address is kept in logs, histories and `Referer` headers: a token there is a token lost. */
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
 * A cookie, or being on this machine, vouches for the browser but not for the page that made it send the request:
 * what changes something must come from our own pages, or from a program that is no browser.
 */
export function refuseOtherSites(c: Context<WebEnv>, publicUrl: string): void {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return
  const site = c.req.header('sec-fetch-site')
  const trusted = site === undefined ? isOwnOrigin(c, publicUrl) : site === 'same-origin' || site === 'none'
  if (!trusted) throw new BackspaceError('forbidden', 'This request was sent by a page of another site.')
}

/** For browsers that reach us over plain HTTP and so do not say `Sec-Fetch-Site`. A program sends no `Origin`. */
function isOwnOrigin(c: Context<WebEnv>, publicUrl: string): boolean {
  const origin = c.req.header('origin')
  if (origin === undefined) return true
  if (!URL.canParse(origin)) return false
  return [c.req.header('host'), new URL(publicUrl).host].includes(new URL(origin).host)
}

function onlyLocal(): BackspaceError {
  return new BackspaceError(
    'forbidden',
    'No API tokens are configured, so only this machine may call, directly at localhost and not through a proxy. Set API_TOKENS (make one with `openssl rand -hex 32`) and send "Authorization: Bearer <token>".',
  )
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
