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
  /** With a token that is asked for before every request, so that it never expires in the middle of a run. */
  | {
      readonly kind: 'token'
      readonly token: () => Promise<string>
      /** Forgets the token, because GitHub no longer accepts it; the request is sent again with another one. */
      readonly renew?: () => void
    }
  | { readonly kind: 'anonymous' }

export interface GitHubClientOptions {
  readonly apiUrl: string
  readonly auth: GitHubAuth
  /** Ends requests and waits; its reason is what they fail with. */
  readonly signal?: AbortSignal
  readonly pause?: Pause
  /** Shared by all clients of one installation. */
  readonly limiter?: ContentLimiter
  /** How long a rate limit is waited out at most, in milliseconds; default one minute. */
  readonly patienceMs?: number
  /** Milliseconds that one request may take; default 30,000. GitHub itself gives up after 10 seconds. */
  readonly timeoutMs?: number
}

const REQUEST_TIMEOUT_MS = 30_000
/** Of a request that may be repeated after a server error. */
const MAX_ATTEMPTS = 3
/** Of any request, whatever GitHub says about coming back. */
const MOST_ATTEMPTS = 6
const PATIENCE_MS = 60_000
/** Between tries with a token that was just minted: not every part of GitHub knows of it at once. */
const NEW_TOKEN_MS = [0, 1_000, 2_000, 3_000]

/** Octokit warns about deprecated routes on the console unless it has a log. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

/**
 * Makes a client. Probot's throttling is off: it has one limiter for the whole process, which spaces writes one
 * second and comments three seconds apart whoever they are for (publishing 400 files would take 400 s). It can
 * only be switched off with the function form of `defaults`.
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
      // Changed in place: hooks further in get these very parameters, whatever this one hands on.
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
    // Once: what was refused or failed did not count, and its own wait comes before the next try.
    if (attempt === 1 && limiter && makesContent(parameters)) await takeTurn(limiter, { optional, signal })
    try {
      return await sendOnce(options, parameters, send)
    } catch (error) {
      signal?.throwIfAborted()
      const renew = githubStatus(error) === 401 && auth.kind === 'token' ? auth.renew : undefined
      const newTokenMs = renew && NEW_TOKEN_MS[refusals++]
      if (newTokenMs !== undefined) {
        if (newTokenMs === 0) renew?.()
        else await pause(newTokenMs, signal)
        continue
      }
      const limitedMs = limitMs(error, attempt)
      if (limitedMs !== undefined) limiter?.stayAway(limitedMs)
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
  const response = await send(AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]))
  if (!brokeOff(response)) return response
  // What was asked for may have been done; nobody knows, as after any other server error.
  throw Object.assign(new Error('The answer broke off'), { status: 502, request: parameters })
}

/** Octokit hands out what it could not parse as text. */
function brokeOff(response: unknown): boolean {
  if (typeof response !== 'object' || response === null || !('data' in response)) return false
  // Nothing was promised: some proxies name a type all the same.
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
  throw new BackspaceError('github_rate_limited', 'Backspace writes as much as GitHub lets it at the moment.')
}

/** Comments, branches and pull requests; not reactions, and not git objects, which nobody sees. */
function makesContent({ method, url }: RequestParameters): boolean {
  return method !== 'GET' && /\/(comments(\/[^/]+)?|pulls|refs|forks)$/.test(url)
}

/** A refusal by a rate limit did nothing, so anything may be sent again. Each further wait is twice as long. */
function limitMs(error: unknown, attempt: number): number | undefined {
  const failure = githubFailure(error)
  const waitMs = failure && rateLimitWaitMs(failure, Date.now())
  return waitMs === undefined ? undefined : waitMs * 2 ** (attempt - 1)
}

/**
 * After a server error nobody knows whether the request was carried out, so only those that do the same when
 * repeated are: making git objects is, and reacting; opening pull requests is not.
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

/** Marks a request that may as well not be made: it never waits for a rate limit, but is refused at once. */
export const OPTIONAL_REQUEST = { request: { optional: true } } as const
