import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { BackspaceError, type ErrorCode } from '../../errors.ts'
import { jsonOrUndefined } from '../../text/json-or-undefined.ts'
import { readUpTo } from '../../text/read-up-to.ts'
import { runIdField } from '../../triggers/code-request.ts'
import { acceptedBody, errorBody } from '../../web/bodies.ts'
import { oneLine } from './paint.ts'
import { createPatience, type PatienceOptions } from './patience.ts'
import { REFUSES, retryAfterOf, whyUnreachable } from './stream-source.ts'

/** A Backspace, and who we are there. */
export interface ReachedService {
  /** Without a slash at the end. */
  readonly url: string
  readonly token: string | undefined
  /** It ends with this command. */
  readonly inThisProcess?: boolean | undefined
}

export interface StartedRun {
  readonly runId: string
  /** Its page as people reach it, which may differ from the address that we use. */
  readonly runUrl: string
}

const ANSWER_MS = 60_000
const MOST_BYTES = 1024 * 1024
/** A person does not wait longer for a limit to pass; milliseconds. */
const LONGEST_RETRY_AFTER = 60_000

/** Whether anything listens at an address. */
export async function isThere(url: string): Promise<boolean> {
  const answer = await ask(`${url}/health`, {})
  if ('what' in answer) return answer.what !== REFUSES
  await answer.body?.cancel()
  return true
}

/**
 * Starts a run with `POST /code`. A request that got no answer is sent again with the same Idempotency-Key, so there is one
 * run.
 *
 * @throws {BackspaceError} with the service's reason: `bad_request`, `unauthorized`, `forbidden`, `not_found`, `conflict`,
 * `rate_limited`, `internal`; `unavailable` when it stays away or is no Backspace.
 */
export async function requestRun(
  { url, token }: ReachedService,
  request: Readonly<Record<string, unknown>>,
  options: PatienceOptions = {},
): Promise<StartedRun> {
  const patience = createPatience(url, options)
  const headers = headersFor(token)
  headers.set('content-type', 'application/json')
  headers.set('idempotency-key', randomUUID())
  const body = JSON.stringify(request)
  for (;;) {
    const response = await ask(`${url}/code`, { method: 'POST', headers, body }, options.signal)
    if ('what' in response) {
      await patience.wait(response)
      continue
    }
    const { status } = response
    const answer = jsonOrUndefined(
      (await readUpTo(response, MOST_BYTES).catch(() => undefined))?.toString() ?? '',
    )
    const started = acceptedBody.extend({ runId: runIdField }).safeParse(answer)
    if (status === 202 && started.success) {
      const { runId, runUrl } = started.data
      return { runId, runUrl: oneLine(runUrl) }
    }
    const retryAfterMs = retryAfterOf(response)
    const mayPass = status === 429 || status === 502 || status === 503 || status === 504
    if (!mayPass || (retryAfterMs ?? 0) > LONGEST_RETRY_AFTER) throw refusal(url, { response, answer })
    if (retryAfterMs !== undefined) patience.answered()
    const reason = reasonIn(answer)?.replace(/\.$/, '')
    await patience.wait({ what: `answers ${status}${reason ? `: ${reason}` : ''}`, retryAfterMs })
  }
}

/**
 * Asks for a run to be stopped; its stream then ends.
 *
 * @returns why it will not be stopped; undefined when it will, or has ended.
 */
export async function stopRun({ url, token }: ReachedService, runId: string): Promise<string | undefined> {
  const init = { method: 'POST', headers: headersFor(token) }
  const response = await ask(`${url}/runs/${encodeURIComponent(runId)}/cancel`, init)
  if ('what' in response) return `${new URL(url).host} ${response.what}`
  const answer = jsonOrUndefined(
    (await readUpTo(response, MOST_BYTES).catch(() => undefined))?.toString() ?? '',
  )
  if (response.ok || response.status === 409) return undefined
  return reasonIn(answer) ?? `${new URL(url).host} answers ${response.status}`
}

const shownRun = z.object({
  receiptUrl: z
    .url({ protocol: /^https?$/ })
    .nullish()
    .catch(null),
  waiting: z.object({ position: z.number(), message: z.string() }).nullish().catch(null),
})

/** What `GET /runs/:id` says now; undefined if the service does not answer with a run. */
export async function readRun(
  runUrl: string,
  token: string | undefined,
): Promise<z.infer<typeof shownRun> | undefined> {
  const response = await ask(runUrl, { headers: headersFor(token) })
  if ('what' in response || !response.ok) return undefined
  const text = (await readUpTo(response, MOST_BYTES).catch(() => undefined))?.toString() ?? ''
  return shownRun.safeParse(jsonOrUndefined(text)).data
}

/** The answer, or why there is none. */
async function ask(
  address: string,
  init: RequestInit,
  signal?: AbortSignal,
): Promise<Response | { readonly what: string }> {
  const limit = AbortSignal.timeout(ANSWER_MS)
  try {
    // A redirect would turn a POST into a GET, and might take the token elsewhere.
    return await fetch(address, {
      ...init,
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    })
  } catch (error) {
    signal?.throwIfAborted()
    return { what: limit.aborted ? 'does not answer' : whyUnreachable(error) }
  }
}

function headersFor(token: string | undefined): Headers {
  const headers = new Headers({ accept: 'application/json' })
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  return headers
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

function refusal(
  url: string,
  { response, answer }: { readonly response: Response; readonly answer: unknown },
): BackspaceError {
  const { status, headers } = response
  const to = headers.get('location')
  if (status >= 300 && status < 400 && to !== null) {
    const elsewhere = URL.canParse(to, url) ? new URL(to, url).origin : oneLine(to)
    return new BackspaceError(
      'bad_request',
      `${url} sends its callers on to ${elsewhere}. Use that address: --url ${elsewhere}`,
    )
  }
  const reason = reasonIn(answer)
  if (reason === undefined) {
    const said = status === 202 || status === 200 ? 'does not answer as Backspace does' : `answers ${status}`
    return new BackspaceError('unavailable', `${url} ${said}. Check the address: is that Backspace?`)
  }
  const advice = status === 401 ? ' Set BACKSPACE_TOKEN, or name a file with --token-file.' : ''
  return new BackspaceError(CODES[status] ?? 'unavailable', `${reason}${advice}`)
}

function reasonIn(answer: unknown): string | undefined {
  const found = errorBody.safeParse(answer)
  return found.success ? oneLine(found.data.error.message) : undefined
}
