import OpenAI from 'openai'
import type {
  FunctionTool,
  Response,
  ResponseCreateParamsStreaming,
} from 'openai/resources/responses/responses'
import { askProvider, type Watchdog } from '../ask-provider.ts'
import type { Model, RespondOptions, ToolSchema } from '../model.ts'
import { createPrefixWatch, type OnViolation } from '../prefix-watch.ts'
import { contextWindow, priceTurn } from '../pricing.ts'
import type { Transcript } from '../transcript.ts'
import { classifyOpenAIError } from './classify-openai-error.ts'
import { type OpenAIAnswer, openaiTurn, readOpenAIStream } from './openai-answer.ts'
import { renderOpenAI } from './render-openai.ts'
import { strictSchema } from './strict-schema.ts'

export interface OpenAIModelOptions {
  /** Model id: `gpt-6.1-sol`. */
  readonly model: string
  readonly apiKey: string
  /** Where the API stands, `/v1` included; the public one by default. */
  readonly baseUrl?: string | undefined
  /** Milliseconds without a byte after which an answer counts as hung. */
  readonly idleTimeoutMs?: number | undefined
  /** Milliseconds that one turn may take in all. */
  readonly totalTimeoutMs?: number | undefined
  /** Tokens that one turn may write, reasoning included; the model's own maximum by default. */
  readonly maxOutputTokens?: number | undefined
  /** Told when a request is not a continuation of the last one: a bug of ours. */
  readonly onViolation?: OnViolation | undefined
}

/**
 * OpenAI through the Responses API, streamed, nothing stored at OpenAI. One attempt per turn: retries belong to
 * the fallback model.
 */
export function createOpenAIModel(options: OpenAIModelOptions): Model {
  const { model, apiKey } = options
  const watch = createPrefixWatch(options.onViolation)
  return {
    name: `openai:${model}`,
    contextWindow: contextWindow({ provider: 'openai', model }),
    async respond(transcript, respondOptions) {
      const { tools } = respondOptions
      const request = buildRequest(options, transcript, respondOptions)
      const answered = watch.check({ transcript, request: shapeOf(request), options: respondOptions })
      const { answer, durationMs, firstTokenMs } = await askProvider({
        provider: 'openai',
        model,
        signal: respondOptions.signal,
        idleMs: options.idleTimeoutMs ?? 90_000,
        totalMs: options.totalTimeoutMs ?? 600_000,
        ask: async (watchdog, onFirst) => {
          const client = createClient(options, watchdog)
          const whole = await send(request, { client, watchdog, onFirst, onText: respondOptions.onDelta })
          if (whole?.failed) throw classifyOpenAIError(undefined, { model, apiKey, inStream: whole.failed })
          return whole && openaiTurn(whole, { model, tools })
        },
        classify: (error) => classifyOpenAIError(error, { model, apiKey }),
      })
      answered()
      const costUsd = priceTurn({ provider: 'openai', model, usage: answer.origin.usage })
      return { notes: [], entry: answer, costUsd, durationMs, firstTokenMs, attempts: 1 }
    },
  }
}

/** The SDK is told everything, so that it takes nothing from the environment. */
function createClient({ apiKey, baseUrl, totalTimeoutMs }: OpenAIModelOptions, watchdog: Watchdog): OpenAI {
  return new OpenAI({
    apiKey,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL: baseUrl ?? 'https://api.openai.com/v1',
    maxRetries: 0,
    timeout: totalTimeoutMs ?? 600_000,
    fetch: watchdog.fetch,
    // Its log would hold prompts.
    logLevel: 'off',
  })
}

function buildRequest(
  { model, maxOutputTokens }: OpenAIModelOptions,
  transcript: Transcript,
  { tools, cacheKey, omitReasoningBefore = 0, wordsOnly = false }: RespondOptions,
): ResponseCreateParamsStreaming {
  const { instructions, input } = renderOpenAI(transcript, { model, omitReasoningBefore })
  return {
    model,
    stream: true,
    store: false,
    instructions,
    input,
    ...(tools.length === 0 ? {} : { tools: tools.map(toTool), parallel_tool_calls: true }),
    ...(tools.length > 0 && wordsOnly ? { tool_choice: 'none' } : {}),
    ...(hasReasoning(model) ? { include: ['reasoning.encrypted_content'] } : {}),
    ...(cacheKey === undefined ? {} : { prompt_cache_key: cacheKey.slice(0, 64) }),
    ...(maxOutputTokens === undefined ? {} : { max_output_tokens: maxOutputTokens }),
  }
}

/** GPT-4 and older reject the request for reasoning. */
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
    watchdog,
    onFirst,
    onText = () => {},
  }: {
    client: OpenAI
    watchdog: Watchdog
    onFirst: () => void
    onText?: ((text: string) => void) | undefined
  },
): Promise<OpenAIAnswer | undefined> {
  const { data, response } = await client.responses
    .create(request, { signal: watchdog.signal })
    .withResponse()
  // Some gateways answer at once whatever was asked for.
  if (response.headers.get('content-type')?.includes('application/json')) {
    const whole = (await response.json()) as Response
    onFirst()
    // Some answer 200 with an error in place of a response.
    if (whole.error || whole.status === 'failed') return { failed: whole.error ?? {} }
    return Array.isArray(whole.output) ? { response: whole, items: whole.output } : undefined
  }
  return readOpenAIStream(data, { onText, onFirst })
}
