import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { BackspaceError } from '../../errors.ts'
import type { Caller, WebEnv } from '../web-env.ts'

export interface ApiToken {
  readonly name: string
  readonly token: string
}

export interface Auth {
  /**
   * Who sent this request.
   *
   * @throws {BackspaceError} `unauthorized`, `forbidden` or `bad_request`; the message says what to send or set.
   */
  identify(c: Context<WebEnv>): Caller
  /** The caller who has this token; undefined for an unknown token. */
  findToken(token: string): Caller | undefined
  /** The cookie that authenticates a browser after `POST /login`: its value, and its lifetime in seconds. */
  openSession(caller: Caller): { readonly value: string; readonly maxAge: number } | undefined
}

/** With tokens, each request needs one. Without, only clients on this machine are allowed, and never through a proxy. */
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
    // Compares every digest even after a match, so that the time reveals nothing about the list.
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

function onlyLocal(): BackspaceError {
  return new BackspaceError(
    'forbidden',
    'No API tokens are configured, so only this machine may call, directly at localhost and not through a proxy. Set API_TOKENS (make one with `openssl rand -hex 32`) and send "Authorization: Bearer <token>".',
  )
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/**
 * True when the request comes from this machine itself: the socket is loopback, the client addressed it as
 * localhost (a web page that rebinds its own name to 127.0.0.1 does not), and no proxy header shows that it was forwarded.
 */
export function isLocalCaller(
  incoming: Pick<IncomingMessage, 'socket' | 'headers' | 'url'> | undefined,
): boolean {
  if (!incoming) return false
  const { socket, headers, url } = incoming
  return (
    isLoopback(socket.remoteAddress) &&
    /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i.test(headers.host ?? '') &&
    // A request to a proxy names a whole address, whose host may differ from the header.
    url?.startsWith('/') === true &&
    !Object.keys(headers).some(isForwardingHeader)
  )
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:::1|(?:::ffff:)?127(?:\.\d{1,3}){3})$/i.test(address)
}

/** Node gives header names in lower case. */
function isForwardingHeader(name: string): boolean {
  return (
    FORWARDING_HEADERS.has(name) ||
    /^(?:x-forwarded|x-original|x-envoy|x-amzn|x-azure|x-appengine|cf)-/.test(name)
  )
}

const FORWARDING_HEADERS: ReadonlySet<string> = new Set([
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-proxyuser-ip',
  'x-remote-ip',
  'x-remote-addr',
  'true-client-ip',
  'fastly-client-ip',
  'fly-client-ip',
  'do-connecting-ip',
  'cdn-loop',
  'client-ip',
  'proxy-connection',
])

export const SESSION_COOKIE = 'backspace_login'

const LIFE_SECONDS = 12 * 3600

interface Sessions {
  open(caller: Caller): { readonly value: string; readonly maxAge: number } | undefined
  find(cookie: string | undefined): Caller | undefined
}

/**
 * Logins of browsers, which are not stored: the cookie holds an expiry signed with the digest of the API token. Every
 * process can verify it, it does not reveal the token, and removing the token ends the login.
 */
function createSessions(
  tokens: readonly { readonly name: string; readonly digest: Buffer }[],
  now: () => number = Date.now,
): Sessions {
  return {
    open({ name }) {
      const token = tokens.find((candidate) => candidate.name === name)
      if (!token) return undefined
      const expires = Math.floor(now() / 1000) + LIFE_SECONDS
      return { value: `${expires}.${sign(token.digest, expires).toString('hex')}`, maxAge: LIFE_SECONDS }
    },
    find(cookie) {
      const match = /^(\d{1,12})\.([0-9a-f]{64})$/.exec(cookie ?? '')
      const expires = Number(match?.[1])
      if (!match?.[2] || expires * 1000 <= now()) return undefined
      const signature = Buffer.from(match[2], 'hex')
      const matches = tokens.filter(({ digest }) => timingSafeEqual(sign(digest, expires), signature))
      return matches[0] && { name: matches[0].name }
    },
  }
}

function sign(key: Buffer, expires: number): Buffer {
  return createHmac('sha256', key).update(`backspace login until ${expires}`).digest()
}
