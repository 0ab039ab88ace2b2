import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions'
import { askProvider, type ProviderModelOptions } from '../ask-provider.ts'
import type { Model, RespondOptions } from '../model.ts'
import { ModelError } from '../model-error.ts'
import { createOpenAIClient } from '../openai/openai.ts'
import { createPrefixCheck } from '../prefix-check.ts'
import { priceTurn } from '../pricing.ts'
import type { CompatibleName, Transcript } from '../transcript.ts'
import { findCallsInWords } from './calls-in-words.ts'
import { chatTurn, statedCost } from './chat-turn.ts'
import { classifyChatError } from './classify-chat-error.ts'
import { type ChatAnswer, readChatCompletion, readChatStream } from './read-chat-stream.ts'
import { readModelCard } from './read-model-card.ts'
import { renderChat } from './render-chat.ts'
import {
  type AskServer,
  type ModelCard,
  PROBE_TOOL,
  type ProbedServer,
  probeServer,
  requestExtras,
  type ServerFeatures,
} from './server-features.ts'

export interface CompatibleOptions extends ProviderModelOptions {
  readonly provider: CompatibleName
  readonly baseUrl: string
  readonly known: KnownServers
}

/** What has been found out about each server and model. Share one in the whole process, so that each is probed once. */
export type KnownServers = Map<string, Promise<KnownServer>>

/** What is known about one model on a server. */
export interface KnownServer {
  readonly features: ProbedServer
  readonly card: ModelCard
}

/**
 * Any server that speaks OpenAI's Chat Completions, with streamed answers. A short request before the first turn finds
 * out what the server takes; nothing is guessed from its name. It makes one attempt per turn: only the fallback model
 * retries.
 */
export function createCompatibleModel(options: CompatibleOptions): Model {
  const { provider, model, prices } = options
  const name = `${provider}:${model}`
  const prefix = createPrefixCheck(options.onViolation)
  let contextWindow: number | undefined
  return {
    name,
    get contextWindow() {
      return contextWindow
    },
    async respond(transcript, respondOptions) {
      const { signal, tools } = respondOptions
      const { features, card } = await knowServer(options, signal)
      ;({ contextWindow } = card)
      if (!features.tools && tools.length > 0) throw takesNoTools(options)
      const request = buildRequest(options, { transcript, features, respondOptions })
      const { messages } = request
      const shape = { head: request.tools, items: messages }
      const answered = prefix.check({ transcript, request: shape, options: respondOptions })
      const { answer, durationMs, firstTokenMs } = await ask(options, request, signal)
      const sentCharacters = JSON.stringify(messages).length
      const entry = chatTurn(answer, { provider, model, tools, sentCharacters })
      answered()
      const { usage } = entry.origin
      const priced = priceTurn({ provider, model, usage, prices: prices ?? card.prices })
      const costUsd = prices ? priced : (statedCost(answer) ?? priced)
      return { notes: [], entry, costUsd, durationMs, firstTokenMs, attempts: 1 }
    },
  }
}

/** @throws {ModelError} if the server does not answer. The next turn then probes it again. */
export async function knowServer(options: CompatibleOptions, signal: AbortSignal): Promise<KnownServer> {
  const { provider, model, known } = options
  const key = `${provider}:${model}`
  const kept = known.get(key)
  if (kept) return kept
  const looking = lookAtServer(options, signal)
  known.set(key, looking)
  try {
    return await looking
  } catch (error) {
    known.delete(key)
    throw error
  }
}

async function lookAtServer(options: CompatibleOptions, signal: AbortSignal): Promise<KnownServer> {
  const askOnce: AskServer = async (request) => (await ask(options, request, signal)).answer
  const countCalls = (text: string) => findCallsInWords(text, [PROBE_TOOL]).calls.length
  const [features, card] = await Promise.all([
    probeServer(options.model, askOnce, countCalls),
    readModelCard(options, signal),
  ])
  return { features, card }
}

function takesNoTools({ provider, model }: CompatibleOptions): ModelError {
  const userMessage = `${model} takes no tools where it runs, and the agent cannot work without; choose another model in BACKSPACE_MODELS.`
  return new ModelError({ class: 'model_missing', provider, model, userMessage })
}

function buildRequest(
  { provider, model, maxOutputTokens }: CompatibleOptions,
  {
    transcript,
    features,
    respondOptions: { tools, omitReasoningBefore },
  }: {
    readonly transcript: Transcript
    readonly features: ServerFeatures
    readonly respondOptions: RespondOptions
  },
): ChatCompletionCreateParamsStreaming {
  const messages = renderChat(transcript, { provider, model, images: features.images, omitReasoningBefore })
  const request = { model, ...requestExtras(features, tools), messages }
  return maxOutputTokens === undefined ? request : { ...request, max_tokens: maxOutputTokens }
}

/**
 * Sends one request.
 *
 * @throws {ModelError}
 */
async function ask(
  options: CompatibleOptions,
  request: ChatCompletionCreateParamsStreaming,
  signal: AbortSignal,
): ReturnType<typeof askProvider<ChatAnswer>> {
  const { provider, model, apiKey } = options
  return askProvider({
    provider,
    options,
    signal,
    ask: async (timer, onFirst) => {
      // Azure expects keys in this header.
      const client = createOpenAIClient(options, timer, { 'api-key': apiKey })
      const { data, response } = await client.chat.completions
        .create(request, { signal: timer.signal })
        .withResponse()
      // Some servers do not stream, even though a stream was requested.
      if (!response.headers.get('content-type')?.includes('application/json'))
        return readChatStream(data, { onFirst })
      const completion: unknown = await response.json()
      onFirst()
      return readChatCompletion(completion)
    },
    classify: (error) => classifyChatError(error, { provider, model, apiKey }),
  })
}
