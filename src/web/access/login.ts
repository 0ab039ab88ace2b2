import type { Context } from 'hono'
import { setCookie } from 'hono/cookie'
import { BackspaceError } from '../../errors.ts'
import { loginPage } from '../pages/notice-pages.ts'
import { readBody } from '../read-request.ts'
import type { WebDeps } from '../web-deps.ts'
import type { WebEnv } from '../web-env.ts'
import { type Auth, refuseOtherSites, SESSION_COOKIE } from './auth.ts'

/** `POST /login`: takes an API token from a form and sets a cookie in its place. */
export async function answerLogin(
  c: Context<WebEnv>,
  { auth, publicUrl }: Pick<WebDeps, 'publicUrl'> & { readonly auth: Auth },
): Promise<Response> {
  refuseOtherSites(c, publicUrl())
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? '')) {
    throw new BackspaceError('unsupported_media_type', 'Send the form of the login page.')
  }
  const form = new URLSearchParams(new TextDecoder().decode(await readBody(c.req.raw, 8192)))
  const next = ownPath(form.get('next'))
  const caller = auth.findToken((form.get('token') ?? '').trim())
  const session = caller && auth.openSession(caller)
  c.header('Cache-Control', 'no-store')
  if (!session) return c.html(loginPage({ next, problem: 'This token is not known.' }), 401)
  setCookie(c, SESSION_COOKIE, session.value, {
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    secure: publicUrl().startsWith('https:'),
    maxAge: session.maxAge,
  })
  return c.redirect(next, 303)
}

/** Only a path of our own, so that a link cannot choose the site that a login leads to. */
function ownPath(next: string | null): string {
  return next !== null && /^\/(?![/\\])[\w/.~?=&%-]*$/.test(next) ? next : '/'
}
