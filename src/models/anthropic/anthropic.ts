import { BadRequestError } from '@anthropic-ai/sdk'
import type {
  CacheControlEphemeral,
  Message,
  MessageCreateParamsStreaming,
  MessageParam,
  Tool,
} from '@anthropic-ai/sdk/resources/messages'
import { askProvider, type ProviderModelOptions, type TurnTimer } from '../ask-provider.ts'
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
import { type ClaudeClient, type ClaudeHost, createAnthropicHost } from './claude-host.ts'
import { renderAnthropic } from './render-anthropic.ts'

/** Claude through the Messages API of Anthropic, or of a server that speaks it. */
export function createAnthropicModel(options: ProviderModelOptions): Model {
  return createClaudeModel(options, createAnthropicHost(options))
}

/** Claude at one host, with streamed answers. It makes one attempt per turn: only the fallback model retries. */
export function createClaudeModel(options: ClaudeOptions, host: ClaudeHost): Model {
  const { model } = options
  const { provider } = host
  const prefix = createPrefixCheck(options.onViolation)
  let extras: 'untried' | 'taken' | 'refused' = 'untried'
  return {
    name: `${provider}:${model}`,
    contextWindow: contextWindow({ provider, model }),
    async respond(transcript, respondOptions) {
      const { full, plain } = buildRequests(options, { host, transcript, respondOptions })
      const request = extras === 'refused' ? plain : full
      const { system, tools, messages } = request
      const shape = { head: { system, tools }, items: messages }
      const answered = prefix.check({ transcript, request: shape, options: respondOptions })
      const { answer, durationMs, firstTokenMs } = await askProvider({
        provider,
        options,
        signal: respondOptions.signal,
        ask: async (timer, onFirst) => {
          const client = await host.connect(timer)
          const parts = { client, timer, onFirst }
          const whole = await send(request, parts).catch(async (error: unknown) => {
            if (extras !== 'untried' || !mayRejectExtras(error)) throw error
            const answer = await send(plain, parts)
            extras = 'refused'
            return answer
          })
          if (extras === 'untried') extras = 'taken'
          return (
            whole && {
              entry: anthropicTurn(whole, { provider, model }),
              costUsd: priceAnswer(whole, options, host),
            }
          )
        },
        classify: (error) => classifyAnthropicError(error, { host, model }),
      })
      // If the extras were left out on the way, the request that was answered is not the one that was checked.
      if ((extras === 'refused') === (request === plain)) answered()
      return { notes: [], ...answer, durationMs, firstTokenMs, attempts: 1 }
    },
  }
}

export type ClaudeOptions = Omit<ProviderModelOptions, 'apiKey' | 'baseUrl'>

/**
 * Other servers that speak the protocol may know neither caching nor thinking, and reject the request because of these
 * fields. Each says so in its own words, so they are recognized by the request id that they do not send.
 */
function mayRejectExtras(error: unknown): boolean {
  return (
    error instanceof BadRequestError &&
    !error.requestID &&
    error.errorCode === null &&
    (error.type === null || error.type === 'invalid_request_error')
  )
}

/**
 * Builds two requests: one with the extras that Claude's own servers take, and one without them.
 *
 * There are two cache breakpoints: a fixed one on the system block, which with the tools is the same for every run, and
 * one that moves along with the last block. Anthropic's own API places the second one itself.
 */
function buildRequests(
  { model, maxOutputTokens = 32_000 }: ClaudeOptions,
  {
    host,
    transcript,
    respondOptions: { tools, omitReasoningBefore = 0, wordsOnly = false },
  }: { readonly host: ClaudeHost; readonly transcript: Transcript; readonly respondOptions: RespondOptions },
): { readonly full: MessageCreateParamsStreaming; readonly plain: MessageCreateParamsStreaming } {
  const { systemRole, adaptiveThinking } = claudeFeatures(model)
  const { system, messages } = renderAnthropic(transcript, {
    systemRole: systemRole && host.takesNewest,
    omitReasoningBefore,
  })
  const head: Omit<MessageCreateParamsStreaming, 'messages'> = {
    model,
    max_tokens: maxOutputTokens,
    stream: true,
  }
  const rest: Partial<Pick<MessageCreateParamsStreaming, 'tools' | 'tool_choice'>> = {}
  if (tools.length > 0) rest.tools = tools.map(toTool)
  if (tools.length > 0 && wordsOnly) rest.tool_choice = { type: 'none' }
  const extras: Partial<Pick<MessageCreateParamsStreaming, 'cache_control' | 'thinking' | 'system'>> = {}
  if (host.takesNewest) extras.cache_control = EPHEMERAL
  const lasting: CacheControlEphemeral = host.takesNewest ? { ...EPHEMERAL, ttl: '1h' } : EPHEMERAL
  if (system.length > 0) extras.system = system.map((block) => ({ ...block, cache_control: lasting }))
  // Asks for summaries: text between tool calls comes as thinking, which is empty by default.
  if (adaptiveThinking) extras.thinking = { type: 'adaptive', display: 'summarized' }
  // Messages come last, so that each request begins with the same bytes as the one before.
  return {
    full: { ...head, ...extras, ...rest, messages: host.takesNewest ? messages : withBreakpoint(messages) },
    plain: { ...head, ...(system.length > 0 ? { system } : {}), ...rest, messages },
  }
}

const EPHEMERAL: CacheControlEphemeral = { type: 'ephemeral' }

/** Marks the last block that may carry a breakpoint; a thinking block may not. */
function withBreakpoint(messages: readonly MessageParam[]): MessageParam[] {
  const last = messages.at(-1)
  if (last?.role !== 'user' || typeof last.content === 'string') return [...messages]
  const block = last.content.at(-1)
  if (!block || block.type === 'thinking' || block.type === 'redacted_thinking') return [...messages]
  const content = [...last.content.slice(0, -1), { ...block, cache_control: EPHEMERAL }]
  return [...messages.slice(0, -1), { ...last, content }]
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
    client: ClaudeClient
    timer: TurnTimer
    onFirst: () => void
  },
): Promise<AnthropicAnswer | undefined> {
  const { data, response } = await client.messages.create(request, { signal: timer.signal }).withResponse()
  // Some gateways do not stream, even though a stream was requested.
  if (response.headers.get('content-type')?.includes('application/json')) {
    const message = (await response.json()) as Message
    onFirst()
    return completeAnswer(message)
  }
  return readAnthropicStream(data, { onFirst })
}

function priceAnswer(
  { message }: AnthropicAnswer,
  { model, prices }: ClaudeOptions,
  { provider }: ClaudeHost,
): number | undefined {
  const cacheWrite1h = message.usage?.cache_creation?.ephemeral_1h_input_tokens ?? 0
  return priceTurn({ provider, model, usage: anthropicUsage(message), cacheWrite1h, prices })
}

/** Features of the Messages API that one model has. */
interface ClaudeFeatures {
  /** `role: "system"` inside `messages`: Opus 4.8 and everything released after it. */
  readonly systemRole: boolean
  /** `thinking: { type: "adaptive" }`: version 4.6 and later; 5.5 rejects every other setting. */
  readonly adaptiveThinking: boolean
}

/**
 * Reads the features off the model id. An id that is not Claude's own (a gateway's alias, or another vendor behind the
 * same protocol) gets none of them: such servers reject what they do not know.
 */
export function claudeFeatures(model: string): ClaudeFeatures {
  // On Bedrock, a region, the vendor or a whole ARN comes before the id and a version after it; on Vertex, a date
  // follows.
  const match = /(?:^|[./])claude-(?:[a-z]+)-(\d+)(?:-(\d{1,2}))?(?:[-@:]|$)/.exec(model)
  if (!match) return { systemRole: false, adaptiveThinking: false }
  const version = Number(match[1]) + Number(match[2] ?? 0) / 100
  return { systemRole: version >= 4.08, adaptiveThinking: version >= 4.06 }
}
