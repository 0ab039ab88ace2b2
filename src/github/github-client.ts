import { ProbotOctokit } from 'probot'
import { githubFailure, githubStatus, rateLimitWaitMs } from './github-error.ts'
import { type Pause, pause as pauseByClock } from './pause.ts'

/** Probot's Octokit, with our own patience instead of its throttling. */
export type GitHubClient = InstanceType<typeof ProbotOctokit>

type GitHubAuth =
  /** As the App itself: only `/app` routes and "is it installed here?". */
  | { readonly kind: 'app'; readonly appId: number; readonly privateKey: string }
  /** With a token that is asked for before every request, so that it never expires in the middle of a run. */
  | {
      readonly kind: 'token'
      readonly token: () => Promise<string>
      /** Forgets the token, because GitHub no longer accepts it; the request is sent once more. */
      readonly renew?: () => void
    }
  | { readonly kind: 'anonymous' }

export interface GitHubClientOptions {
  readonly apiUrl: string
  readonly auth: GitHubAuth
  /** Ends requests and waits; its reason is what they fail with. */
  readonly signal?: AbortSignal
  readonly pause?: Pause
}

/** A client is given this long per request; GitHub itself gives up after 10 seconds. */
const REQUEST_TIMEOUT_MS = 60_000
const MAX_ATTEMPTS = 3
const LONGEST_WAIT_MS = 60_000

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
  const { pause = pauseByClock } = options
  client.hook.wrap('request', async (request, parameters) => {
    for (let attempt = 1; ; attempt++) {
      options.signal?.throwIfAborted()
      try {
        const signal = AbortSignal.any([
          AbortSignal.timeout(REQUEST_TIMEOUT_MS),
          ...(options.signal ? [options.signal] : []),
        ])
        return await request({ ...parameters, request: { ...parameters.request, signal } })
      } catch (error) {
        options.signal?.throwIfAborted()
        if (attempt === 1 && renewToken(options.auth, error)) continue
        const waitMs = attempt < MAX_ATTEMPTS ? retryWaitMs(error, parameters, attempt) : undefined
        if (waitMs === undefined || waitMs > LONGEST_WAIT_MS) throw error
        await pause(waitMs, options.signal)
      }
    }
  })
  return client
}

function renewToken(auth: GitHubAuth, error: unknown): boolean {
  if (auth.kind !== 'token' || !auth.renew || githubStatus(error) !== 401) return false
  auth.renew()
  return true
}

/**
 * A refusal by a rate limit did nothing, so anything may be sent again. After a server error nobody knows, so
 * only requests that do the same when repeated are: making git objects is, opening pull requests is not.
 */
function retryWaitMs(
  error: unknown,
  { method, url }: { readonly method: string; readonly url: string },
  attempt: number,
): number | undefined {
  const failure = githubFailure(error)
  if (!failure) return undefined
  const limited = rateLimitWaitMs(failure, Date.now())
  if (limited !== undefined) return limited
  const repeatable = method !== 'POST' || /\/git\/(blobs|trees|commits)$|\/access_tokens$/.test(url)
  return failure.status >= 500 && repeatable ? 250 * 4 ** attempt : undefined
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

type Send = (parameters: object) => Promise<unknown>

/** An Octokit authentication strategy whose token may change between requests. */
function tokenStrategy({ token }: { token: () => Promise<string> }): object {
  async function authenticate(): Promise<object> {
    return { type: 'token', tokenType: 'installation', token: await token() }
  }
  async function hook(
    request: Send & { endpoint: { merge(route: object | string, parameters?: object): { headers: object } } },
    route: object | string,
    parameters?: object,
  ): Promise<unknown> {
    const merged = request.endpoint.merge(route, parameters)
    return request({ ...merged, headers: { ...merged.headers, authorization: `token ${await token()}` } })
  }
  return Object.assign(authenticate, { hook })
}
