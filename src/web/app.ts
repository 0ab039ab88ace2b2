import type { Hono, MiddlewareHandler } from 'hono'
import { BackspaceError } from '../errors.ts'
import { createAuth } from './access/auth.ts'
import { answerLogin } from './access/login.ts'
import { answerError } from './answer-error.ts'
import { answerAsset } from './assets.ts'
import { createCodeHandler } from './code.ts'
import { createConverseHandlers } from './converse.ts'
import { createHealthApp } from './health-app.ts'
import { openApiDocument } from './openapi/openapi.ts'
import { createRunHandlers } from './runs.ts'
import { createShowEvent } from './stream/show-event.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'
import { createWebhookHandler } from './webhooks.ts'

/** Everything that answers over HTTP. Serve it with `@hono/node-server`, so that it sees the sockets. */
export function createWebApp(deps: WebDeps): Hono<WebEnv> {
  const app = createHealthApp(deps)
  const auth = createAuth(deps)
  const streaming = { ...deps, show: createShowEvent(deps.redact) }
  const runs = createRunHandlers(streaming)
  const code = createCodeHandler(streaming)
  const converse = createConverseHandlers(deps)
  const known: MiddlewareHandler<WebEnv> = async (c, next) => {
    c.set('caller', auth.identify(c))
    await next()
  }

  app.notFound((c) => answerError(c, nothingThere(c.req.method, c.req.path), deps))

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
  app.post('/runs/:id/notes', known, converse.note)
  app.post('/runs/:id/approve', known, converse.approve)
  return app
}

function nothingThere(method: string, path: string): BackspaceError {
  const asked = `${method} ${path.length > 80 ? `${path.slice(0, 80).toWellFormed()}…` : path}`
  return new BackspaceError('not_found', `There is nothing at ${asked}. /openapi.json lists what there is.`)
}
