import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import type { WatchRequests } from '../watch-requests.ts'
import { ApiError } from './api-error.ts'
import { type Caller, noteUse, readCaller } from './caller.ts'
import { type Faults, faultAnswer, type LoggedRequest, type RequestLog, readableBody } from './faults.ts'
import { gitRoutes } from './git/git-http.ts'
import { manifestRoutes } from './manifest.ts'
import { applicationRoutes, isClientRequest, tokenEndpoint } from './oauth.ts'
import { appPages } from './pages/app-pages.ts'
import { oauthPages } from './pages/oauth-pages.ts'
import { pageRoutes } from './pages/pages.ts'
import { appRoutes } from './rest/app.ts'
import { checkRoutes } from './rest/checks.ts'
import { commentRoutes } from './rest/comments.ts'
import { commitRoutes } from './rest/commits.ts'
import { gitDataRoutes } from './rest/git-data.ts'
import { hookRoutes } from './rest/hook.ts'
import { issueRoutes } from './rest/issues.ts'
import { pullRoutes } from './rest/pulls.ts'
import { repositoryRoutes } from './rest/repositories.ts'
import { reviewRoutes } from './rest/reviews.ts'
import type { ApiEnv } from './rest/route.ts'
import { rulesetRoutes } from './rest/rulesets.ts'
import type { World } from './world.ts'

interface Env {
  Bindings: HttpBindings
  Variables: { caller: Caller; logged: LoggedRequest }
}

const RATE_LIMIT = 5000

/** The whole server: log, faults, credentials, then the API, git, or a page. */
export function createServer(
  world: World,
  {
    faults,
    log,
    watch,
  }: { readonly faults: Faults; readonly log: RequestLog; readonly watch: WatchRequests },
): Hono<Env> {
  const app = new Hono<Env>()
  app.use(logRequests(world, log), injectFaults(world, faults), callWatcher(watch), identify(world))
  app.use('/api/v3/*', apiHeaders(world))
  app.route('/api/v3', restApi(world))
  app.get('/api/v3/rate_limit', (c) => c.json(rateLimits(world)))
  app.all('/api/v3/*', () => {
    throw new ApiError(404, 'Not Found')
  })
  app.route('/', gitRoutes(world))
  app.route('/', tokenEndpoint(world))
  app.route('/', oauthPages(world))
  app.route('/', appPages(world))
  app.route('/', pageRoutes(world))
  app.notFound((c) => c.text('Not Found', 404))
  app.onError((error, c) => answerError(world, error, c))
  return app
}

function restApi(world: World): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>()
  // More particular paths first: `/issues/comments` is not an issue called "comments".
  const resources = [
    commentRoutes,
    issueRoutes,
    reviewRoutes,
    pullRoutes,
    checkRoutes,
    commitRoutes,
    gitDataRoutes,
    repositoryRoutes,
    rulesetRoutes,
    appRoutes,
    hookRoutes,
    manifestRoutes,
    applicationRoutes,
  ]
  for (const { method, path, answer } of resources.flatMap((routes) => routes(world))) {
    api.on(method, path, (c) => answer(world, c))
  }
  return api
}

function logRequests(world: World, log: RequestLog): MiddlewareHandler<Env> {
  return async (c, next) => {
    const url = new URL(c.req.url)
    const logged = log.begin({
      method: c.req.method,
      path: readablePath(url.pathname).replace(/^\/api\/v3(?=\/)/, ''),
      query: Object.fromEntries(url.searchParams),
      at: world.now(),
    })
    c.set('logged', logged)
    // Only of API calls: a pack is streamed to git as it comes.
    if (url.pathname.startsWith('/api/') && c.req.method !== 'GET')
      logged.body = readableBody(await c.req.text())
    await next()
    logged.status = c.env.incoming.socket.destroyed ? 0 : c.res.status
    log.notify()
  }
}

/** Decoded for reading; as it came when it cannot be decoded. */
function readablePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function injectFaults(world: World, faults: Faults): MiddlewareHandler<Env> {
  return async (c, next) => {
    const { method, path } = c.get('logged')
    const found = faults.next(method, path + new URL(c.req.url).search)
    if (!found) return next()
    const { fault } = found
    if (fault.when === 'after') await next()
    found.hit()
    const answer = await faultAnswer(fault, world.closing)
    if (fault.drop) {
      c.env.incoming.socket.destroy()
      c.res = new Response(null)
    } else if (answer) {
      c.res = undefined
      c.res = answer
    } else if (fault.when !== 'after') {
      await next()
    }
  }
}

/** What a fault refuses has no effect, so the watcher is not called. */
function callWatcher(watch: WatchRequests): MiddlewareHandler<Env> {
  return async (c, next) => {
    const { method, path } = c.get('logged')
    const { socket } = c.env.incoming
    const seen = { server: 'github', method, path, remotePort: socket.remotePort ?? 0 } as const
    const before = await watch({ ...seen, when: 'before' })
    if (before === 'go on') await next()
    if (before === 'go on' && (await watch({ ...seen, when: 'after' })) === 'go on') return
    socket.destroy()
    c.res = new Response(null)
  }
}

function identify(world: World): MiddlewareHandler<Env> {
  return async (c, next) => {
    const logged = c.get('logged')
    const authorization = c.req.header('authorization')
    const api = c.req.path.startsWith('/api/')
    try {
      // git takes a name and password, never a bearer token; GitHub is as strict.
      const acceptable = api || authorization === undefined || /^basic /i.test(authorization)
      const caller = readCaller(
        world,
        isClientRequest(c) ? undefined : acceptable ? authorization : 'refused',
      )
      c.set('caller', caller)
      logged.caller = caller.kind
      if (caller.kind === 'installation' || caller.kind === 'user') logged.token = caller.token.token
      noteUse(caller, { order: logged.order, method: logged.method, path: logged.path })
    } catch (error) {
      logged.caller = 'refused'
      if (api || !(error instanceof ApiError)) throw error
      return c.text(
        'Invalid username or token. Password authentication is not supported for Git operations.',
        401,
        {
          'www-authenticate': 'Basic realm="GitHub"',
        },
      )
    }
    return next()
  }
}

function apiHeaders(world: World): MiddlewareHandler<Env> {
  return async (c, next) => {
    await next()
    const caller = c.get('caller')
    c.res.headers.set('date', new Date(world.now()).toUTCString())
    c.res.headers.set('x-github-request-id', `STAND:${c.get('logged').order}`)
    c.res.headers.set('x-github-media-type', 'github.v3; format=json')
    c.res.headers.set('x-ratelimit-limit', String(RATE_LIMIT))
    c.res.headers.set('x-ratelimit-remaining', String(RATE_LIMIT - 1))
    c.res.headers.set('x-ratelimit-reset', String(Math.floor(world.now() / 1000) + 3600))
    c.res.headers.set('x-ratelimit-resource', 'core')
    if (caller?.kind === 'user') c.res.headers.set('x-oauth-scopes', caller.token.scopes.join(', '))
  }
}

function answerError(world: World, error: unknown, c: Context<Env>): Response {
  if (error instanceof ApiError) {
    const body = {
      message: error.message,
      ...error.extra,
      documentation_url: 'https://docs.github.com/rest',
      status: String(error.status),
    }
    return c.json(body, error.status, error.headers)
  }
  // A mistake in the stand-in itself: print it, so that no test takes it for an answer of GitHub.
  if (!world.closing.aborted) console.error(`GitHub stand-in: ${c.req.method} ${c.req.path} failed`, error)
  return c.json({ message: 'Server Error' }, 500)
}

function rateLimits(world: World) {
  const core = {
    limit: RATE_LIMIT,
    used: 1,
    remaining: RATE_LIMIT - 1,
    reset: Math.floor(world.now() / 1000) + 3600,
  }
  return { resources: { core, search: { ...core, limit: 30, remaining: 29 } }, rate: core }
}
