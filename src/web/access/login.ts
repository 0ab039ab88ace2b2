import type { Context } from 'hono'
import { BackspaceError, knownError } from '../../errors.ts'
import { signInPage } from '../pages/sign-in-page.ts'
import type { ReadBody } from '../read-body.ts'
import type { WebDeps } from '../web-deps.ts'
import type { WebEnv } from '../web-env.ts'
import type { Auth } from './auth.ts'
import { callerActor } from './caller-actor.ts'
import { localPath } from './local-path.ts'
import { refuseOtherSites } from './refuse-other-sites.ts'

type LoginDeps = Pick<WebDeps, 'publicUrl' | 'gitHubSignIn' | 'webUrl' | 'record'> & { readonly auth: Auth }

const FORM_LIMIT = { bytes: 8192, ms: 10_000 }

/** `POST /login`: takes an API token from a form, and gives the browser a cookie instead. */
export async function answerLogin(
  c: Context<WebEnv>,
  { auth, readBody, ...service }: LoginDeps & { readonly readBody: ReadBody },
): Promise<Response> {
  refuseOtherSites(c, service.publicUrl())
  const form = await readForm(c, readBody)
  const next = localPath(form.get('next'))
  c.header('Cache-Control', 'no-store')
  try {
    await auth.logIn(c, (form.get('token') ?? '').trim())
    return c.redirect(next, 303)
  } catch (error) {
    const known = knownError(error)
    if (known?.code !== 'unauthorized') throw error
    return c.html(signInPage({ next, tokenProblem: known.userMessage, ...service }), 401)
  }
}

/**
 * Reads the fields of a small form.
 *
 * @throws {BackspaceError} `unsupported_media_type` if the body is not a form, `body_too_large`, `bad_request`.
 */
export async function readForm(c: Context<WebEnv>, readBody: ReadBody): Promise<URLSearchParams> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? '')) {
    throw new BackspaceError('unsupported_media_type', 'Send the form of the page.')
  }
  return new URLSearchParams(await readBody(c.req.raw, FORM_LIMIT, (body) => body.text()))
}

/** `POST /logout`: ends the login of this browser. `POST /logout/everywhere` ends every other one of its person, too. */
export async function answerLogout(
  c: Context<WebEnv>,
  { auth, publicUrl, record }: LoginDeps,
  { everywhere }: { readonly everywhere: boolean },
): Promise<Response> {
  refuseOtherSites(c, publicUrl())
  const caller = await auth.logOut(c, { everywhere })
  if (caller?.personId !== undefined) {
    await record({ kind: 'person.signed_out', actor: callerActor(caller), facts: { everywhere } })
  }
  c.header('Cache-Control', 'no-store')
  return c.redirect('/', 303)
}
