import { BackspaceApiError, type BackspaceClient, createClient } from '../../../client/create-client.ts'
import { BackspaceError, type ErrorCode, knownError } from '../../../errors.ts'
import { runIdField } from '../../../triggers/code-request.ts'
import { oneLine } from '../views/paint.ts'
import {
  createPatience,
  PATIENCE,
  type Patience,
  type PatienceOptions,
  REFUSES,
  whatItDoes,
  whyUnreachable,
} from '../views/patience.ts'

/** A Backspace that this command can reach, and the token for it. */
export interface ReachedService {
  /** Address of the service, without a slash at the end. */
  readonly url: string
  readonly token: string | undefined
  /** Whether the service runs in this process, so that it ends with this command. */
  readonly inThisProcess?: boolean | undefined
}

export interface ConnectOptions extends PatienceOptions {
  /** Called each time that a stream opens. */
  readonly onOpen?: ((clock: { readonly aheadMs: number }) => void) | undefined
}

interface Connection {
  readonly client: BackspaceClient
  readonly patience: Patience
}

/** A client for a service that may be away for minutes, at an address that may belong to another program. */
export function connect({ url, token }: ReachedService, options: ConnectOptions = {}): Connection {
  const patience = createPatience(url, options)
  async function watchedFetch(...[address, init]: Parameters<typeof fetch>): Promise<Response> {
    // A redirect would turn a POST into a GET, and might take the token elsewhere.
    const response = await fetch(address, { ...init, redirect: 'manual' })
    const { status, headers } = response
    patience.answered(headers.has('retry-after'))
    const to = headers.get('location')
    if (status >= 300 && status < 400 && to !== null) throw sentOn(url, to)
    const wantsStream = new Headers(init?.headers).get('accept') === 'text/event-stream'
    if (!wantsStream || status !== 200) return response
    if (!/^text\/event-stream\b/.test(headers.get('content-type') ?? ''))
      throw noRun(String(address).replace(/\/events(?:\?.*)?$/, ''))
    patience.opened()
    options.onOpen?.({ aheadMs: clockOf(response) })
    return response
  }
  const client = createClient({
    url,
    token,
    fetch: watchedFetch,
    firstWaitMs: 2000,
    retryForMs: PATIENCE,
    onRetry: patience.beforeRetry,
  })
  return { client, patience }
}

/** Whether anything listens at an address. */
export async function isThere(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(10_000) })
    await response.body?.cancel()
    return true
  } catch (error) {
    return whyUnreachable(error) !== REFUSES
  }
}

export interface StartedRun {
  readonly runId: string
  /** The run's page at the service's public address, which may differ from the address that this command uses. */
  readonly runUrl: string
}

/**
 * Starts a run with `POST /code`. A request that got no answer is sent again, with a key that keeps it to one run.
 *
 * @throws {BackspaceError} with the service's reason: `bad_request`, `unauthorized`, `forbidden`, `not_found`, `conflict`,
 * `rate_limited`, `internal`; `unavailable` if it stays away or is not Backspace.
 */
export async function requestRun(
  service: ReachedService,
  request: Parameters<BackspaceClient['start']>[0],
  { signal, ...options }: ConnectOptions & { readonly signal?: AbortSignal | undefined } = {},
): Promise<StartedRun> {
  const { client, patience } = connect(service, options)
  const { url } = service
  try {
    const { runId, runUrl } = await client.start(request, { signal })
    if (!runIdField.safeParse(runId).success || typeof runUrl !== 'string') throw noBackspace(url)
    return { runId, runUrl: oneLine(runUrl) }
  } catch (error) {
    throw error instanceof BackspaceApiError ? refusalOf(error, { url, advice: patience.advice() }) : error
  }
}

/**
 * Asks the service to stop a run, which ends the stream of the run.
 *
 * @returns why the run will not be stopped; undefined if it will be, or has ended.
 */
export async function stopRun(service: ReachedService, runId: string): Promise<string | undefined> {
  try {
    await connect(service).client.cancel(runId)
    return undefined
  } catch (error) {
    if (!(error instanceof BackspaceApiError)) throw error
    if (error.status === 409) return undefined
    return refusalOf(error, { url: service.url, advice: '' }).userMessage
  }
}

/** The error of a command for a request that the service refused. */
export function refusalOf(
  error: BackspaceApiError,
  { url, advice }: { readonly url: string; readonly advice: string },
): BackspaceError {
  const known = knownError(error.cause)
  if (known) return known
  const { status, code, message } = error
  if (status === 0) return new BackspaceError('unavailable', `${url} ${whatItDoes(error)}. ${advice}`.trim())
  if (code.startsWith('http_')) {
    return new BackspaceError(
      'unavailable',
      `${url} ${whatItDoes(error)}. Check the address: is that Backspace?`,
    )
  }
  const hint = status === 401 ? ' Set BACKSPACE_TOKEN, or name a file with --token-file.' : ''
  return new BackspaceError(CODES[status] ?? 'unavailable', `${oneLine(message)}${hint}`)
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  413: 'bad_request',
  429: 'rate_limited',
  500: 'internal',
}

function sentOn(url: string, to: string): BackspaceError {
  const elsewhere = URL.canParse(to, url) ? new URL(to, url).origin : oneLine(to)
  return new BackspaceError('bad_request', `${url} redirects to ${elsewhere}. Use that address.`)
}

function noBackspace(url: string): BackspaceError {
  return new BackspaceError('unavailable', `${url} does not answer like a Backspace. Check the address.`)
}

/** The error for an address that has no event stream. */
export function noRun(address: string): BackspaceError {
  return new BackspaceError(
    'not_found',
    `${oneLine(address)} is not a run of Backspace. Copy the address of the run's page.`,
  )
}

/**
 * By how many milliseconds the service's clock is ahead of ours; 0 if the answer has no date. The date has whole seconds
 * only, so half a second is added.
 */
function clockOf({ headers }: Response): number {
  const ahead = Date.parse(headers.get('date') ?? '') + 500 - Date.now()
  return Number.isNaN(ahead) || Math.abs(ahead) < 2000 ? 0 : ahead
}
