import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readUpTo } from '../../text/read-up-to.ts'
import type { GatewayRefusal, GatewayRequest, Judgement } from './judge-request.ts'
import { type AnswerMeter, createAnswerMeter, type MeteredAnswer } from './meter-answer.ts'

/**
 * Lets a program in a sandbox ask Claude although the sandbox holds no key. Each attempt at a run has its own gateway,
 * which is closed with the attempt.
 */
export interface ModelGateway {
  /** 256 random bits that give access to this gateway and to nothing else. The gateway keeps only their hash. */
  readonly token: string
  /** Answers one request of the program. Never throws. */
  readonly handle: (request: Request) => Promise<Response>
  /** Number of requests that were sent on and have not ended. */
  readonly underWay: () => number
  /** Refuses every request from now on, and aborts those that have not ended. */
  readonly close: () => void
}

/** A turn that passed through, or a request that Anthropic did not answer. */
export interface GatewayTurn extends MeteredAnswer {
  readonly model: string
  /** Milliseconds that the request spent in the gateway before it was sent on. */
  readonly ownMs: number
  /** The HTTP status of Anthropic's answer; undefined without an answer. */
  readonly status: number | undefined
}

export interface ModelGatewayOptions {
  readonly runId: string
  readonly upstream: { readonly apiKey: string; readonly baseUrl: string }
  /** The models that may be asked: the run's model, and the one that it falls back to. */
  readonly models: readonly string[]
  /**
   * Why no more turns may begin, because of a limit or the end of the run; undefined while they may. Called before each
   * request is sent on.
   */
  readonly refusal: () => GatewayRefusal | undefined
  readonly onTurn: (turn: GatewayTurn) => void
  /** Judges a body; large bodies should be judged in a thread. Undefined when that took too long. */
  readonly judge: (request: GatewayRequest) => Promise<Judgement | undefined> | Judgement
  /** An answer is ended after this many milliseconds without a byte from Anthropic; default: 90 s. */
  readonly idleMs?: number | undefined
}

const MAX_BODY_BYTES = 32 * 1024 * 1024
/** A conversation asks for one turn at a time, and may ask for a title or a summary beside it. */
const MAX_AT_ONCE = 4
const IDLE_MS = 90_000

/**
 * Headers that say something about the client and the protocol. No other header is sent on, least of all credentials.
 */
const PASSED_ON = /^(?:anthropic-.*|content-type|accept|user-agent|x-app|x-stainless-.*)$/
const PASSED_BACK = /^(?:anthropic-.*|content-type|request-id|retry-after(?:-ms)?|x-should-retry)$/

export function createModelGateway(options: ModelGatewayOptions): ModelGateway {
  const token = `bsr_${options.runId}.${randomBytes(32).toString('base64url')}`
  const digest = sha256(token)
  const closed = new AbortController()
  let atOnce = 0

  async function answer(request: Request): Promise<Response> {
    if (!isTokenOf(request, digest)) return refuse(UNKNOWN)
    if (closed.signal.aborted) return refuse(OVER)
    const { pathname } = new URL(request.url)
    if (request.method === 'HEAD' && pathname === '/api/hello') return new Response(null)
    if (request.method !== 'POST' || pathname !== '/v1/messages') return refuse(NOT_FOUND)
    if (atOnce >= MAX_AT_ONCE) return refuse(BUSY)
    atOnce++
    const arrivedAt = performance.now()
    try {
      const body = await readUpTo(request, MAX_BODY_BYTES)
      const judged = body && (await options.judge({ body, models: options.models }))
      const refusal = !body ? TOO_LARGE : !judged ? NOT_JUDGED : (judged.refusal ?? options.refusal())
      if (body && judged?.model !== undefined && !refusal)
        return await passOn(request, { body, model: judged.model, arrivedAt })
      atOnce--
      return refuse(refusal ?? NOT_JUDGED)
    } catch (error) {
      atOnce--
      throw error
    }
  }

  /** Sends a request on. It counts as unfinished until its answer has ended. */
  async function passOn(
    request: Request,
    judged: { readonly body: Uint8Array<ArrayBuffer>; readonly model: string; readonly arrivedAt: number },
  ): Promise<Response> {
    const { body, model, arrivedAt } = judged
    const { apiKey, baseUrl } = options.upstream
    const upstream = new AbortController()
    const signal = AbortSignal.any([request.signal, closed.signal, upstream.signal])
    const headers = new Headers([...request.headers].filter(([name]) => PASSED_ON.test(name)))
    headers.set('x-api-key', apiKey)
    // The gateway must be able to read the tokens in the answer.
    headers.set('accept-encoding', 'identity')
    const { search } = new URL(request.url)
    const query = search === '?beta=true' ? search : ''
    const { idleMs = IDLE_MS } = options
    const startedAt = performance.now()
    const turn = { model, ownMs: startedAt - arrivedAt }
    try {
      const response = await fetch(`${baseUrl}/v1/messages${query}`, {
        method: 'POST',
        headers,
        body,
        signal,
      })
      const isStream = response.headers.get('content-type')?.includes('text/event-stream') === true
      const meter = createAnswerMeter(isStream)
      const { status } = response
      const finish = () => {
        atOnce--
        options.onTurn({ ...meter.end(), ...turn, durationMs: performance.now() - startedAt, status })
      }
      const passed = new Headers([...response.headers].filter(([name]) => PASSED_BACK.test(name)))
      return new Response(watched(response.body, { meter, idleMs, finish, upstream }), {
        status,
        headers: passed,
      })
    } catch {
      atOnce--
      const nothing = createAnswerMeter(false).end()
      options.onTurn({ ...nothing, ...turn, durationMs: performance.now() - startedAt, status: undefined })
      return refuseWith(502, 'api_error', 'Anthropic cannot be reached.', {})
    }
  }

  return {
    token,
    handle: (request) => answer(request).catch(() => refuseWith(500, 'api_error', 'The gateway failed.', {})),
    underWay: () => atOnce,
    close: () => closed.abort(),
  }
}

/**
 * The body of an answer as it passes: its tokens are counted, it ends when it stalls, and if its reader leaves, the
 * request to Anthropic is aborted.
 */
function watched(
  body: ReadableStream<Uint8Array> | null,
  {
    meter,
    idleMs,
    finish,
    upstream,
  }: {
    readonly meter: AnswerMeter
    readonly idleMs: number
    readonly finish: () => void
    readonly upstream: AbortController
  },
): ReadableStream<Uint8Array> {
  const reader = body?.getReader()
  let isOver = false
  const end = () => {
    if (!isOver) finish()
    isOver = true
  }
  return new ReadableStream({
    async pull(controller) {
      // The limit applies to each read, so a slow client is not mistaken for a silent server.
      const next = await (reader && withLimit(reader.read(), idleMs, upstream).catch(() => undefined))
      if (!next || next.done) {
        end()
        controller.close()
        return
      }
      meter.add(next.value)
      controller.enqueue(next.value)
    },
    async cancel() {
      upstream.abort()
      end()
    },
  })
}

/** Aborts the request to Anthropic if `work` takes longer than `ms`. */
async function withLimit<T>(work: Promise<T>, ms: number, upstream: AbortController): Promise<T> {
  const timer = setTimeout(() => upstream.abort(), ms)
  try {
    return await work
  } finally {
    clearTimeout(timer)
  }
}

function isTokenOf({ headers }: Request, digest: Buffer): boolean {
  const given =
    /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1] ?? headers.get('x-api-key') ?? ''
  return timingSafeEqual(sha256(given), digest)
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

const UNKNOWN: GatewayRefusal = {
  status: 401,
  type: 'authentication_error',
  message: 'This gateway belongs to another run.',
}
const OVER: GatewayRefusal = { status: 401, type: 'authentication_error', message: 'The run is over.' }
const NOT_FOUND: GatewayRefusal = {
  status: 404,
  type: 'not_found_error',
  message: 'Only POST /v1/messages is served here.',
}
const BUSY: GatewayRefusal = {
  status: 429,
  type: 'rate_limit_error',
  message: `At most ${MAX_AT_ONCE} requests at once.`,
}
const TOO_LARGE: GatewayRefusal = {
  status: 413,
  type: 'request_too_large',
  message: 'A request may have at most 32 MiB.',
}
const NOT_JUDGED: GatewayRefusal = {
  status: 400,
  type: 'invalid_request_error',
  message: 'The request is too complicated.',
}

/** Answers with a refusal, and tells the client not to try again. */
function refuse({ status, type, message }: GatewayRefusal): Response {
  return refuseWith(status, type, message, { 'x-should-retry': 'false' })
}

function refuseWith(
  status: number,
  type: string,
  message: string,
  headers: Record<string, string>,
): Response {
  return Response.json({ type: 'error', error: { type, message } }, { status, headers })
}
