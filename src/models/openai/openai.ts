import OpenAI from 'openai'
import type {
  FunctionTool,
  Response,
  ResponseCreateParamsStreaming,
} from 'openai/resources/responses/responses'
import { askProvider, type ProviderModelOptions, TOTAL_MS, type TurnTimer } from '../ask-provider.ts'
import type { Model, RespondOptions, ToolSchema } from '../model.ts'
import { createPrefixCheck } from '../prefix-check.ts'
import { contextWindow, priceTurn } from '../pricing.ts'
import type { Transcript } from '../transcript.ts'
import { classifyOpenAIError } from './classify-openai-error.ts'
import { type OpenAIAnswer, openaiTurn, readOpenAIStream } from './openai-answer.ts'
import { renderOpenAI } from './render-openai.ts'
import { strictSchema } from './strict-schema.ts'

/**
 * OpenAI through the Responses API, with streamed answers and nothing stored at OpenAI. It makes one attempt per turn:
 * only the fallback model retries.
 */
export function createOpenAIModel(options: ProviderModelOptions): Model {
  const { model, apiKey, prices } = options
  const prefix = createPrefixCheck(options.onViolation)
  return {
    name: `openai:${model}`,
    contextWindow: contextWindow({ provider: 'openai', model }),
    async respond(transcript, respondOptions) {
      const { tools } = respondOptions
      const request = buildRequest(options, transcript, respondOptions)
      const answered = prefix.check({ transcript, request: shapeOf(request), options: respondOptions })
      const { answer, durationMs, firstTokenMs } = await askProvider({
        provider: 'openai',
        options,
        signal: respondOptions.signal,
        ask: async (timer, onFirst) => {
          const client = createOpenAIClient(options, timer)
          const whole = await send(request, { client, timer, onFirst })
          if (whole?.failed) throw classifyOpenAIError(undefined, { model, apiKey, inStream: whole.failed })
          return whole && openaiTurn(whole, { model, tools })
        },
        classify: (error) => classifyOpenAIError(error, { model, apiKey }),
      })
      answered()
      const costUsd = priceTurn({ provider: 'openai', model, usage: answer.origin.usage, prices })
      return { notes: [], entry: answer, costUsd, durationMs, firstTokenMs, attempts: 1 }
    },
  }
}

/**
 * Sets every option, so that the SDK takes nothing from the environment.
 *
 * @param headers sent besides the SDK's own.
 */
export function createOpenAIClient(
  { apiKey, baseUrl, totalTimeoutMs }: Pick<ProviderModelOptions, 'apiKey' | 'baseUrl' | 'totalTimeoutMs'>,
  timer: TurnTimer,
  headers: Readonly<Record<string, string>> = {},
): OpenAI {
  return new OpenAI({
    apiKey,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL: baseUrl ?? 'https://api.openai.com/v1',
    defaultHeaders: headers,
    maxRetries: 0,
    timeout: totalTimeoutMs ?? TOTAL_MS,
    fetch: timer.fetch,
    // The SDK's log would hold prompts.
    logLevel: 'off',
  })
}

function buildRequest(
  { model, maxOutputTokens }: ProviderModelOptions,
  transcript: Transcript,
  { tools, cacheKey, omitReasoningBefore = 0, wordsOnly = false }: RespondOptions,
): ResponseCreateParamsStreaming {
  const { instructions, input } = renderOpenAI(transcript, { model, omitReasoningBefore })
  const request: ResponseCreateParamsStreaming = { model, stream: true, store: false, instructions, input }
  if (tools.length > 0) {
    request.tools = tools.map(toTool)
    request.parallel_tool_calls = true
    if (wordsOnly) request.tool_choice = 'none'
  }
  if (hasReasoning(model)) request.include = ['reasoning.encrypted_content']
  if (cacheKey !== undefined) request.prompt_cache_key = cacheKey.slice(0, 64)
  if (maxOutputTokens !== undefined) request.max_output_tokens = maxOutputTokens
  return request
}

/** GPT-4 and older models reject a request that asks for reasoning. */
function hasReasoning(model: string): boolean {
  return !/^(?:chatgpt|gpt-[34])/.test(model)
}

function toTool({ name, description, inputSchema }: ToolSchema): FunctionTool {
  const { schema, strict } = strictSchema(inputSchema)
  return { type: 'function', name, description, parameters: schema, strict }
}

function shapeOf({ instructions, tools, input }: ResponseCreateParamsStreaming) {
  return { head: { instructions, tools }, items: Array.isArray(input) ? input : [] }
}

async function send(
  request: ResponseCreateParamsStreaming,
  {
    client,
    timer,
    onFirst,
  }: {
    client: OpenAI
    timer: TurnTimer
    onFirst: () => void
  },
): Promise<OpenAIAnswer | undefined> {
  const { data, response } = await client.responses.create(request, { signal: timer.signal }).withResponse()
  // Some gateways do not stream, even though a stream was requested.
  if (response.headers.get('content-type')?.includes('application/json')) {
    const whole = (await response.json()) as Response
    onFirst()
    // Some gateways answer 200 with an error in place of a response.
    if (whole.error || whole.status === 'failed') return { failed: whole.error ?? {} }
    return Array.isArray(whole.output) ? { response: whole, items: whole.output } : undefined
  }
  return readOpenAIStream(data, { onFirst })
}
