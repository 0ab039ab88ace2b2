import Anthropic, { BadRequestError } from '@anthropic-ai/sdk'
import type { Message, MessageCreateParamsStreaming, Tool } from '@anthropic-ai/sdk/resources/messages'
import { askProvider, type ProviderModelOptions, TOTAL_MS, type TurnTimer } from '../ask-provider.ts'
import type { Model, RespondOptions, ToolSchema } from '../model.ts'
import { createPrefixCheck } from '../prefix-check.ts'
import { contextWindow, priceTurn } from '../pricing.ts'
import type { Transcript } from '../transcript.ts'
import {
  type AnthropicAnswer,
  anthropicTurn,
  anthropicUsage,
  completeAnswer,
  readAnthropicStream,
} from './anthropic-answer.ts'
import { classifyAnthropicError } from './classify-anthropic-error.ts'
import { renderAnthropic } from './render-anthropic.ts'

/** Claude through the Messages API, streamed. One attempt per turn: retries belong to the fallback model. */
export function createAnthropicModel(options: ProviderModelOptions): Model {
  const { model, apiKey } = options
  const prefix = createPrefixCheck(options.onViolation)
  let extras: 'untried' | 'taken' | 'refused' = 'untried'
  return {
    name: `anthropic:${model}`,
    contextWindow: contextWindow({ provider: 'anthropic', model }),
    async respond(transcript, respondOptions) {
      const full = buildRequest(options, transcript, respondOptions)
      const request = extras === 'refused' ? withoutExtras(full) : full
      const { system, tools, messages } = request
      const shape = { head: { system, tools }, items: messages }
      const answered = prefix.check({ transcript, request: shape, options: respondOptions })
      const { answer, durationMs, firstTokenMs } = await askProvider({
        provider: 'anthropic',
        options,
        signal: respondOptions.signal,
        ask: async (timer, onFirst) => {
          const client = createClient(options, timer)
          const parts = { client, timer, onFirst }
          const whole = await send(request, parts).catch(async (error: unknown) => {
            if (extras !== 'untried' || !mayRejectExtras(error)) throw error
            const answer = await send(withoutExtras(full), parts)
            extras = 'refused'
            return answer
          })
          if (extras === 'untried') extras = 'taken'
          return whole && { entry: anthropicTurn(whole, model), costUsd: priceAnswer(whole, model) }
        },
        classify: (error) => classifyAnthropicError(error, { model, apiKey }),
      })
      // What was answered in the end is not what was checked when the extras were left out on the way.
      if ((extras === 'refused') === (request !== full)) answered()
      return { notes: [], ...answer, durationMs, firstTokenMs, attempts: 1 }
    },
  }
}

/**
 * Other servers that speak the protocol may neither cache nor think, and reject the fields for it. They are known by
 * the request id that they do not send, since each has words of its own for it.
 */
function mayRejectExtras(error: unknown): boolean {
  return (
    error instanceof BadRequestError &&
    !error.requestID &&
    error.errorCode === null &&
    (error.type === null || error.type === 'invalid_request_error')
  )
}

function withoutExtras({ cache_control, thinking, ...request }: MessageCreateParamsStreaming) {
  const { system } = request
  if (!Array.isArray(system)) return request
  return { ...request, system: system.map(({ cache_control: _, ...block }) => block) }
}

/** Every option is set, so that the SDK reads no key from the environment or the disk. */
function createClient(
  { apiKey, baseUrl, totalTimeoutMs }: ProviderModelOptions,
  timer: TurnTimer,
): Anthropic {
  return new Anthropic({
    apiKey,
    authToken: null,
    webhookKey: null,
    baseURL: baseUrl ?? 'https://api.anthropic.com',
    maxRetries: 0,
    timeout: totalTimeoutMs ?? TOTAL_MS,
    fetch: timer.fetch,
    // Its log would hold prompts, its spans would go wherever a tracer happens to be registered.
    logLevel: 'off',
    openTelemetry: false,
  })
}

/**
 * Cache breakpoints: one hour on the system block, which with the tools is the same for every run, and the
 * moving one that the API puts on the last block.
 */
function buildRequest(
  { model, maxOutputTokens }: ProviderModelOptions,
  transcript: Transcript,
  { tools, omitReasoningBefore = 0, wordsOnly = false }: RespondOptions,
): MessageCreateParamsStreaming {
  const { systemRole, adaptiveThinking } = claudeFeatures(model)
  const { system, messages } = renderAnthropic(transcript, { systemRole, omitReasoningBefore })
  const request: Omit<MessageCreateParamsStreaming, 'messages'> = {
    model,
    max_tokens: maxOutputTokens ?? 32_000,
    stream: true,
    cache_control: { type: 'ephemeral' },
  }
  if (system.length > 0) {
    request.system = system.map((block) => ({ ...block, cache_control: { type: 'ephemeral', ttl: '1h' } }))
  }
  // Summaries, because text between tool calls comes as thinking, whose default display is empty.
  if (adaptiveThinking) request.thinking = { type: 'adaptive', display: 'summarized' }
  if (tools.length > 0) request.tools = tools.map(toTool)
  if (tools.length > 0 && wordsOnly) request.tool_choice = { type: 'none' }
  // Last, so that the bytes of a request begin as those of the one before.
  return { ...request, messages }
}

function toTool({ name, description, inputSchema }: ToolSchema): Tool {
  const { type, properties, required, additionalProperties } = inputSchema
  return {
    name,
    description,
    input_schema: { type, properties, required: [...required], additionalProperties },
  }
}

async function send(
  request: MessageCreateParamsStreaming,
  {
    client,
    timer,
    onFirst,
  }: {
    client: Anthropic
    timer: TurnTimer
    onFirst: () => void
  },
): Promise<AnthropicAnswer | undefined> {
  const { data, response } = await client.messages.create(request, { signal: timer.signal }).withResponse()
  // Some gateways answer at once whatever was asked for.
  if (response.headers.get('content-type')?.includes('application/json')) {
    const message = (await response.json()) as Message
    onFirst()
    return completeAnswer(message)
  }
  return readAnthropicStream(data, { onFirst })
}

function priceAnswer({ message }: AnthropicAnswer, model: string): number | undefined {
  const cacheWrite1h = message.usage?.cache_creation?.ephemeral_1h_input_tokens ?? 0
  return priceTurn({ provider: 'anthropic', model, usage: anthropicUsage(message), cacheWrite1h })
}

/** What the Messages API accepts for one model. */
interface ClaudeFeatures {
  /** `role: "system"` inside `messages`: Opus 4.8 and everything released after it. */
  readonly systemRole: boolean
  /** `thinking: { type: "adaptive" }`: version 4.6 and later; 5.5 rejects every other setting. */
  readonly adaptiveThinking: boolean
}

/**
 * Read from the model id. An id that is not Claude's own (a gateway's alias, another vendor behind the same
 * protocol) gets neither: such servers reject what they do not know.
 */
export function claudeFeatures(model: string): ClaudeFeatures {
  const match = /^claude-(?:[a-z]+)-(\d+)(?:-(\d{1,2}))?(?:-|$)/.exec(model)
  if (!match) return { systemRole: false, adaptiveThinking: false }
  const version = Number(match[1]) + Number(match[2] ?? 0) / 100
  return { systemRole: version >= 4.08, adaptiveThinking: version >= 4.06 }
}
