import { BackspaceApiError, readApiError } from './api-error.ts'

export interface ClientOptions {
  /** Address of the service: `https://backspace.example`. Default in a browser: the origin of the page. */
  readonly url: string
  /** API token. Without one, a browser sends the cookie of its login. */
  readonly token?: string | undefined
  /** For how long a request is retried while the service is away or asks to wait, in milliseconds. Default 120,000. */
  readonly retryForMs?: number | undefined
  /** The wait before the second try, in milliseconds; it doubles from then on. Default 500. */
  readonly firstWaitMs?: number | undefined
  /** After this long without data, a stream is opened again; the service sends a comment every 15 seconds. Milliseconds, default 45,000. */
  readonly idleMs?: number | undefined
  /** Called before each retry, with the error and the wait in milliseconds. */
  readonly onRetry?: ((error: BackspaceApiError, waitMs: number) => void) | undefined
  /** Replaces the platform's own `fetch`. */
  readonly fetch?: typeof fetch | undefined
}

export interface ApiRequest {
  readonly method?: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object | undefined
  readonly signal?: AbortSignal | undefined
  /** False if sending the request twice has its effect twice. Such a request is retried only if the service said that it did nothing. */
  readonly repeatable?: boolean
}

const RETRY_FOR_MS = 120_000
/** Time limit for the headers of an answer, in milliseconds; the body of a stream may take any time. */
const ANSWER_WITHIN_MS = 30_000
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000
/** After this many tries in a row, the client waits even if the service does not ask for it. */
const AT_ONCE = 3
/** Statuses of a service that is restarting, busy, or behind a proxy that cannot reach it. */
const PASSING = [408, 429, 502, 503, 504]
/** Statuses with which the service itself refuses a request without doing anything. */
const REFUSED = [429, 503]

/**
 * Sends one request.
 *
 * @throws {BackspaceApiError} for every answer that is not a success; with the code `unreachable` without an answer.
 * @throws the signal's reason if it aborts.
 */
export async function sendOnce(options: ClientOptions, request: ApiRequest): Promise<Response> {
  const { method = 'GET', path, body, signal } = request
  const headers = new Headers({ accept: 'application/json', ...request.headers })
  if (options.token !== undefined) headers.set('authorization', `Bearer ${options.token}`)
  if (body !== undefined) headers.set('content-type', 'application/json')
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), ANSWER_WITHIN_MS)
  const url = `${options.url.replace(/\/+$/, '')}${path}`
  const send = options.fetch ?? fetch
  let response: Response
  try {
    response = await send(url, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
      credentials: 'same-origin',
      // A redirected request would lose its token or its body, or would take them to another host.
      redirect: 'manual',
    })
  } catch (cause) {
    signal?.throwIfAborted()
    const message = late.signal.aborted ? 'The service does not answer.' : 'The service cannot be reached.'
    throw new BackspaceApiError(message, { code: 'unreachable', status: 0, cause })
  } finally {
    clearTimeout(timer)
  }
  if (response.ok) return response
  const isRedirect = response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)
  throw isRedirect ? redirected(response, url) : await readApiError(response)
}

function redirected({ status, headers, body }: Response, asked: string): BackspaceApiError {
  void body?.cancel().catch(() => undefined)
  const target = URL.parse(headers.get('location') ?? '', asked)
  const place = target === null ? 'another address' : `${target.origin}${target.pathname}`
  return new BackspaceApiError(
    `The service leads to ${place}. Give the client the address at which it answers itself.`,
    { code: 'unexpected_answer', status },
  )
}

/** Decides how long to wait before a retry, and when to give up. */
export interface RetryPlan {
  /**
   * Waits before a retry.
   *
   * @throws the given error if a retry would not help, or the request has been retried for long enough.
   */
  wait(error: unknown, signal: AbortSignal | undefined): Promise<void>
  /** Tells that a request worked, so that the next failure counts as the first. */
  reset(): void
}

export function createRetryPlan({
  retryForMs = RETRY_FOR_MS,
  firstWaitMs = FIRST_WAIT_MS,
  onRetry,
}: ClientOptions): RetryPlan {
  let since: number | undefined
  let tries = 0
  return {
    reset() {
      since = undefined
      tries = 0
    },
    async wait(error, signal) {
      if (!(error instanceof BackspaceApiError) || !mayPass(error)) throw error
      const now = Date.now()
      since ??= now
      const grown = Math.min(LONGEST_WAIT_MS, firstWaitMs * 2 ** tries++)
      // Clients that lost the same service must not all come back at the same moment.
      const ownMs = grown * (0.5 + Math.random() / 2)
      const saidMs = error.retryAfterMs
      const waitMs = saidMs === undefined || tries > AT_ONCE ? Math.max(saidMs ?? 0, ownMs) : saidMs
      if (now - since + waitMs > retryForMs) throw error
      onRetry?.(error, waitMs)
      await sleep(waitMs, signal)
    },
  }
}

/**
 * Sends a request until a complete answer arrives that is not a temporary failure.
 *
 * @returns the text of the body, and what `parseSent` needs for its errors.
 */
export async function sendPatiently(
  options: ClientOptions,
  request: ApiRequest,
): Promise<{ readonly text: string; readonly response: Response }> {
  const retry = createRetryPlan(options)
  for (;;) {
    try {
      const response = await sendOnce(options, request)
      const late = 'The answer does not end.'
      return { response, text: await inTime(response.text(), { ms: ANSWER_WITHIN_MS, late }) }
    } catch (error) {
      request.signal?.throwIfAborted()
      const mayHaveWorked = !(error instanceof BackspaceApiError && REFUSED.includes(error.status))
      if (request.repeatable === false && mayHaveWorked) throw error
      await retry.wait(error, request.signal)
    }
  }
}

/** Waits for a part of an answer, with a time limit: a connection whose other side has vanished stays silent. */
export async function inTime<T>(
  work: Promise<T>,
  { ms, late }: { readonly ms: number; readonly late: string },
): Promise<T> {
  const unreachable = { code: 'unreachable', status: 0 } as const
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new BackspaceApiError(late, unreachable)), ms)
  })
  const broken = work.catch((cause: unknown) => {
    throw new BackspaceApiError('The answer broke off.', { ...unreachable, cause })
  })
  try {
    return await Promise.race([broken, timeout])
  } finally {
    clearTimeout(timer)
  }
}

/** @throws {BackspaceApiError} `unexpected_answer` */
export function parseSent(text: string, response: Response): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw unexpectedAnswer(response)
  }
}

/** The error for an answer that does not come from Backspace, but from a proxy or another service at this address. */
export function unexpectedAnswer({ status, headers }: Response): BackspaceApiError {
  const requestId = headers.get('x-request-id') ?? undefined
  return new BackspaceApiError('The answer is not one of Backspace. Check the address.', {
    code: 'unexpected_answer',
    status,
    requestId,
  })
}

function mayPass({ status }: BackspaceApiError): boolean {
  return status === 0 || PASSING.includes(status)
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
