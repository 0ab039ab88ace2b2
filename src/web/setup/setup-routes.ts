import { createHash } from 'node:crypto'
import type { Context, Hono, MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { BackspaceError, knownError } from '../../errors.ts'
import { forTerminal } from '../../text/terminal-text.ts'
import { createAttempts } from '../access/attempts.ts'
import type { Auth } from '../access/auth.ts'
import { createClientAddress } from '../access/client-address.ts'
import { isLocalCaller } from '../access/local-caller.ts'
import type { Permits } from '../access/permits.ts'
import { refuseOtherSites } from '../access/refuse-other-sites.ts'
import { checklistPage, checklistPart } from '../pages/checklist-page.ts'
import { credentialsPage, setupCodePage, setupPage } from '../pages/setup-page.ts'
import type { ReadBody } from '../read-body.ts'
import { prefersHtml } from '../read-request.ts'
import type { WebDeps } from '../web-deps.ts'
import type { WebEnv } from '../web-env.ts'
import type { SetupDeps } from './setup-deps.ts'
import { SETUP_SECONDS } from './setup-door.ts'
import { readWishes } from './setup-wishes.ts'

export interface SetupRoutesDeps
  extends Pick<WebDeps, 'runs' | 'publicUrl' | 'openToLocal' | 'trustedProxies' | 'redact'> {
  readonly setup: SetupDeps
  readonly auth: Auth
  readonly permits: Pick<Permits, 'isOperator'>
  readonly readBody: ReadBody
}

const COOKIE = 'backspace_setup'
const FORM_LIMIT = { bytes: 8192, ms: 10_000 }
const SETUP_PATH = '/setup'
const WRONG_CODES = {
  perMinute: 10,
  limit: 'wrong_setup_codes',
  message: 'More than 10 wrong setup codes came from this address within a minute.',
} as const

/**
 * The routes of the setup page. While there is no GitHub credential, the start page redirects there, and requests that need
 * one say so.
 */
export function addSetupRoutes(app: Hono<WebEnv>, deps: SetupRoutesDeps): void {
  const { setup, openToLocal } = deps
  const attempts = createAttempts(WRONG_CODES)
  const addressOf = createClientAddress(deps.trustedProxies)

  /** Only an operator, or a browser that entered the code, may set up. */
  async function holderOf(c: Context<WebEnv>): Promise<string> {
    c.header('Cache-Control', 'no-store')
    const cookie = getCookie(c, COOKIE)
    if (cookie !== undefined && setup.door.isOpenFor(cookie)) {
      refuseOtherSites(c, deps.publicUrl())
      return `code:${createHash('sha256').update(cookie).digest('hex')}`
    }
    const caller = await deps.auth.identify(c)
    if (deps.permits.isOperator(caller)) return caller.credential
    throw new BackspaceError('forbidden', 'Only operators see the setup. The setting OPERATORS names them.')
  }

  async function readForm(c: Context<WebEnv>): Promise<URLSearchParams> {
    if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? ''))
      throw new BackspaceError('unsupported_media_type', 'Send the form of the setup page.')
    return new URLSearchParams(await deps.readBody(c.req.raw, FORM_LIMIT, (body) => body.text()))
  }

  if (setup.isNeeded) leadToSetup(app, deps)

  app.get(SETUP_PATH, async (c) => {
    const holder = await holderOf(c).catch((error: unknown) => letIn(c, error))
    if (typeof holder !== 'string') return holder
    const [lines, priceOfLooks] = await Promise.all([setup.readChecklist(), setup.priceOfLooks()])
    if (setup.hasApp) return c.html(checklistPage({ lines, priceOfLooks }))
    const suffix = createHash('sha256')
      .update(deps.publicUrl())
      .update(String(process.pid))
      .digest('hex')
      .slice(0, 6)
    const wishes = readWishes(wishesSent(c), { ...setup, suffix })
    const { name, webhookUrl, keeping } = wishes
    const organization = wishes.organization === '' ? undefined : wishes.organization
    const base = baseOf(c, deps)
    const isGood = Object.values(wishes.problems).every((problem) => problem === undefined)
    const form =
      webhookUrl !== undefined && isGood
        ? {
            ...setup.manifest({ name, webhookUrl, base, organization }),
            state: setup.door.depart({ holder, keeping }),
          }
        : undefined
    return c.html(setupPage({ wishes, form, base, setup, checklist: { lines, priceOfLooks } }))
  })

  app.get(`${SETUP_PATH}/checklist`, async (c) => {
    await holderOf(c)
    const [lines, priceOfLooks] = await Promise.all([setup.readChecklist(), setup.priceOfLooks()])
    return c.html(checklistPart({ lines, priceOfLooks, hasApp: setup.hasApp }))
  })

  app.post(`${SETUP_PATH}/looks`, async (c) => {
    await holderOf(c)
    await setup.lookAtPaid()
    return c.redirect(SETUP_PATH, 303)
  })

  app.post(`${SETUP_PATH}/redeliver`, async (c) => {
    await holderOf(c)
    const attempt = (await readForm(c)).get('attempt') ?? ''
    if (!/^[1-9]\d{0,15}$/.test(attempt))
      throw new BackspaceError('bad_request', 'Name a delivery by its number.')
    await setup.redeliver(Number(attempt))
    return c.redirect(SETUP_PATH, 303)
  })

  app.post(`${SETUP_PATH}/code`, async (c) => {
    c.header('Cache-Control', 'no-store')
    if (!setup.isNeeded) return c.redirect(SETUP_PATH, 303)
    refuseOtherSites(c, deps.publicUrl())
    const typed = (await readForm(c)).get('code') ?? ''
    const cookie = setup.door.enter(typed.slice(0, 100))
    if (cookie === undefined) {
      // This counts only after the code was tried: behind a tunnel all people share one address, and strangers must not lock the operator out.
      attempts.count(addressOf(c.env?.incoming))
      return c.html(setupCodePage({ problem: 'This is not the code that the terminal shows now.' }), 401)
    }
    const secure = new URL(deps.publicUrl()).protocol === 'https:'
    const options = {
      path: SETUP_PATH,
      httpOnly: true,
      sameSite: 'Lax',
      secure,
      maxAge: SETUP_SECONDS,
    } as const
    setCookie(c, COOKIE, cookie, options)
    return c.redirect(SETUP_PATH, 303)
  })

  app.get(`${SETUP_PATH}/github`, async (c) => {
    const holder = await holderOf(c)
    if (setup.hasApp)
      throw new BackspaceError(
        'conflict',
        'Backspace has an App already. If you created another one, delete it on GitHub.',
      )
    const { code, state = '' } = c.req.query()
    const trip = setup.door.arrive(state, holder)
    if (!trip) throw wrongState()
    if (code === undefined || !/^[\w-]{1,200}$/.test(code))
      throw new BackspaceError('bad_request', 'GitHub sent no code. Begin again at /setup.')
    const created = await setup.convert(code).catch((error: unknown) => {
      // The code was not used, so the person can load this page again.
      if (knownError(error)?.code !== 'not_found') setup.door.putBack(state, trip)
      throw error
    })
    if (trip.keeping === 'shown') return c.html(credentialsPage(created))
    try {
      setup.store(created)
    } catch (error) {
      // GitHub gives the keys only once.
      return c.html(
        credentialsPage(created, knownError(error)?.userMessage ?? 'The App could not be kept in DATA_DIR.'),
      )
    }
    setup.door.close()
    return c.redirect(SETUP_PATH, 303)
  })

  /** A browser that may not see the page gets the form for the code, as long as there is one. */
  function letIn(c: Context<WebEnv>, error: unknown): Response | Promise<Response> {
    if (!setup.isNeeded || openToLocal || !prefersHtml(c)) throw explain(error)
    const isKnown = knownError(error)?.code
    if (isKnown !== 'unauthorized' && isKnown !== 'forbidden') throw error
    return c.html(setupCodePage({ problem: undefined }), 401)
  }

  function explain(error: unknown): unknown {
    if (!setup.isNeeded || openToLocal || knownError(error)?.code !== 'unauthorized') return error
    return new BackspaceError(
      'unauthorized',
      'Open this address in a browser, and enter the code that the terminal shows.',
    )
  }
}

/** Without a GitHub credential, pages redirect to the setup, and requests that need GitHub say what is missing. */
function leadToSetup(app: Hono<WebEnv>, { setup, runs, publicUrl }: SetupRoutesDeps): void {
  const lead: MiddlewareHandler<WebEnv> = async (c, next) => {
    // People can still look at runs of an earlier setup.
    const hasRuns = c.req.path === '/runs' && (await runs.list({ limit: 1 })).runs.length > 0
    if (!prefersHtml(c) || hasRuns) return next()
    c.header('Cache-Control', 'no-store')
    return c.redirect(SETUP_PATH, 303)
  }
  for (const path of ['/', '/runs', '/new']) app.get(path, lead)
  const needsGitHub = ['/code', '/api/code', '/prove', '/api/prove', '/new', setup.webhookPath]
  for (const path of needsGitHub)
    app.post(path, () => {
      throw notSetUp(publicUrl())
    })
}

/** A link on another site must not choose, for example, where webhooks go. */
function wishesSent(c: Context<WebEnv>): Record<string, string> {
  return ['cross-site', 'same-site'].includes(c.req.header('sec-fetch-site') ?? '') ? {} : c.req.query()
}

/** The address of this service as the browser sees it. GitHub must redirect back to the same one. */
function baseOf(
  c: Context<WebEnv>,
  { publicUrl, setup }: Pick<SetupRoutesDeps, 'publicUrl' | 'setup'>,
): string {
  const host = c.req.header('host') ?? ''
  const own = publicUrl()
  if (new URL(own).host === host) return own
  const isPlain = isLocalCaller(c.env?.incoming) || setup.configuredUrl === undefined
  return isPlain && URL.canParse(`http://${host}`) && !/[/?#@\\\s]/.test(host) ? `http://${host}` : own
}

function wrongState(): BackspaceError {
  return new BackspaceError(
    'forbidden',
    'This way back from GitHub did not begin on this page, was used before, or is older than an hour, so nothing was changed. If an App was created, delete it on GitHub. Then begin again at /setup.',
  )
}

function notSetUp(publicUrl: string): BackspaceError {
  return new BackspaceError(
    'config_invalid',
    forTerminal(
      `Backspace is not set up yet: it has no GitHub credential. Open ${publicUrl}${SETUP_PATH}, or set APP_ID, PRIVATE_KEY and WEBHOOK_SECRET, or GITHUB_PAT.`,
    ),
  )
}
