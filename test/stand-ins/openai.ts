import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import {
  createPromptCache,
  keyOf,
  type ModelServer,
  type PromptCache,
  sendJson,
  startModelServer,
  streamEvents,
} from './models/model-server.ts'
import { checkOpenAIRequest } from './models/openai-rules.ts'
import { openaiErrorEvent, openaiEvents, openaiResponse } from './models/openai-wire.ts'
import { type HttpFault, type Json, type RecordedRequest, type Script, stepFor } from './models/script.ts'

export interface OpenAIOptions {
  readonly script: Script
  /** The only key that is let in. */
  readonly apiKey?: string
  /** Model ids that exist; any by default. */
  readonly models?: readonly string[]
}

/** A running stand-in for the OpenAI API. */
export interface OpenAIStandIn extends ModelServer {
  /** What `OPENAI_BASE_URL` is set to. */
  readonly baseUrl: string
  readonly apiKey: string
  /** Bodies of the requests for a turn, in order; rejected ones included. */
  turns(): readonly Json[]
  /** Reasons of the errors that no script asked for: bugs of the caller. */
  readonly rejections: readonly string[]
}

interface Context {
  readonly options: OpenAIOptions
  readonly apiKey: string
  readonly cache: PromptCache
  readonly rejections: string[]
  count: number
}

/**
 * The Responses API on loopback: scripted turns and faults, streaming or not, with the real API's checks on
 * structure and strict schemas, automatic prompt caching, and encrypted reasoning that only it can open.
 */
export async function startOpenAI(options: OpenAIOptions): Promise<OpenAIStandIn> {
  const apiKey = options.apiKey ?? `sk-proj-stand-in-${randomBytes(8).toString('hex')}`
  const context: Context = { options, apiKey, cache: createPromptCache(), rejections: [], count: 0 }
  const server = await startModelServer((request, response) => route(context, request, response))
  return {
    ...server,
    baseUrl: `${server.origin}/v1`,
    apiKey,
    rejections: context.rejections,
    turns: () => server.requests.filter(({ path }) => path === '/v1/responses').map(({ body }) => body),
  }
}

async function route(context: Context, request: RecordedRequest, response: ServerResponse): Promise<void> {
  const { method, path, body } = request
  if (keyOf(request) !== context.apiKey) return sendError(response, { status: 401, code: 'invalid_api_key' })
  const wanted = method === 'GET' ? /^\/v1\/models\/(.+)$/.exec(path)?.[1] : body?.model
  if (wanted !== undefined && context.options.models?.includes(wanted) === false) {
    return sendError(response, {
      status: 404,
      code: 'model_not_found',
      message: `The model '${wanted}' does not exist.`,
    })
  }
  if (method === 'GET' && wanted !== undefined) {
    return sendJson(response, 200, {
      id: wanted,
      object: 'model',
      created: 1_767_225_600,
      owned_by: 'openai',
    })
  }
  if (method === 'POST' && path === '/v1/responses') return answerTurn(context, request, response)
  return sendError(response, { status: 404, message: 'Not found' })
}

async function answerTurn(
  context: Context,
  request: RecordedRequest,
  response: ServerResponse,
): Promise<void> {
  const { body } = request
  const index = context.count++
  const problem = checkOpenAIRequest(body, index)
  if (problem) {
    context.rejections.push(problem.message ?? '')
    return sendError(response, problem)
  }
  const step = await stepFor(context.options.script, request, index)
  const fault = 'fault' in step ? step.fault : undefined
  if (fault === 'drop') return void response.destroy()
  if (typeof fault === 'object') return sendError(response, fault)
  const whole = openaiResponse(step, { body, index, tokens: countInput(context.cache, body) })
  const headers = { 'x-request-id': `req_${index + 1}` }
  if (!body.stream) return sendJson(response, 200, whole, headers)
  const errorEvent = openaiErrorEvent('fault' in step ? step : {})
  return streamEvents(response, { events: openaiEvents(whole), step, errorEvent, headers })
}

/** Caching is automatic: from 1,024 shared tokens on, in steps of 128. */
function countInput(cache: PromptCache, { instructions = '', tools = [], input }: Json) {
  const blocks = [instructions, ...tools, ...(Array.isArray(input) ? input : [input])].map((block) =>
    JSON.stringify(block),
  )
  const { total, read } = cache.measure(blocks, [...blocks.keys()])
  return { total, read: read < 1024 ? 0 : Math.floor(read / 128) * 128 }
}

function sendError(response: ServerResponse, { status, type, code, message, retryAfter }: HttpFault): void {
  const error = {
    message: message ?? 'The stand-in says so.',
    type: type ?? (status >= 500 ? 'server_error' : 'invalid_request_error'),
    param: status === 404 && message?.startsWith('Item') ? 'input' : null,
    code: code ?? null,
  }
  const headers = {
    'x-request-id': 'req_stand_in',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  }
  sendJson(response, status, { error }, headers)
}
