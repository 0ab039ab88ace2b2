import { BackspaceError } from '../../errors.ts'
import { forTerminal } from '../../text/terminal-text.ts'
import type { ServiceProblem } from './patience.ts'

/** An answer with the frames of a run. */
export interface OpenStream {
  readonly body: ReadableStream<Uint8Array>
  /** By how many milliseconds the clock of the service is ahead of ours; 0 when it does not say. */
  readonly aheadMs: number
}

interface StreamRequest {
  readonly token: string | undefined
  /** The reader leaves. */
  readonly signal: AbortSignal
  /** The service says nothing. */
  readonly silence: AbortSignal
  /** The last frame that was read; 0 for none. */
  readonly after: number
}

/**
 * Opens the event stream of a run once.
 *
 * @returns `ended` when every frame was read.
 * @throws {BackspaceError} that names the address, when another attempt would not help; the abort reason of `signal`.
 */
export async function openStream(
  eventsUrl: string,
  { token, signal, silence, after }: StreamRequest,
): Promise<OpenStream | ServiceProblem | 'ended'> {
  const headers = new Headers({ accept: 'text/event-stream' })
  if (after > 0) headers.set('last-event-id', String(after))
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  let response: Response
  try {
    response = await fetch(eventsUrl, { headers, signal: AbortSignal.any([signal, silence]) })
  } catch (error) {
    signal.throwIfAborted()
    if (silence.aborted) return { what: 'does not answer' }
    return { what: whyUnreachable(error) }
  }
  const { status, body } = response
  if (status === 204) return 'ended'
  if (status === 429 || status >= 500) {
    await body?.cancel()
    return { what: `answers ${status}`, retryAfterMs: retryAfterOf(response) }
  }
  if (!response.ok) throw await explainRefusal(eventsUrl, response)
  if (body && /^text\/event-stream\b/.test(response.headers.get('content-type') ?? '')) {
    return { body, aheadMs: clockOf(response) }
  }
  await body?.cancel()
  throw new BackspaceError(
    'not_found',
    `${forTerminal(eventsUrl)} is no run of Backspace. Copy the address of the run's page.`,
  )
}

/** Milliseconds until the service wants to be asked again; undefined when it does not say. */
export function retryAfterOf({ headers }: Pick<Response, 'headers'>): number | undefined {
  const text = headers.get('retry-after') ?? ''
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now())
}

/** Nothing listens there. */
export const REFUSES = 'refuses the connection'

/** What a service does to a request that got no answer, to follow its name: `refuses the connection`. */
export function whyUnreachable(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  switch (cause instanceof Error && 'code' in cause ? cause.code : undefined) {
    case 'ECONNREFUSED':
      return REFUSES
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'has no known address'
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
      return 'does not answer'
    case 'ECONNRESET':
    case 'UND_ERR_SOCKET':
      return 'cut the connection'
    default:
      return 'cannot be reached'
  }
}

/** Seconds are all that the header holds, so half of one is added. */
function clockOf({ headers }: Response): number {
  const theirs = Date.parse(headers.get('date') ?? '')
  const ahead = theirs + 500 - Date.now()
  return Number.isNaN(ahead) || Math.abs(ahead) < 2000 ? 0 : ahead
}

async function explainRefusal(eventsUrl: string, { status, body }: Response): Promise<BackspaceError> {
  await body?.cancel()
  switch (status) {
    case 401:
    case 403:
      return new BackspaceError(
        'unauthorized',
        `${new URL(eventsUrl).origin} wants an API token for this run (${status}). Set BACKSPACE_TOKEN to one that may read it.`,
      )
    case 404:
      return new BackspaceError(
        'not_found',
        `There is no run at ${forTerminal(eventsUrl.replace(/\/events$/, ''))} (404). Copy the address of the run's page.`,
      )
    default:
      return new BackspaceError('unavailable', `${forTerminal(eventsUrl)} answers ${status}.`)
  }
}
