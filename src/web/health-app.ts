import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import { BackspaceError } from '../errors.ts'
import { forTerminal } from '../text/terminal-text.ts'
import { createAuth } from './access/auth.ts'
import { answerError } from './answer-error.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

type HealthDeps = Pick<
  WebDeps,
  'ready' | 'closing' | 'metrics' | 'apiTokens' | 'publicUrl' | 'redact' | 'reportError'
>

/** How a process is: all that one that only carries runs answers, and a part of every other one. */
export function createHealthApp(deps: HealthDeps): Hono<WebEnv> {
  const app = new Hono<WebEnv>()
  const auth = createAuth(deps)

  app.use(requestId(), securityHeaders())
  app.onError((error, c) => answerError(c, error, deps))
  app.notFound((c) => answerError(c, onlyHealth(), deps))

  app.get('/health', answerAlive)
  app.get('/healthz', answerAlive)
  app.get('/readyz', (c) => answerReady(c, deps))
  app.get('/metrics', async (c) => {
    c.set('caller', auth.identify(c))
    return c.text(await deps.metrics(), 200, {
      'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
    })
  })
  return app
}

/** Nothing is loaded from anywhere else, nothing is framed, no script stands in a page. */
function securityHeaders(): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      objectSrc: ["'none'"],
      frameAncestors: ["'none'"],
    },
    // With `no-referrer` browsers would send our own forms with `Origin: null`.
    referrerPolicy: 'same-origin',
    xFrameOptions: 'DENY',
    // Says nothing of other hosts of the same domain: they are not ours.
    strictTransportSecurity: 'max-age=15552000',
  })
}

function onlyHealth(): BackspaceError {
  return new BackspaceError(
    'not_found',
    'This process carries runs and answers /healthz, /readyz and /metrics only. Ask one whose BACKSPACE_ROLE is web.',
  )
}

/** `GET /healthz`: the process answers. Says nothing of what it depends on. */
function answerAlive(c: Context<WebEnv>): Response {
  c.header('Cache-Control', 'no-store')
  return c.json({ status: 'ok' })
}

/** `GET /readyz`: it can take work; 503 with the problems otherwise. */
async function answerReady(
  c: Context<WebEnv>,
  deps: Pick<WebDeps, 'ready' | 'closing' | 'redact'>,
): Promise<Response> {
  c.header('Cache-Control', 'no-store')
  const problems = deps.closing?.aborted ? ['The service is stopping.'] : await deps.ready()
  if (problems.length === 0) return c.json({ status: 'ready' })
  return c.json(
    { status: 'not_ready', problems: problems.map((text) => forTerminal(deps.redact(text))) },
    503,
  )
}
