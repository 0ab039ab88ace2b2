import type { Context } from 'hono'
import { deleteCookie, setCookie } from 'hono/cookie'
import { BackspaceError, knownError } from '../../errors.ts'
import { loginPage } from '../pages/notice-pages.ts'
import type { ReadBody } from '../read-body.ts'
import type { WebDeps } from '../web-deps.ts'
import type { WebEnv } from '../web-env.ts'
import { type Auth, LOGIN_COOKIE, refuseOtherSites } from './auth.ts'

type LoginDeps = Pick<WebDeps, 'publicUrl'> & { readonly auth: Auth }

const FORM_LIMIT = { bytes: 8192, ms: 10_000 }

/** `POST /login`: takes an API token from a form and sets a cookie in its place. */
export async function answerLogin(
  c: Context<WebEnv>,
  { auth, publicUrl, readBody }: LoginDeps & { readonly readBody: ReadBody },
): Promise<Response> {
  refuseOtherSites(c, publicUrl())
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? '')) {
    throw new BackspaceError('unsupported_media_type', 'Send the form of the login page.')
  }
  const text = await readBody(c.req.raw, FORM_LIMIT, (body) => body.text())
  const form = new URLSearchParams(text)
  const next = ownPath(form.get('next'))
  c.header('Cache-Control', 'no-store')
  try {
    const { value, maxAge } = await auth.logIn(c, (form.get('token') ?? '').trim())
    setCookie(c, LOGIN_COOKIE, value, { ...cookieOptions(publicUrl()), maxAge })
    return c.redirect(next, 303)
  } catch (error) {
    const known = knownError(error)
    if (known?.code !== 'unauthorized') throw error
    return c.html(loginPage({ next, problem: known.userMessage }), 401)
  }
}

/** `POST /logout`: ends the login of this browser. */
export async function answerLogout(c: Context<WebEnv>, { auth, publicUrl }: LoginDeps): Promise<Response> {
  refuseOtherSites(c, publicUrl())
  await auth.logOut(c)
  deleteCookie(c, LOGIN_COOKIE, cookieOptions(publicUrl()))
  c.header('Cache-Control', 'no-store')
  return c.redirect('/', 303)
}

function cookieOptions(publicUrl: string) {
  return {
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    secure: publicUrl.startsWith('https:'),
  } as const
}

/** Only a path of our own, so that a link cannot choose the site that a login leads to. */
function ownPath(next: string | null): string {
  return next !== null && /^\/(?![/\\])[\w/.~?=&%-]*$/.test(next) ? next : '/'
}
