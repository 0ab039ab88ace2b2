import type { ServerResponse } from 'node:http'
import { crc32 } from 'node:zlib'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { type AnthropicOptions, type AnthropicStandIn, startAnthropic } from './anthropic.ts'
import { type ModelServer, sendJson, startModelServer } from './models/model-server.ts'
import type { Json, RecordedRequest } from './models/script.ts'

/** A running stand-in for a cloud that serves Claude. */
export interface CloudStandIn extends ModelServer {
  /** The Messages API behind it: its requests are those that the cloud let through. */
  readonly claude: AnthropicStandIn
}

/** What Anthropic's own API has and neither cloud takes: the whole request is refused for it. */
function problemWith(body: Json): string | undefined {
  if (typeof body?.anthropic_version !== 'string') return 'anthropic_version: Field required'
  if (body.cache_control) return 'cache_control: Extra inputs are not permitted'
  if (body.messages?.some(({ role }: Json) => role === 'system')) return 'messages: Unexpected role "system"'
  if (JSON.stringify(body).includes('"ttl"')) return 'cache_control.ttl: Extra inputs are not permitted'
  return undefined
}

/** The way to the Messages API behind a cloud. */
async function passOn(claude: AnthropicStandIn, model: string, body: Json): Promise<Response> {
  const { anthropic_version: _, ...rest } = body
  return fetch(`${claude.baseUrl}/v1/messages`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': claude.apiKey,
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify({
      ...rest,
      model: model.replace(/^.*\.(?=claude-)/, '').replace(/[@:].*$/, ''),
      stream: true,
    }),
  })
}

/**
 * Amazon Bedrock's `invoke-with-response-stream`: requests signed by version 4, the model in the path, and the stream in
 * AWS's binary frames.
 */
export async function startBedrock(options: AnthropicOptions): Promise<CloudStandIn> {
  const claude = await startAnthropic(options)
  const server = await startModelServer(async ({ method, path, headers, body }, response) => {
    const model = /^\/model\/([^/]+)\/invoke-with-response-stream$/.exec(path)?.[1]
    if (method !== 'POST' || model === undefined) return refuse(response, 404, 'ResourceNotFoundException')
    if (!isSigned(headers)) return refuse(response, 403, 'UnrecognizedClientException')
    const problem = problemWith(body) ?? (body.stream === undefined ? undefined : 'stream: Extra inputs')
    if (problem) return refuse(response, 400, 'ValidationException', problem)
    const answer = await passOn(claude, decodeURIComponent(model), body)
    if (!answer.ok || !answer.body)
      return refuse(response, answer.status, 'ValidationException', await answer.text())
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
    const events = answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
    for await (const { data } of events) response.write(frameOf(data))
    response.end()
  })
  return together(claude, server)
}

function isSigned(headers: RecordedRequest['headers']): boolean {
  const { authorization = '' } = headers
  return /^AWS4-HMAC-SHA256 Credential=AKIASTANDIN\/\d{8}\/eu-west-1\/bedrock\/aws4_request,/.test(
    authorization,
  )
}

function refuse(response: ServerResponse, status: number, type: string, message = type): void {
  sendJson(response, status, { message }, { 'x-amzn-errortype': type, 'x-amzn-requestid': 'stand-in' })
}

/** `[length][headers' length][crc][headers][payload][crc]`, big endian. */
function frameOf(data: string): Buffer {
  const headers = Buffer.concat(
    Object.entries({
      ':event-type': 'chunk',
      ':content-type': 'application/json',
      ':message-type': 'event',
    }).map(([name, value]) => {
      const length = Buffer.alloc(2)
      length.writeUInt16BE(value.length)
      return Buffer.concat([
        Buffer.from([name.length]),
        Buffer.from(name),
        Buffer.from([7]),
        length,
        Buffer.from(value),
      ])
    }),
  )
  const payload = Buffer.from(JSON.stringify({ bytes: Buffer.from(data).toString('base64') }))
  const prelude = Buffer.alloc(8)
  prelude.writeUInt32BE(16 + headers.length + payload.length, 0)
  prelude.writeUInt32BE(headers.length, 4)
  const start = Buffer.concat([prelude, checksum(prelude), headers, payload])
  return Buffer.concat([start, checksum(start)])
}

function checksum(bytes: Buffer): Buffer {
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(bytes) >>> 0)
  return sum
}

/** Vertex AI, and the machine that its access tokens come from. */
export interface VertexStandIn extends CloudStandIn {
  /** What `GCE_METADATA_HOST` is set to. */
  readonly metadataHost: string
  /** Access tokens given out so far. */
  tokens(): number
}

const TOKEN = 'ya29.stand-in'

/** Vertex AI's `streamRawPredict`: an OAuth access token, project, region and model in the path, and SSE. */
export async function startVertex(options: AnthropicOptions): Promise<VertexStandIn> {
  const claude = await startAnthropic(options)
  let tokens = 0
  const server = await startModelServer(async ({ method, path, headers, body }, response) => {
    if (path.startsWith('/computeMetadata/v1/')) {
      const isToken = path.endsWith('/token')
      if (isToken) tokens++
      const answer = isToken ? { access_token: TOKEN, expires_in: 3600, token_type: 'Bearer' } : 'my-project'
      return sendJson(response, 200, answer, { 'metadata-flavor': 'Google' })
    }
    const place =
      /^\/v1\/projects\/my-project\/locations\/europe-west1\/publishers\/anthropic\/models\/([^/]+):streamRawPredict$/
    const model = place.exec(path)?.[1]
    if (method !== 'POST' || model === undefined) return refuseAsGoogle(response, 404, 'NOT_FOUND')
    if (headers.authorization !== `Bearer ${TOKEN}`) return refuseAsGoogle(response, 401, 'UNAUTHENTICATED')
    const problem = problemWith(body)
    if (problem) return refuseAsGoogle(response, 400, problem)
    const answer = await passOn(claude, decodeURIComponent(model), body)
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' })
    for await (const chunk of answer.body ?? []) response.write(chunk)
    response.end()
  })
  return { ...together(claude, server), metadataHost: new URL(server.origin).host, tokens: () => tokens }
}

function refuseAsGoogle(response: ServerResponse, code: number, message: string): void {
  sendJson(response, code, { error: { code, message, status: message } })
}

function together(claude: AnthropicStandIn, server: ModelServer): CloudStandIn {
  return { ...server, claude, close: async () => void (await Promise.all([server.close(), claude.close()])) }
}
