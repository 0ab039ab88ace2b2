import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import { BackspaceError } from '../errors.ts'
import { coversAll } from '../runs/repository-scope.ts'
import { forTerminal } from '../text/terminal-text.ts'
import { createAuth } from './access/auth.ts'
import { answerError } from './answer-error.ts'
import type { HealthBody } from './bodies.ts'
import type { WebDeps } from './web-deps.ts'
import type { Caller, WebEnv } from './web-env.ts'

type HealthDeps = Parameters<typeof createAuth>[0] &
  Parameters<typeof answerError>[2] &
  Pick<WebDeps, 'setup' | 'webUrl' | 'ready' | 'closing' | 'metrics'>

/** Health and metrics: all that a worker process answers, and a part of what the other processes answer. */
export function createHealthApp(deps: HealthDeps, openStreams: () => number = () => 0): Hono<WebEnv> {
  const app = new Hono<WebEnv>()
  const auth = createAuth(deps)

  const setupFormTarget = deps.setup && !deps.setup.hasApp ? deps.webUrl : undefined
  app.use(requestId(), securityHeaders({ setupFormTarget, publicUrl: deps.publicUrl }))
  app.onError((error, c) => answerError(c, error, deps))
  app.notFound((c) => answerError(c, onlyHealth(), deps))

  app.get('/health', answerAlive)
  app.get('/healthz', answerAlive)
  app.get('/readyz', (c) => answerReady(c, deps))
  app.get('/metrics', async (c) => {
    refuseMetrics(await auth.identify(c))
    return c.text(await deps.metrics(openStreams()), 200, {
      'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
    })
  })
  return app
}

/** Addresses whose content browsers consider safe from tampering on the network. */
const TRUSTED_ORIGIN = /^https:|^http:\/\/(?:localhost|127(?:\.\d+){3}|\[::1\])(?::|\/|$)/

/** Pages load nothing from other sites, cannot be framed, and have no inline script. */
function securityHeaders({
  setupFormTarget,
  publicUrl,
}: Pick<HealthDeps, 'publicUrl'> & {
  readonly setupFormTarget: string | undefined
}): MiddlewareHandler<WebEnv> {
  const set = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      // The setup page sends the App's manifest to GitHub; browsers check the target of the redirect as well.
      formAction: ["'self'", (c) => (c.req.path === '/setup' ? (setupFormTarget ?? '') : '')],
      baseUri: ["'none'"],
      objectSrc: ["'none'"],
      frameAncestors: ["'none'"],
    },
    // With `no-referrer`, browsers would send our own forms with `Origin: null`.
    referrerPolicy: 'same-origin',
    xFrameOptions: 'DENY',
    // Without `includeSubDomains`: other hosts of the domain are not ours.
    strictTransportSecurity: 'max-age=15552000',
  })
  return async (c, next) => {
    await set(c, next)
    // Browsers ignore this header over plain HTTP, and warn about it on the console of each page.
    if (!TRUSTED_ORIGIN.test(publicUrl())) c.res.headers.delete('Cross-Origin-Opener-Policy')
    if (c.get('isShared') !== true) return
    // Search engines must not index a shared run, and no further request may reveal the address of the link.
    c.header('X-Robots-Tag', 'noindex, nofollow')
    c.header('Referrer-Policy', 'no-referrer')
  }
}

function onlyHealth(): BackspaceError {
  return new BackspaceError(
    'not_found',
    'This process is a worker: it answers only /healthz, /readyz and /metrics. Ask a process whose BACKSPACE_ROLE is web.',
  )
}

/** Metrics cover all repositories, so only callers with the right `metrics`, and operators, may read them. */
function refuseMetrics({ name, rights, repositories, owner, personId }: Caller): void {
  const readsAll = rights.includes('read') && coversAll(repositories) && owner === undefined
  if (readsAll || rights.includes('metrics')) return
  throw new BackspaceError(
    'forbidden',
    personId === undefined
      ? `The API token ${name} does not have the right "metrics". Ask the operator for a token with it.`
      : 'Only operators see the metrics. The setting OPERATORS names them.',
  )
}

/** `GET /healthz`: the process answers. It does not check what the process depends on. */
function answerAlive(c: Context<WebEnv>): Response {
  c.header('Cache-Control', 'no-store')
  return c.json({ status: 'ok' } satisfies HealthBody)
}

/** `GET /readyz`: the process can take work; 503 with the problems otherwise. */
async function answerReady(
  c: Context<WebEnv>,
  { ready, closing, redact }: Pick<WebDeps, 'ready' | 'closing' | 'redact'>,
): Promise<Response> {
  c.header('Cache-Control', 'no-store')
  const problems = closing?.aborted ? ['The service is stopping.'] : await ready()
  if (problems.length === 0) return c.json({ status: 'ready' } satisfies HealthBody)
  const shown = problems.map((text) => forTerminal(redact(text)))
  return c.json({ status: 'not_ready', problems: shown } satisfies HealthBody, 503)
}
