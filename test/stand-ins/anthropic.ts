import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { checkAnthropicRequest } from './models/anthropic-rules.ts'
import {
  type AnthropicInputTokens,
  anthropicErrorEvent,
  anthropicEvents,
  anthropicMessage,
  canonical,
  wholeMessage,
} from './models/anthropic-wire.ts'
import {
  createPromptCache,
  keyOf,
  type ModelServer,
  type PromptCache,
  sendJson,
  startModelServer,
  streamEvents,
} from './models/model-server.ts'
import {
  type HttpFault,
  type Json,
  type RecordedRequest,
  type Script,
  stepFor,
  tokensIn,
} from './models/script.ts'
import type { WatchRequests } from './watch-requests.ts'

export interface AnthropicOptions {
  readonly script: Script
  /** The only key that is let in. */
  readonly apiKey?: string
  /** Model ids that exist; any `claude-…` by default. */
  readonly models?: readonly string[]
  readonly watch?: WatchRequests
}

/** A running stand-in for the Anthropic API. */
export interface AnthropicStandIn extends ModelServer {
  /** What `ANTHROPIC_BASE_URL` is set to. */
  readonly baseUrl: string
  readonly apiKey: string
  /** Bodies of the requests for a turn, in order; rejected ones included. */
  turns(): readonly Json[]
  /** Reasons of the 400s that no script asked for: bugs of the caller. */
  readonly rejections: readonly string[]
}

interface Context {
  readonly options: AnthropicOptions
  readonly apiKey: string
  readonly cache: PromptCache
  readonly rejections: string[]
  count: number
}

/**
 * The Messages API on loopback: scripted turns and faults, streaming or not, with the real API's checks on
 * structure, cache accounting from what requests really share, and thinking bound to what came before it.
 */
export async function startAnthropic(options: AnthropicOptions): Promise<AnthropicStandIn> {
  const apiKey = options.apiKey ?? `sk-ant-stand-in-${randomBytes(8).toString('hex')}`
  const context: Context = { options, apiKey, cache: createPromptCache(), rejections: [], count: 0 }
  const server = await startModelServer(
    (request, response) => route(context, request, response),
    options.watch,
  )
  return {
    ...server,
    baseUrl: server.origin,
    apiKey,
    rejections: context.rejections,
    turns: () => server.requests.filter(({ path }) => path === '/v1/messages').map(({ body }) => body),
  }
}

async function route(context: Context, request: RecordedRequest, response: ServerResponse): Promise<void> {
  const { method, path, headers, body } = request
  if (keyOf(request) !== context.apiKey)
    return sendError(response, { status: 401, message: 'invalid x-api-key' })
  if (!headers['anthropic-version'])
    return sendError(response, { status: 400, message: 'anthropic-version: header is required' })
  const wanted = method === 'GET' ? /^\/v1\/models\/(.+)$/.exec(path)?.[1] : body?.model
  if (wanted !== undefined && !modelExists(context.options, wanted)) {
    return sendError(response, { status: 404, message: `model: ${wanted}` })
  }
  if (method === 'GET' && wanted !== undefined) return sendJson(response, 200, modelInfo(wanted))
  if (method === 'POST' && path === '/v1/messages/count_tokens') {
    return sendJson(response, 200, { input_tokens: tokensIn(canonical(body)) })
  }
  if (method === 'POST' && path === '/v1/messages') return answerTurn(context, request, response)
  return sendError(response, { status: 404, message: 'Not found' })
}

function modelExists({ models }: AnthropicOptions, id: string): boolean {
  return models ? models.includes(id) : id.startsWith('claude-')
}

function modelInfo(id: string) {
  return {
    type: 'model',
    id,
    display_name: id,
    created_at: '2026-01-01T00:00:00Z',
    max_input_tokens: 1_000_000,
    max_tokens: 128_000,
  }
}

async function answerTurn(
  context: Context,
  request: RecordedRequest,
  response: ServerResponse,
): Promise<void> {
  const { body } = request
  const index = context.count++
  const problem = checkAnthropicRequest(body)
  if (problem) {
    context.rejections.push(problem)
    return sendError(response, { status: 400, message: problem })
  }
  const step = await stepFor(context.options.script, request, index)
  const fault = 'fault' in step ? step.fault : undefined
  if (fault === 'drop') return void response.destroy()
  if (typeof fault === 'object') return sendError(response, fault)
  const message = anthropicMessage(step, { body, index, tokens: countInput(context.cache, body) })
  const headers = { 'request-id': `req_${index + 1}` }
  if (!body.stream) return sendJson(response, 200, wholeMessage(message), headers)
  const errorEvent = anthropicErrorEvent('fault' in step ? step : {})
  return streamEvents(response, { events: anthropicEvents(message), step, errorEvent, headers })
}

/** Everything up to the last breakpoint is read from or written to the cache; the rest is plain input. */
function countInput(
  cache: PromptCache,
  { system = [], tools = [], messages, cache_control }: Json,
): AnthropicInputTokens {
  const blocks = [
    ...tools,
    ...(typeof system === 'string' ? [{ text: system }] : system),
    ...messages.flatMap(({ content }: { content: unknown }) =>
      Array.isArray(content) ? content : [{ text: content }],
    ),
  ]
  const breakpoints = blocks.flatMap((block, index) => (block.cache_control ? [index] : []))
  const hour = blocks.findLastIndex((block) => block.cache_control?.ttl === '1h')
  if (cache_control) breakpoints.push(blocks.length - 1)
  const texts = blocks.map((block) => canonical(block))
  const { total, read } = cache.measure(texts, breakpoints)
  const size = (end: number) => texts.slice(0, end + 1).reduce((sum, text) => sum + tokensIn(text), 0)
  const kept = size(Math.max(-1, ...breakpoints))
  const cacheWrite1h = Math.max(0, size(hour) - read)
  return {
    input: total - Math.max(kept, read),
    cacheRead: read,
    cacheWrite: Math.max(0, kept - read),
    cacheWrite1h,
  }
}

const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
}

function sendError(response: ServerResponse, { status, type, code, message, retryAfter }: HttpFault): void {
  const details = code === undefined ? {} : { details: { error_code: code } }
  const error = {
    type: type ?? TYPES[status] ?? 'api_error',
    message: message ?? 'The stand-in says so.',
    ...details,
  }
  const headers = {
    'request-id': 'req_stand_in',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  }
  sendJson(response, status, { type: 'error', error, request_id: 'req_stand_in' }, headers)
}
