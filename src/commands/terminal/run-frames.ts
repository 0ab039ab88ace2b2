import { setTimeout as delay } from 'node:timers/promises'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { endOf, type ReceivedFrame, readFrame } from './received-frame.ts'

/** A service that restarts is back within this many attempts, a second apart. */
const ATTEMPTS = 10
/** A service that has never answered is more likely not there. */
const FIRST_ATTEMPTS = 4

/** Why the stream is opened again. */
export interface StreamRetry {
  /** A sentence: `http://127.0.0.1:3000 refuses the connection.` */
  readonly reason: string
  /** The attempt that comes next, from 2. */
  readonly attempt: number
  readonly attempts: number
}

interface RunFramesOptions {
  /** API token of the service. */
  readonly token?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly onRetry?: (retry: StreamRetry) => void
}

/**
 * Reads a run's frames from its event stream to the end, and resumes after `Last-Event-ID` when the connection
 * breaks.
 *
 * @param eventsUrl the run's `eventsUrl`.
 * @throws {Error} that names the address, when the service refuses the request, is no Backspace, or stays away.
 */
export async function* runFrames(
  eventsUrl: string,
  { token, signal, onRetry = () => {} }: RunFramesOptions = {},
): AsyncGenerator<ReceivedFrame> {
  let last = 0
  let connected = false
  for (let failures = 0; ; ) {
    const answer = await open(eventsUrl, { token, signal, last })
    if (answer === 'ended') return
    if (typeof answer !== 'string') {
      connected = true
      for await (const frame of parse(answer)) {
        failures = 0
        last = frame.seq
        yield frame
        if (endOf(frame) !== undefined) return
      }
    }
    failures += 1
    const reason = typeof answer === 'string' ? answer : `${origin(eventsUrl)} closed the stream.`
    const attempts = connected ? ATTEMPTS : FIRST_ATTEMPTS
    if (failures >= attempts) throw new Error(`${reason} ${connected ? GOES_ON : NOT_THERE}`)
    onRetry({ reason, attempt: failures + 1, attempts })
    await delay(1000, undefined, signal && { signal })
  }
}

const NOT_THERE = 'Check the address, and that Backspace runs there.'
const GOES_ON = 'The run does not need this connection; open it again to see the rest.'

/** The stream, `ended` when everything was read, or in one sentence why it could not be opened this time. */
async function open(
  eventsUrl: string,
  { token, signal, last }: { token: string | undefined; signal: AbortSignal | undefined; last: number },
): Promise<ReadableStream<Uint8Array> | string> {
  const headers = new Headers({ accept: 'text/event-stream' })
  if (last > 0) headers.set('last-event-id', String(last))
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  let response: Response
  try {
    response = await fetch(eventsUrl, { headers, signal: signal ?? null })
  } catch (error) {
    if (signal?.aborted) throw error
    return `${origin(eventsUrl)} ${whyUnreachable(error)}`
  }
  if (response.status === 204) return 'ended'
  if (response.status >= 500) return `${origin(eventsUrl)} answers ${response.status}.`
  if (!response.ok) throw new Error(await explainRefusal(eventsUrl, response))
  if (response.body && /^text\/event-stream\b/.test(response.headers.get('content-type') ?? '')) {
    return response.body
  }
  throw new Error(`${eventsUrl} is no run of Backspace. Copy the address of the run's page.`)
}

function whyUnreachable(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  switch (cause instanceof Error && 'code' in cause ? cause.code : undefined) {
    case 'ECONNREFUSED':
      return 'refuses the connection.'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'has no known address.'
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return 'does not answer.'
    default:
      return 'cannot be reached.'
  }
}

async function explainRefusal(eventsUrl: string, response: Response): Promise<string> {
  await response.body?.cancel()
  switch (response.status) {
    case 401:
    case 403:
      return `${origin(eventsUrl)} wants an API token for this run (${response.status}). Set BACKSPACE_TOKEN to one that may read it.`
    case 404:
      return `There is no run at ${eventsUrl.replace(/\/events$/, '')} (404). Copy the address of the run's page.`
    default:
      return `${eventsUrl} answers ${response.status}.`
  }
}

function origin(url: string): string {
  return new URL(url).origin
}

/** A stream that breaks simply ends. */
async function* parse(body: ReadableStream<Uint8Array>): AsyncGenerator<ReceivedFrame> {
  const messages: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (message) => void messages.push(message) })
  const decoder = new TextDecoder()
  try {
    for await (const chunk of body) {
      parser.feed(decoder.decode(chunk, { stream: true }))
      for (const { data } of messages.splice(0)) yield readFrame(JSON.parse(data))
    }
  } catch (error) {
    if (error instanceof SyntaxError) throw error
  }
}
