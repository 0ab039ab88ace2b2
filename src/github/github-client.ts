import { ProbotOctokit } from 'probot'
import { BackspaceError } from '../errors.ts'
import { type Pause, pause as pauseByClock } from '../time/pause.ts'
import type { ContentLimiter } from './content-limiter.ts'
import { githubFailure, githubStatus, rateLimitWaitMs } from './github-error.ts'

/** Probot's Octokit, with our own patience instead of its throttling. */
export type GitHubClient = InstanceType<typeof ProbotOctokit>

type GitHubAuth =
  /** As the App itself: only `/app` routes and "is it installed here?". */
  | { readonly kind: 'app'; readonly appId: number; readonly privateKey: string }
  /** With a token that is fetched before every request, so it never expires in the middle of a run. */
  | {
      readonly kind: 'token'
      readonly token: () => Promise<string>
      /** Forgets a token that GitHub refuses; the request is then sent again with a new one. */
      readonly renew?: (() => void) | undefined
    }
  | { readonly kind: 'anonymous' }

export interface GitHubClientOptions {
  readonly apiUrl: string
  readonly auth: GitHubAuth
  /** Ends requests and waits, which then fail with its reason. */
  readonly signal?: AbortSignal | undefined
  readonly pause?: Pause | undefined
  /** Shared by all clients of one installation. */
  readonly limiter?: ContentLimiter | undefined
  /** Milliseconds that a request may wait for rate limits in all; default one minute. */
  readonly patienceMs?: number | undefined
  /** Milliseconds that one request may take; default 30,000. GitHub itself gives up after 10 seconds. */
  readonly timeoutMs?: number | undefined
}

const REQUEST_TIMEOUT_MS = 30_000
/** For a request that is safe to repeat after a server error. */
const MAX_ATTEMPTS = 3
/** For any request, rate limits included. */
const MOST_ATTEMPTS = 6
const PATIENCE_MS = 60_000
/** Waits between attempts with a new token: it takes some seconds until all of GitHub accepts it. */
const NEW_TOKEN_WAITS_MS = [0, 1_000, 2_000, 3_000]

/** Octokit warns about deprecated routes on the console unless it has a log. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

/**
 * Creates a client. Probot's throttling is off: one limiter for the whole process spaces writes by one second and
 * comments by three, across all installations (publishing 400 files would take 400 s). Only the function form of
 * `defaults` can switch it off.
 */
export function createGitHubClient(options: GitHubClientOptions): GitHubClient {
  const Client = ProbotOctokit.defaults((given: object) => ({
    ...given,
    throttle: { enabled: false },
    retry: { enabled: false },
  }))
  const client = new Client({
    ...authOptions(options.auth),
    baseUrl: options.apiUrl,
    userAgent: 'backspace',
    log: SILENT,
    request: { log: SILENT },
  })
  client.hook.wrap('request', (request, parameters) =>
    sendPatiently(options, parameters, async (signal) => {
      // Change the parameters in place: inner hooks get this object, not the one passed on here.
      parameters.request = { ...parameters.request, signal }
      return request(parameters)
    }),
  )
  return client
}

interface RequestParameters {
  readonly method: string
  readonly url: string
  readonly request?: Readonly<Record<string, unknown>>
}

type Send<T> = (signal: AbortSignal) => Promise<T>

async function sendPatiently<T>(
  options: GitHubClientOptions,
  parameters: RequestParameters,
  send: Send<T>,
): Promise<T> {
  const { auth, limiter, signal, pause = pauseByClock, patienceMs = PATIENCE_MS } = options
  const optional = parameters.request?.optional === true
  let [waited, refusals] = [0, 0]
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    // Only once: a refused request made no content, and its own wait comes before the next attempt.
    if (attempt === 1 && limiter && makesContent(parameters)) await takeTurn(limiter, { optional, signal })
    try {
      return await sendOnce(options, parameters, send)
    } catch (error) {
      signal?.throwIfAborted()
      const renew = githubStatus(error) === 401 && auth.kind === 'token' ? auth.renew : undefined
      const newTokenMs = renew && NEW_TOKEN_WAITS_MS[refusals++]
      if (newTokenMs !== undefined) {
        if (newTokenMs === 0) renew?.()
        else await pause(newTokenMs, signal)
        continue
      }
      const limitedMs = rateLimitMs(error, attempt)
      if (limitedMs !== undefined) limiter?.blockFor(limitedMs)
      const waitMs = limitedMs ?? retryWaitMs(error, parameters, attempt)
      waited += waitMs ?? 0
      if (waitMs === undefined || waited > patienceMs || attempt === MOST_ATTEMPTS) throw error
      if (optional && limitedMs !== undefined) throw error
      await pause(waitMs, signal)
    }
  }
}

async function sendOnce<T>(
  { signal, timeoutMs = REQUEST_TIMEOUT_MS }: GitHubClientOptions,
  parameters: RequestParameters,
  send: Send<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(timeoutMs)
  const response = await send(signal ? AbortSignal.any([timeout, signal]) : timeout)
  if (!wasCutOff(response)) return response
  // GitHub may have carried out the request, as after any other server error.
  throw Object.assign(new Error('The answer was cut off'), { status: 502, request: parameters })
}

/** Octokit returns an answer that it cannot parse as text. */
function wasCutOff(response: unknown): boolean {
  if (typeof response !== 'object' || response === null || !('data' in response)) return false
  // An empty answer is complete, even if a proxy adds a content type.
  if ('status' in response && response.status === 204) return false
  if (typeof response.data !== 'string' || !('headers' in response)) return false
  const { headers } = response
  if (typeof headers !== 'object' || headers === null || !('content-type' in headers)) return false
  return String(headers['content-type']).startsWith('application/json')
}

async function takeTurn(
  limiter: ContentLimiter,
  { optional, signal }: { readonly optional: boolean; readonly signal: AbortSignal | undefined },
): Promise<void> {
  if (!optional) return limiter.take(signal)
  if (limiter.tryTake()) return
  throw new BackspaceError(
    'github_rate_limited',
    'Backspace is at GitHub’s limit for new content. Try again in a minute.',
  )
}

/** Comments, branches and pull requests, which GitHub limits; not reactions and git objects. */
function makesContent({ method, url }: RequestParameters): boolean {
  return method !== 'GET' && /\/(comments(\/[^/]+)?|pulls|refs|forks)$/.test(url)
}

/** A rate limit refuses before anything happens, so any request may be repeated. Each wait doubles the one before. */
function rateLimitMs(error: unknown, attempt: number): number | undefined {
  const failure = githubFailure(error)
  const waitMs = failure && rateLimitWaitMs(failure, Date.now())
  return waitMs === undefined ? undefined : waitMs * 2 ** (attempt - 1)
}

/**
 * After a server error the request may have been carried out, so only idempotent ones are repeated: creating git
 * objects and reacting are, opening a pull request is not.
 */
function retryWaitMs(
  error: unknown,
  { method, url }: RequestParameters,
  attempt: number,
): number | undefined {
  const status = githubStatus(error)
  if (status === undefined || status < 500 || attempt >= MAX_ATTEMPTS) return undefined
  const repeatable = method !== 'POST' || /\/(git\/(blobs|trees|commits)|access_tokens|reactions)$/.test(url)
  return repeatable ? 250 * 4 ** attempt : undefined
}

function authOptions(auth: GitHubAuth): object {
  switch (auth.kind) {
    case 'app':
      return { auth: { appId: auth.appId, privateKey: auth.privateKey } }
    case 'token':
      return { authStrategy: tokenStrategy, auth: { token: auth.token } }
    case 'anonymous':
      return { authStrategy: undefined, auth: undefined }
  }
}

/** An Octokit authentication strategy whose token may change between requests. */
function tokenStrategy({ token }: { token: () => Promise<string> }): object {
  async function authenticate(): Promise<object> {
    return { type: 'token', tokenType: 'installation', token: await token() }
  }
  async function hook(
    request: ((parameters: object) => Promise<unknown>) & {
      endpoint: { merge(route: object | string, parameters?: object): { headers: object } }
    },
    route: object | string,
    parameters?: object,
  ): Promise<unknown> {
    const merged = request.endpoint.merge(route, parameters)
    return request({ ...merged, headers: { ...merged.headers, authorization: `token ${await token()}` } })
  }
  return Object.assign(authenticate, { hook })
}
