import type { Context } from 'hono'
import { personActor } from '../../audit/audit-entry.ts'
import { BackspaceError, knownError } from '../../errors.ts'
import type { WebDeps } from '../web-deps.ts'
import type { WebEnv } from '../web-env.ts'
import { createAttempts, SIGN_INS } from './attempts.ts'
import type { Auth } from './auth.ts'
import { createClientAddress } from './client-address.ts'
import { localPath } from './local-path.ts'
import { createOwnCookies } from './own-cookies.ts'
import {
  beginSignIn,
  isBrowserSecret,
  newBrowserSecret,
  readSignIn,
  SIGN_IN_SECONDS,
} from './sign-in-state.ts'

/** Signs people in with GitHub: the way there, and the way back. Both are plain links. */
export interface SignInRoutes {
  /** `GET /auth/github?next=<path>` */
  start(c: Context<WebEnv>): Promise<Response>
  /** `GET /auth/github/callback` */
  finish(c: Context<WebEnv>): Promise<Response>
}

type SignInDeps = Pick<WebDeps, 'gitHubSignIn' | 'publicUrl' | 'trustedProxies' | 'record' | 'now'> & {
  readonly auth: Auth
}

type GitHub = NonNullable<WebDeps['gitHubSignIn']>

const CALLBACK_PATH = '/auth/github/callback'

export function createSignInRoutes(deps: SignInDeps): SignInRoutes {
  const { gitHubSignIn, publicUrl, record, auth, now = () => new Date() } = deps
  const addressOf = createClientAddress(deps.trustedProxies)
  const attempts = createAttempts({ ...SIGN_INS, now: () => now().getTime() })
  const cookies = createOwnCookies(publicUrl)
  const redirectUri = () => `${publicUrl()}${CALLBACK_PATH}`

  function begin(c: Context<WebEnv>): GitHub {
    c.header('Cache-Control', 'no-store')
    if (gitHubSignIn) return gitHubSignIn
    throw new BackspaceError(
      'not_found',
      'Sign in with GitHub is not set up. The operator must set GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET.',
    )
  }

  /** Only sign-ins that GitHub refuses count, because behind a proxy all people may have one address. */
  function failed(address: string, error: unknown): never {
    attempts.count(address)
    throw error
  }

  /** @throws {BackspaceError} for everything but a person who is signed in now. */
  async function carryOut(c: Context<WebEnv>, signIn: GitHub, verifier: string): Promise<void> {
    const { code, error } = c.req.query()
    if (error !== undefined) throw deniedBy(error)
    if (code === undefined || !/^[\w.-]{1,200}$/.test(code)) throw wrongAddress()
    const address = addressOf(c.env?.incoming)
    attempts.refuseAtLimit(address)
    const person = await signIn
      .whoIs({ code, verifier, redirectUri: redirectUri() })
      .catch((error: unknown) => failed(address, error))
    await record({ kind: 'person.signed_in', actor: personActor(person), facts: {} })
    await auth.signIn(c, person)
  }

  return {
    async start(c) {
      const signIn = begin(c)
      const next = localPath(c.req.query('next'))
      const elsewhere = publicPlace(c, publicUrl())
      // The callback comes to the public address, so the cookie must be there as well.
      if (elsewhere !== undefined) {
        return c.redirect(`${elsewhere}/auth/github?at=public&next=${encodeURIComponent(next)}`, 302)
      }
      const before = cookies.read(c, 'backspace_sign_in')
      const secret = isBrowserSecret(before) ? before : newBrowserSecret()
      const { state, challenge } = beginSignIn(secret, { next, now: now() })
      cookies.set(c, { name: 'backspace_sign_in', value: secret, maxAgeSeconds: SIGN_IN_SECONDS })
      return c.redirect(signIn.authorizeUrl({ state, challenge, redirectUri: redirectUri() }), 302)
    },

    async finish(c) {
      const signIn = begin(c)
      const secret = cookies.read(c, 'backspace_sign_in')
      const state = c.req.query('state') ?? ''
      const found = isBrowserSecret(secret) ? readSignIn(secret, { state, now: now() }) : undefined
      if (!found) {
        // The Back button, or a second tab, of a browser that has already signed in.
        if (await isSignedIn(c)) return c.redirect('/', 303)
        throw withNext(tooLate(), '/')
      }
      const next = localPath(found.next)
      cookies.clear(c, 'backspace_sign_in')
      try {
        await carryOut(c, signIn, found.verifier)
      } catch (error) {
        const known = knownError(error)
        if (!known) throw error
        await record({ kind: 'person.not_signed_in', actor: 'backspace', facts: { reason: known.code } })
        throw withNext(known, next)
      }
      return c.redirect(next, 303)
    },
  }

  async function isSignedIn(c: Context<WebEnv>): Promise<boolean> {
    try {
      return (await auth.identify(c)).login !== undefined
    } catch {
      return false
    }
  }
}

/** The public address, if the request came to another one. Redirects once only, because a proxy may hide the address. */
function publicPlace(c: Context<WebEnv>, publicUrl: string): string | undefined {
  if (c.req.query('at') === 'public' || !URL.canParse(publicUrl)) return undefined
  const asked = (c.req.header('host') ?? '').toLowerCase()
  return asked === new URL(publicUrl).host ? undefined : publicUrl
}

/** https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-authorization-request-errors */
function deniedBy(error: string): BackspaceError {
  switch (error) {
    case 'access_denied':
      return new BackspaceError(
        'forbidden',
        'GitHub was not allowed to say who you are. Sign in again, and choose “Authorize” on GitHub’s page.',
      )
    case 'application_suspended':
      return new BackspaceError(
        'config_invalid',
        'GitHub has suspended this Backspace App. The operator must ask GitHub’s support.',
      )
    case 'redirect_uri_mismatch':
      return new BackspaceError(
        'config_invalid',
        `GitHub does not know this service’s address as a callback of the App. The operator must add PUBLIC_URL${CALLBACK_PATH} to the App’s settings.`,
      )
    default:
      return new BackspaceError('unauthorized', 'GitHub did not sign you in. Sign in again.')
  }
}

function tooLate(): BackspaceError {
  return new BackspaceError(
    'unauthorized',
    'This sign-in took longer than ten minutes, or began in another browser. Sign in again.',
  )
}

function wrongAddress(): BackspaceError {
  return new BackspaceError('bad_request', 'GitHub does not redirect to this address. Sign in again.')
}

/** Adds the path to the error, so that its page can offer to sign in again and return to the same path. */
function withNext({ code, userMessage, facts, cause }: BackspaceError, next: string): BackspaceError {
  return new BackspaceError(code, userMessage, { cause, facts: { ...facts, signInAgain: next } })
}
