import { Hono, type MiddlewareHandler } from 'hono'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import { BackspaceError } from '../errors.ts'
import { createAuth } from './access/auth.ts'
import { answerLogin } from './access/login.ts'
import { answerError } from './answer-error.ts'
import { answerAsset } from './assets.ts'
import { createCodeHandler } from './code.ts'
import { answerAlive, answerReady } from './health.ts'
import { openApiDocument } from './openapi/openapi.ts'
import { createRunHandlers } from './runs.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'
import { createWebhookHandler } from './webhooks.ts'

/** Everything that answers over HTTP. Serve it with `@hono/node-server`, so that it sees the sockets. */
export function createWebApp(deps: WebDeps): Hono<WebEnv> {
  const app = new Hono<WebEnv>()
  const auth = createAuth(deps)
  const runs = createRunHandlers(deps)
  const code = createCodeHandler(deps)
  const known: MiddlewareHandler<WebEnv> = async (c, next) => {
    c.set('caller', auth.identify(c))
    await next()
  }

  app.use(requestId(), securityHeaders())
  app.onError((error, c) => answerError(c, error, deps))
  app.notFound((c) => answerError(c, nothingThere(c.req.method, c.req.path), deps))

  app.get('/health', answerAlive)
  app.get('/healthz', answerAlive)
  app.get('/readyz', (c) => answerReady(c, deps))
  app.get('/openapi.json', (c) => c.json(openApiDocument(deps.publicUrl())))
  app.get('/assets/:version/:name', answerAsset)
  app.post('/login', (c) => answerLogin(c, { ...deps, auth }))
  if (deps.webhook) app.post(deps.webhook.path, createWebhookHandler(deps.webhook))

  app.post('/code', known, code)
  app.post('/api/code', known, code)
  app.get('/', known, runs.list)
  app.get('/runs', known, runs.list)
  app.get('/runs/:id', known, runs.show)
  app.get('/runs/:id/events', known, runs.events)
  app.get('/runs/:id/live', known, runs.live)
  app.get('/runs/:id/diff', known, runs.diff)
  app.post('/runs/:id/cancel', known, runs.cancel)
  app.get('/metrics', known, (c) =>
    c.text(deps.metrics(), 200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }),
  )
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

function nothingThere(method: string, path: string): BackspaceError {
  const asked = `${method} ${path.length > 80 ? `${path.slice(0, 80).toWellFormed()}…` : path}`
  return new BackspaceError('not_found', `There is nothing at ${asked}. /openapi.json lists what there is.`)
}
