import type { Context, Hono, MiddlewareHandler, Next } from 'hono'
import { compress } from 'hono/compress'
import { BackspaceError } from '../errors.ts'
import { KEYS_PATH } from '../receipts/key-list.ts'
import { createAuth } from './access/auth.ts'
import { createClientAddress } from './access/client-address.ts'
import { answerLogin, answerLogout } from './access/login.ts'
import { createPermits } from './access/permits.ts'
import { createSharing } from './access/sharing.ts'
import { createSignInRoutes } from './access/sign-in.ts'
import { answerAccount, logOutPerson } from './account.ts'
import { answerAct } from './act.ts'
import { answerDashboard } from './answer-dashboard.ts'
import { answerError } from './answer-error.ts'
import { answerNewRun, startFromForm } from './answer-new-run.ts'
import { answerRuns } from './answer-runs.ts'
import { answerStats } from './answer-stats.ts'
import { startRun } from './code.ts'
import { addFollowUp, approvePlan } from './converse.ts'
import { createHealthApp } from './health-app.ts'
import { createRunFolds } from './live/run-folds.ts'
import { createWatchRuns } from './live/watch-runs.ts'
import { nothingThere } from './nothing-there.ts'
import { openApiDocument } from './openapi/openapi.ts'
import { assetUrl, isAsset, readAsset } from './pages/layout.ts'
import { startProof } from './prove.ts'
import { createReadBody } from './read-body.ts'
import { answerKeys, answerReceipt } from './receipts.ts'
import { createReference } from './reference.ts'
import { answerEventsJson, answerLogText } from './run-downloads.ts'
import {
  answerActions,
  answerDiff,
  answerFile,
  answerLive,
  answerRun,
  answerStory,
  type DrawRun,
  drawOrPlain,
  type RunPageDeps,
} from './run-pages.ts'
import { createRunReader } from './run-view.ts'
import { answerCancel, answerEvents } from './runs.ts'
import { addSetupRoutes } from './setup/setup-routes.ts'
import { answerShares, makeShare, revokeShare } from './share.ts'
import { createOpenStreams } from './stream/open-streams.ts'
import { createStreamRun } from './stream/stream-run.ts'
import { answerTrace } from './trace.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'
import { createWebhookHandler } from './webhooks.ts'

/**
 * The app that answers all HTTP requests. Serve it with `@hono/node-server`, so that it sees the sockets.
 *
 * @param drawRun must work outside the main thread, which it would block.
 */
export function createWebApp(deps: WebDeps, drawRun: DrawRun): Hono<WebEnv> {
  const { runs, log, submit, cancel, receipts, publicUrl, findPullRequest } = deps
  const { webUrl, budgetCapUsd, maxStreams, recheckMs: checkEveryMs } = deps
  const app = createHealthApp(deps, () => openStreams.count())
  const auth = createAuth(deps)
  const permits = createPermits(deps)
  const sharing = createSharing({ ...deps, auth, permits })
  const signIn = createSignInRoutes({ ...deps, auth })
  const reader = createRunReader({ ...deps, permits })
  const openStreams = createOpenStreams({
    maxStreams,
    checkEveryMs,
    longestMs: deps.longestStreamMs,
    addressOf: createClientAddress(deps.trustedProxies),
    stillKnown: async (caller) => caller.share !== undefined || auth.stillKnown(caller),
    canSee: sharing.canStillSee,
  })
  const stream = createStreamRun({ ...deps, openStreams })
  const folds = createRunFolds(deps)
  const pages: RunPageDeps = { reader, folds, drawRun, log, redact: deps.redact }
  const downloads = { ...pages, reportError: deps.reportError }
  const watch = createWatchRuns({
    ...deps,
    folds,
    view: reader.viewById,
    drawParts: (data) => drawOrPlain(drawRun, { kind: 'parts', ...data }),
  })
  const rules = { webUrl, budgetCapUsd }
  // Bodies of strangers and of callers have separate memory limits, so that strangers cannot crowd callers out.
  const readUnverified = createReadBody(deps.unverifiedBytes)
  const readBody = createReadBody()
  const starting = { rules, permits, submit, publicUrl, readBody, stream }
  const known: MiddlewareHandler<WebEnv> = async (c, next) => {
    c.set('caller', await auth.identify(c))
    await next()
  }
  /** Authenticates requests that a share link allows as well. */
  const shown: MiddlewareHandler<WebEnv> = async (c, next) => {
    c.set('caller', await sharing.identify(c))
    await next()
  }
  let openApi: ReturnType<typeof openApiDocument> | undefined

  app.notFound((c) => answerError(c, nothingThere(app, c.req), deps))

  app.use(endHead)

  // Compression is safe: pages hold no secret beside text that a reader controls, so their length reveals nothing.
  app.use(compress({ contentTypeFilter: /^(?:text\/(?:html|css|javascript|plain)|image\/svg)/ }))

  app.get('/openapi.json', (c) => {
    openApi ??= openApiDocument(publicUrl())
    return c.json(openApi)
  })
  const { answerReference, answerTry } = createReference({ publicUrl, auth, app })
  app.get('/reference', answerReference)
  app.get('/reference/try', answerTry)
  app.get('/assets/:version/:name', answerAsset)
  app.get(KEYS_PATH, (c) => answerKeys(c, { receipts }))
  app.get('/account', known, (c) => answerAccount(c, { ...deps, permits }))
  app.post('/account/people/:id/logout', known, (c) => logOutPerson(c, { ...deps, permits }))
  app.get('/auth/github', signIn.start)
  app.get('/auth/github/callback', signIn.finish)
  app.post('/login', (c) => answerLogin(c, { ...deps, auth, readBody: readUnverified }))
  app.post('/logout', (c) => answerLogout(c, { ...deps, auth }, { everywhere: false }))
  app.post('/logout/everywhere', (c) => answerLogout(c, { ...deps, auth }, { everywhere: true }))
  if (deps.setup) addSetupRoutes(app, { ...deps, setup: deps.setup, auth, permits, readBody: readUnverified })
  if (deps.webhook) app.post(deps.webhook.path, createWebhookHandler(deps.webhook, readUnverified))

  for (const path of ['/code', '/api/code']) {
    app.post(path, known, (c) => startRun(c, { ...starting, runs }))
  }
  for (const path of ['/prove', '/api/prove']) {
    app.post(path, known, (c) => startProof(c, { ...starting, runs, findPullRequest }))
  }
  const listing = { ...deps, view: reader.view, permits }
  app.get('/', known, (c) => answerDashboard(c, listing))
  app.get('/runs', known, (c) => answerRuns(c, listing))
  app.get('/stats', known, (c) => answerStats(c, listing))
  app.get('/new', known, (c) => answerNewRun(c, { ...deps, ...starting }))
  app.post('/new', known, (c) => startFromForm(c, { ...deps, ...starting }))
  app.get('/runs/:id', shown, (c) => answerRun(c, pages))
  app.get('/runs/:id/events', shown, (c) => answerEvents(c, { reader, log, stream }))
  app.get('/runs/:id/live', shown, (c) => answerLive(c, { ...pages, stream, watch }))
  app.get('/runs/:id/story', shown, (c) => answerStory(c, pages))
  app.get('/runs/:id/files/:index', shown, (c) => answerFile(c, pages))
  app.get('/runs/:id/actions', shown, (c) => answerActions(c, pages))
  app.get('/runs/:id/diff', shown, (c) => answerDiff(c, pages))
  app.get('/runs/:id/change.patch', shown, (c) => answerDiff(c, pages, true))
  app.get('/runs/:id/events.json', shown, (c) => answerEventsJson(c, downloads))
  app.get('/runs/:id/log.txt', shown, (c) => answerLogText(c, downloads))
  app.get('/runs/:id/receipt', shown, (c) => answerReceipt(c, { reader, receipts }))
  app.get('/runs/:id/trace', known, (c) => answerTrace(c, { reader, findTrace: deps.findTrace }))
  app.get('/shared/:secret', sharing.open)
  const shareDeps = { ...deps, reader, permits, readBody }
  app.get('/runs/:id/share', known, (c) => answerShares(c, shareDeps))
  app.post('/runs/:id/share', known, (c) => makeShare(c, shareDeps))
  app.delete('/runs/:id/share/:link', known, (c) => revokeShare(c, shareDeps))
  app.post('/runs/:id/share/:link/revoke', known, (c) => revokeShare(c, shareDeps))
  app.post('/runs/:id/cancel', known, (c) => answerCancel(c, { reader, cancel }))
  app.post('/runs/:id/notes', known, (c) => addFollowUp(c, { reader, submit, publicUrl, readBody }))
  app.post('/runs/:id/act', known, (c) => answerAct(c, { reader, submit, cancel, readBody }))
  app.post('/runs/:id/approve', known, (c) => approvePlan(c, { reader, submit, publicUrl, readBody }))
  return app
}

/** A HEAD request is answered like a GET without its body, so whatever produces the body must be stopped. */
async function endHead(c: Context<WebEnv>, next: Next): Promise<void> {
  await next()
  if (c.req.method === 'HEAD') await c.res.body?.cancel()
}

/** `GET /assets/:version/:name`: styles and scripts of the pages. They are public. */
function answerAsset(c: Context<WebEnv>): Response {
  const name = c.req.param('name')
  if (!isAsset(name)) throw new BackspaceError('not_found', 'There is no such file.')
  const current = c.req.path === assetUrl(name)
  const { bytes, type } = readAsset(name)
  return c.body(bytes, 200, {
    'Content-Type': type,
    'Cache-Control': current ? 'public, max-age=31536000, immutable' : 'no-cache',
  })
}
