import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Context } from 'hono'
import { BackspaceError } from '../../errors.ts'
import { ALL_REPOSITORIES } from '../../runs/repository-scope.ts'
import type { WebDeps } from '../web-deps.ts'
import type { Caller, WebEnv } from '../web-env.ts'
import { createAttempts, WRONG_TOKENS } from './attempts.ts'
import { createClientAddress } from './client-address.ts'
import { type Credential, createCredentials } from './credentials.ts'
import { isLocalCaller } from './local-caller.ts'
import { type Login, lifetimeOf } from './login-store.ts'
import { createIsOperator } from './operators.ts'
import { createOwnCookies } from './own-cookies.ts'
import { refuseOtherSites, refuseTokenInAddress } from './refuse-other-sites.ts'
import { RIGHTS } from './token-store.ts'

export interface Auth {
  /**
   * Finds out who sent this request.
   *
   * @throws {BackspaceError} `unauthorized`, `forbidden`, `rate_limited` or `bad_request`; the message says what to send
   * or set.
   */
  identify(c: Context<WebEnv>): Promise<Caller>
  /**
   * Takes a token from a login page, and gives the browser a cookie that authenticates it from now on.
   *
   * @throws {BackspaceError} `unauthorized`, `rate_limited`
   */
  logIn(c: Context<WebEnv>, token: string): Promise<void>
  /** Gives the browser of a person who has signed in with GitHub a cookie that authenticates it from now on. */
  signIn(c: Context<WebEnv>, person: { readonly id: number; readonly login: string }): Promise<void>
  /**
   * Ends the login of the browser that sent this request, in every process.
   *
   * @param options.everywhere every other login of the same person or token as well.
   * @returns whose login it was; undefined if the browser was not logged in.
   */
  logOut(c: Context<WebEnv>, options: { readonly everywhere: boolean }): Promise<Caller | undefined>
  /** Whether the caller of a long request, such as a stream, would still be let in. */
  stillKnown(caller: Caller): Promise<boolean>
}

type AuthDeps = Pick<
  WebDeps,
  | 'apiTokens'
  | 'tokens'
  | 'logins'
  | 'operators'
  | 'gitHubSignIn'
  | 'publicUrl'
  | 'openToLocal'
  | 'trustedProxies'
  | 'now'
>

/** A caller on this machine, while there are no tokens and other people cannot reach the service. */
const LOCAL: Caller = { name: 'local', credential: 'local', repositories: ALL_REPOSITORIES, rights: RIGHTS }

/**
 * Each request needs a token, except on a service that only its own machine can reach, until the first token is made.
 * A browser sends the cookie of its login instead. Nothing is cached, so a revoked token stops working at once.
 */
export function createAuth(deps: AuthDeps): Auth {
  const { logins, publicUrl, openToLocal, gitHubSignIn } = deps
  const credentials = createCredentials(deps)
  const addressOf = createClientAddress(deps.trustedProxies)
  const attempts = createAttempts({ ...WRONG_TOKENS, now: deps.now && (() => deps.now?.().getTime() ?? 0) })
  const isOperator = createIsOperator(deps.operators)
  const cookies = createOwnCookies(publicUrl)

  async function findToken(c: Context<WebEnv>, text: string): Promise<Credential> {
    const found = await credentials.findByText(text)
    if (found) return found
    attempts.count(addressOf(c.env?.incoming))
    throw new BackspaceError(
      'unauthorized',
      'This API token is not known. Check that it is complete, or ask the operator for a new one.',
    )
  }

  function readCookie(c: Context<WebEnv>): { readonly key: string; readonly proof: string } | undefined {
    const text = cookies.read(c, 'backspace_login') ?? ''
    const [, key, proof = ''] = /^([\w-]{43})(?:\.([0-9a-f]{64}))?$/.exec(text) ?? []
    return key === undefined ? undefined : { key, proof }
  }

  /** The cookie is bound to the text of the token, so a token that is replaced under its name ends its logins. */
  async function findLogin(c: Context<WebEnv>): Promise<Caller | undefined> {
    const cookie = readCookie(c)
    const login = cookie && (await logins.find(cookie.key))
    if (!cookie || !login) return undefined
    const caller = personOf(login) ?? (await tokenOf(login, cookie))
    if (!caller) return undefined
    // The time of last use is only a note, so failing to store it does not refuse the caller.
    await logins.touch(cookie.key, login).catch(() => undefined)
    return { ...caller, login: cookie.key }
  }

  function personOf({ credential, login }: Login): Caller | undefined {
    const id = /^person:(\d+)$/.exec(credential)?.[1]
    if (id === undefined || login === null || !gitHubSignIn) return undefined
    const person = { name: login, owner: login, personId: Number(id), credential }
    const caller: Caller = { ...person, repositories: ALL_REPOSITORIES, rights: ['start', 'read'] }
    return isOperator(caller) ? { ...caller, rights: RIGHTS } : caller
  }

  async function tokenOf(
    { credential: name }: Login,
    { key, proof }: { readonly key: string; readonly proof: string },
  ): Promise<Caller | undefined> {
    const credential = await credentials.findByName(name)
    const expected = Buffer.from(credential ? bind(credential, key) : '', 'hex')
    const given = Buffer.from(proof, 'hex')
    const isRight = credential && expected.length === given.length && timingSafeEqual(expected, given)
    return isRight ? credential.caller : undefined
  }

  /** Each login gets a new key, so a cookie that someone planted in the browser before does not become a login. */
  async function openLogin(
    c: Context<WebEnv>,
    opened: { readonly credential: string; readonly login?: string | undefined },
    cookieOf: (key: string) => string,
  ): Promise<void> {
    const before = readCookie(c)
    if (before) await logins.close(before.key)
    const key = await logins.open(opened)
    const maxAgeSeconds = lifetimeOf(opened.credential) / 1000
    cookies.set(c, { name: 'backspace_login', value: cookieOf(key), maxAgeSeconds })
  }

  return {
    async identify(c) {
      refuseTokenInAddress(c)
      const needsOne = await credentials.any()
      const bearer = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1]
      if (bearer !== undefined && needsOne) return (await findToken(c, bearer)).caller
      const caller = await findLogin(c)
      if (!caller && needsOne) {
        throw new BackspaceError('unauthorized', gitHubSignIn ? SIGN_IN_OR_SEND : SEND_A_TOKEN)
      }
      if (!caller && !(openToLocal && isLocalCaller(c.env?.incoming))) {
        if (gitHubSignIn) throw new BackspaceError('unauthorized', `${SIGN_IN_OR_SEND} ${HOW_TO_MAKE_ONE}`)
        throw openToLocal ? onlyLocal() : noTokensYet()
      }
      refuseOtherSites(c, publicUrl())
      return caller ?? LOCAL
    },

    async logIn(c, token) {
      const found = await findToken(c, token)
      await openLogin(c, { credential: found.caller.credential }, (key) => `${key}.${bind(found, key)}`)
    },

    signIn: (c, { id, login }) => openLogin(c, { credential: `person:${id}`, login }, (key) => key),

    async logOut(c, { everywhere }) {
      const cookie = readCookie(c)
      const caller = await findLogin(c)
      if (cookie) await logins.close(cookie.key)
      if (caller && everywhere) await logins.closeAll(caller.credential)
      cookies.clear(c, 'backspace_login')
      return caller
    },

    async stillKnown({ credential, login, personId }) {
      if (credential === LOCAL.credential) return !(await credentials.any())
      if (login !== undefined && (await logins.find(login)) === undefined) return false
      return personId !== undefined || (await credentials.findByName(credential)) !== undefined
    },
  }
}

function bind({ digest }: Credential, key: string): string {
  return createHmac('sha256', digest).update(`backspace login ${key}`).digest('hex')
}

const SEND_A_TOKEN = 'Send an API token: "Authorization: Bearer <token>".'
const SIGN_IN_OR_SEND =
  'Open this address in a browser to sign in with GitHub, or send an API token: "Authorization: Bearer <token>".'
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
