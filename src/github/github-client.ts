import { ProbotOctokit } from 'probot'
import { BackspaceError } from '../errors.ts'
import { type Pause, pause as pauseByClock } from '../time/pause.ts'
import type { ContentLimiter } from './content-limiter.ts'
import { githubFailure, githubStatus, rateLimitWaitMs } from './github-error.ts'

/** Probot's Octokit, without its throttling. Backspace limits and repeats requests itself. */
export type GitHubClient = InstanceType<typeof ProbotOctokit>

type GitHubAuth =
  /** As the App itself. Works only for `/app` routes and for "is it installed here?". */
  | { readonly kind: 'app'; readonly appId: number; readonly privateKey: string }
  /** With a token that is fetched before every request, so that it does not expire in the middle of a run. */
  | {
      readonly kind: 'token'
      readonly token: () => Promise<string>
      /** Drops a token that GitHub refused. The request is then sent again with a new one. */
      readonly renew?: (() => void) | undefined
    }
  | { readonly kind: 'anonymous' }

export interface GitHubClientOptions {
  readonly apiUrl: string
  readonly auth: GitHubAuth
  /** Ends requests and waits; they then fail with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  readonly pause?: Pause | undefined
  /** Shared by all clients of one installation. */
  readonly limiter?: ContentLimiter | undefined
  /** Milliseconds that one request may wait for rate limits in total; default one minute. */
  readonly patienceMs?: number | undefined
  /** Milliseconds that one request may take; default 30,000. GitHub itself gives up after 10 seconds. */
  readonly timeoutMs?: number | undefined
}

const REQUEST_TIMEOUT_MS = 30_000
/** Most attempts for a request that is safe to repeat after a server error. */
const MAX_ATTEMPTS = 3
/** Most attempts for any request, including those refused by a rate limit. */
const MOST_ATTEMPTS = 6
const PATIENCE_MS = 60_000
/** Milliseconds before each attempt with a new token, which not all of GitHub's servers accept at once. */
const NEW_TOKEN_WAITS_MS = [0, 1_000, 2_000, 3_000]

/** Without a log, Octokit warns about deprecated routes on the console itself. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

/**
 * Creates a client. Probot's throttling is off, since its one limiter for the whole process spaces writes by one second
 * and comments by three, across all installations: publishing 400 files would take 400 s. Only the function form of
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
      // The parameters must be changed in place: inner hooks get this object, not the one that is passed on here.
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
    // Taken only once: a refused request created no content, and the next attempt has a wait of its own.
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
  // Treated like any server error, since GitHub may have carried out the request.
  throw Object.assign(new Error('The answer was cut off'), { status: 502, request: parameters })
}

/** Whether the answer is incomplete: Octokit returns an answer that it cannot parse as text. */
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

/**
 * Whether a request creates content that GitHub limits: comments, branches and pull requests, but not reactions and git
 * objects.
 */
function makesContent({ method, url }: RequestParameters): boolean {
  return method !== 'GET' && /\/(comments(\/[^/]+)?|pulls|refs|forks)$/.test(url)
}

/**
 * How long to wait after a rate limit. A limit refuses a request before anything happens, so any request may be
 * repeated. Each wait is twice as long as the one before.
 */
function rateLimitMs(error: unknown, attempt: number): number | undefined {
  const failure = githubFailure(error)
  const waitMs = failure && rateLimitWaitMs(failure, Date.now())
  return waitMs === undefined ? undefined : waitMs * 2 ** (attempt - 1)
}

/**
 * How long to wait before repeating a request after a server error; undefined if it must not be repeated. GitHub may
 * have carried it out, so only idempotent requests are repeated: creating git objects and reacting are, opening a pull
 * request is not.
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
