import { BackspaceApiError, type BackspaceClient, createClient } from '../../client/create-client.ts'
import { BackspaceError, type ErrorCode, knownError } from '../../errors.ts'
import { runIdField } from '../../triggers/code-request.ts'
import { oneLine } from './paint.ts'
import {
  createPatience,
  PATIENCE,
  type Patience,
  type PatienceOptions,
  REFUSES,
  whatItDoes,
  whyUnreachable,
} from './patience.ts'

/** A Backspace, and who we are there. */
export interface ReachedService {
  /** Without a slash at the end. */
  readonly url: string
  readonly token: string | undefined
  /** It ends with this command. */
  readonly inThisProcess?: boolean | undefined
}

export interface ConnectOptions extends PatienceOptions {
  /** Called each time that a stream is open. */
  readonly onOpen?: ((clock: { readonly aheadMs: number }) => void) | undefined
}

interface Connection {
  readonly client: BackspaceClient
  readonly patience: Patience
}

/** A client of a service that stays away for minutes, and whose answers may be those of anything. */
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
  /** Its page as people reach it, which may differ from the address that we use. */
  readonly runUrl: string
}

/**
 * Starts a run with `POST /code`. A request that got no answer is sent again, and still there is one run.
 *
 * @throws {BackspaceError} with the service's reason: `bad_request`, `unauthorized`, `forbidden`, `not_found`, `conflict`,
 * `rate_limited`, `internal`; `unavailable` when it stays away or is no Backspace.
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
 * Asks for a run to be stopped; its stream then ends.
 *
 * @returns why it will not be stopped; undefined when it will, or has ended.
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

/** What an answer of the service that says no means for a command. */
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
  return new BackspaceError('bad_request', `${url} sends its callers on to ${elsewhere}. Use that address.`)
}

function noBackspace(url: string): BackspaceError {
  return new BackspaceError('unavailable', `${url} does not answer as Backspace does. Check the address.`)
}

/** Of an address that is no event stream. */
export function noRun(address: string): BackspaceError {
  return new BackspaceError(
    'not_found',
    `${oneLine(address)} is no run of Backspace. Copy the address of the run's page.`,
  )
}

/**
 * By how many milliseconds the clock of the service is ahead of ours; 0 when it does not say. Seconds are all that the
 * header holds, so half of one is added.
 */
function clockOf({ headers }: Response): number {
  const ahead = Date.parse(headers.get('date') ?? '') + 500 - Date.now()
  return Number.isNaN(ahead) || Math.abs(ahead) < 2000 ? 0 : ahead
}
