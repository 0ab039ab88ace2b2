import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { CHAT_DIALECTS, type ChatDialect, type DialectName } from './models/chat-dialects.ts'
import { checkChatRequest } from './models/chat-rules.ts'
import { chatEvents, chatReply } from './models/chat-wire.ts'
import { keyOf, type ModelServer, sendJson, startModelServer, streamEvents } from './models/model-server.ts'
import {
  type HttpFault,
  type Json,
  type RecordedRequest,
  type Script,
  type Step,
  stepFor,
} from './models/script.ts'

export interface ChatOptions {
  readonly dialect?: DialectName
  readonly script: Script
}

/** A running stand-in for a server of Chat Completions. */
export interface ChatStandIn extends ModelServer {
  readonly baseUrl: string
  readonly apiKey: string
  /** Bodies of the requests for a turn, in order; refused ones included, probes not. */
  turns(): readonly Json[]
  /** Bodies of the requests that found out what the server takes. */
  probes(): readonly Json[]
  /** Reasons of the errors that no script asked for and no probe provoked: bugs of the caller. */
  readonly rejections: readonly string[]
}

interface Context {
  readonly dialect: ChatDialect
  readonly script: Script
  readonly apiKey: string
  readonly rejections: string[]
  count: number
}

/**
 * Chat Completions on loopback, in one of many dialects: scripted turns and faults, with the checks on structure that
 * the server of that dialect makes. Requests with the tool `report_colour` are probes: no script answers them.
 */
export async function startChat({ dialect = 'openai', script }: ChatOptions): Promise<ChatStandIn> {
  const apiKey = `stand-in-${randomBytes(8).toString('hex')}`
  const context: Context = { dialect: CHAT_DIALECTS[dialect], script, apiKey, rejections: [], count: 0 }
  const server = await startModelServer((request, response) => route(context, request, response))
  const asked = () => server.requests.filter(({ method }) => method === 'POST').map(({ body }) => body)
  return {
    ...server,
    baseUrl: `${server.origin}/v1`,
    apiKey,
    rejections: context.rejections,
    turns: () => asked().filter((body) => !isProbe(body)),
    probes: () => asked().filter(isProbe),
  }
}

function isProbe(body: Json): boolean {
  return body?.tools?.[0]?.function?.name === 'report_colour' || body?.messages?.[0]?.content === 'Say "ok".'
}

async function route(context: Context, request: RecordedRequest, response: ServerResponse): Promise<void> {
  const { method, path, body } = request
  const { dialect } = context
  const refuse = (fault: HttpFault) => sendError(response, fault, dialect)
  if (keyOf(request) !== context.apiKey) return refuse({ status: 401, message: 'Invalid API key' })
  if (method === 'GET' && path === '/v1/models' && dialect.card)
    return sendJson(response, 200, {
      object: 'list',
      data: [{ id: 'other-model' }, { id: 'some-model', ...dialect.card }],
    })
  if (method !== 'POST' || path !== '/v1/chat/completions')
    return refuse({ status: 404, message: 'Not found' })
  const problem = checkChatRequest(body, dialect)
  if (problem) {
    if (!isProbe(body)) context.rejections.push(problem.message ?? '')
    return refuse(problem)
  }
  if (isProbe(body)) return answer(context, { step: probeStep(body, dialect), body, response, index: 9999 })
  const index = context.count++
  const step = await stepFor(context.script, request, index)
  const fault = 'fault' in step ? step.fault : undefined
  if (fault === 'drop') return void response.destroy()
  if (typeof fault === 'object') return refuse(fault)
  return answer(context, { step, body, response, index })
}

/** Models that see say what they see, and the others say something. */
function probeStep({ tools, messages }: Json, { images }: ChatDialect): Step {
  if (!tools) return { text: 'ok' }
  const hasImage = typeof messages[0].content !== 'string'
  const colour = hasImage && images === 'dropped' ? 'blue' : 'red'
  return { calls: [{ name: 'report_colour', args: { colour } }] }
}

async function answer(
  { dialect }: Context,
  { step, body, response, index }: { step: Step; body: Json; response: ServerResponse; index: number },
): Promise<void> {
  const reply = chatReply(step, { body, index, dialect, read: 0 })
  const { head, message, finishReason, usage } = reply
  if (!body.stream || !dialect.streams) {
    if ('fault' in step && step.fault === 'stall') return
    const choices = [{ index: 0, message, finish_reason: finishReason }]
    return sendJson(response, 200, {
      ...head,
      object: 'chat.completion',
      choices,
      ...(dialect.usage === 'never' ? {} : { usage }),
    })
  }
  const { error = {} } = 'fault' in step ? step : {}
  const code = error.code ?? 502
  const errorEvent = { event: 'message', data: { error: { code, message: 'The stand-in says so.' } } }
  return streamEvents(response, { events: chatEvents(reply, body, dialect), step, errorEvent, headers: {} })
}

function sendError(response: ServerResponse, fault: HttpFault, { errorBody }: ChatDialect): void {
  const { status, type, code, message = 'The stand-in says so.', retryAfter } = fault
  const error = { message, type: type ?? null, param: null, code: code ?? null }
  const headers: Readonly<Record<string, string>> =
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
  sendJson(response, status, errorBody?.(fault) ?? { error }, headers)
}
