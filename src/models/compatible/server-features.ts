import type {
  ChatCompletionContentPart,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionFunctionTool,
} from 'openai/resources/chat/completions'
import type { ToolSchema } from '../model.ts'
import { ModelError } from '../model-error.ts'
import { strictSchema } from '../openai/strict-schema.ts'
import type { TokenPrices } from '../pricing.ts'
import type { ChatAnswer } from './read-chat-stream.ts'

/** What a server accepts in requests for one model. */
export interface ServerFeatures {
  /** Whether it answers requests with tools. */
  readonly tools: boolean
  /** Whether it takes schemas that it then enforces. */
  readonly strict: boolean
  /** Whether it takes the field `parallel_tool_calls`. */
  readonly parallelCalls: boolean
  readonly images: boolean
  /** Whether it counts tokens in streams when asked to. */
  readonly streamUsage: boolean
}

/** What a server states about a model, if anything. */
export interface ModelCard {
  /** How many tokens the model can read at once. */
  readonly contextWindow?: number | undefined
  readonly prices?: TokenPrices | undefined
}

/** The result of a probe. */
export interface ProbedServer extends ServerFeatures {
  /** Whether the model called the tool that it was asked to call: in the server's format, in words, or not at all. */
  readonly called: 'natively' | 'in_words' | 'not'
  /** Whether the server counts tokens, and whether it counts those from a cache separately. */
  readonly counts: 'cached_apart' | 'all_alike' | 'nothing'
}

type Extra = 'images' | 'strict' | 'parallelCalls' | 'streamUsage'
const EXTRAS: readonly Extra[] = ['images', 'strict', 'parallelCalls', 'streamUsage']

/**
 * Sends one request.
 *
 * @throws {ModelError}
 */
export type AskServer = (request: ChatCompletionCreateParamsStreaming) => Promise<ChatAnswer>

/**
 * Finds out with short requests what a server takes: the first one has everything, and if it is refused, the next ones
 * have less. At most seven requests, usually one.
 *
 * @param countCallsInWords how many calls the model wrote as text.
 * @throws {ModelError} if the server does not answer even a plain request, or fails for another reason than the
 * request.
 */
export async function probeServer(
  model: string,
  ask: AskServer,
  countCallsInWords: (text: string) => number,
): Promise<ProbedServer> {
  const everything: ServerFeatures = {
    tools: true,
    strict: true,
    parallelCalls: true,
    images: true,
    streamUsage: true,
  }
  const first = await tryFeatures(everything)
  if ('answer' in first) return conclude(everything, first.answer)

  const plain: ServerFeatures = {
    ...everything,
    strict: false,
    parallelCalls: false,
    images: false,
    streamUsage: false,
  }
  const second = await tryFeatures(plain)
  if ('refusal' in second) {
    const bare = { ...plain, tools: false }
    const last = await tryFeatures(bare)
    if ('refusal' in last) throw last.refusal
    return { ...bare, called: 'not', counts: countsOf(last.answer) }
  }
  let features = plain
  let { answer } = second
  for (const extra of EXTRAS) {
    const wider: ServerFeatures = { ...features, [extra]: true }
    const result = await tryFeatures(wider)
    if ('refusal' in result) continue
    features = wider
    answer = result.answer
  }
  return conclude(features, answer)

  async function tryFeatures(
    features: ServerFeatures,
  ): Promise<{ readonly answer: ChatAnswer } | { readonly refusal: ModelError }> {
    try {
      return { answer: await ask(probeRequest(model, features)) }
    } catch (error) {
      if (error instanceof ModelError && mayBeTheRequest(error)) return { refusal: error }
      throw error
    }
  }

  function conclude(features: ServerFeatures, answer: ChatAnswer): ProbedServer {
    const { text, calls } = answer
    const said = [text, ...calls.map(({ json }) => json)].join('\n')
    // Some servers silently drop pictures that the model cannot see, so the answer must name the colour.
    const images = features.images && /\b(?:red|scarlet|crimson)\b/i.test(said)
    const inWords = countCallsInWords(text) > 0
    const called = calls.length > 0 ? 'natively' : inWords ? 'in_words' : 'not'
    return { ...features, images, called, counts: countsOf(answer) }
  }
}

function countsOf({ usage }: ChatAnswer): ProbedServer['counts'] {
  if (usage === undefined) return 'nothing'
  return /"(?:cached_tokens|prompt_cache_hit_tokens)":/.test(JSON.stringify(usage))
    ? 'cached_apart'
    : 'all_alike'
}

/** Servers refuse what they do not know with various statuses, even 404 and 500. */
function mayBeTheRequest({ class: errorClass, status }: ModelError): boolean {
  return errorClass === 'bad_request' || [404, 405, 415, 422, 500, 501].includes(status ?? 0)
}

/** The tool that the model is asked to call in a probe. */
export const PROBE_TOOL: ToolSchema = {
  name: 'report_colour',
  description: 'Reports a colour.',
  inputSchema: {
    type: 'object',
    properties: { colour: { type: 'string', description: 'In one word.' }, sure: { type: 'boolean' } },
    required: ['colour'],
    additionalProperties: false,
  },
}

/** A red square of 64 × 64 pixels: some models take nothing below 28. */
export const RED_PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAS0lEQVR42u3PQQkAAAgAsetfWiP4FgYrsKZeS0BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEDgsqnc8OJg6Ln3AAAAAElFTkSuQmCC'

function probeRequest(model: string, features: ServerFeatures): ChatCompletionCreateParamsStreaming {
  const text = questionFor(features)
  const content: ChatCompletionContentPart[] = [
    { type: 'text', text },
    { type: 'image_url', image_url: { url: `data:image/png;base64,${RED_PICTURE}` } },
  ]
  return {
    model,
    ...requestExtras(features, [PROBE_TOOL]),
    messages: [{ role: 'user', content: features.images ? content : text }],
  }
}

function questionFor({ tools, images }: ServerFeatures): string {
  if (!tools) return 'Say "ok".'
  const question = images ? 'Report the colour of this picture.' : 'Report that a ripe tomato is red.'
  return `${question} Call the tool, and say nothing else.`
}

/** The fields of a request that depend on what the server takes. */
export function requestExtras(features: ServerFeatures, tools: readonly ToolSchema[]): RequestExtras {
  const extras: RequestExtras = { stream: true }
  if (features.streamUsage) extras.stream_options = { include_usage: true }
  if (!features.tools || tools.length === 0) return extras
  extras.tools = tools.map((tool) => toTool(tool, features.strict))
  if (features.parallelCalls) extras.parallel_tool_calls = true
  return extras
}

type RequestExtras = Pick<
  ChatCompletionCreateParamsStreaming,
  'stream' | 'stream_options' | 'tools' | 'parallel_tool_calls'
>

function toTool(
  { name, description, inputSchema }: ToolSchema,
  isStrict: boolean,
): ChatCompletionFunctionTool {
  const { schema, strict } = strictSchema(inputSchema)
  if (isStrict && strict)
    return { type: 'function', function: { name, description, parameters: schema, strict } }
  return { type: 'function', function: { name, description, parameters: { ...inputSchema } } }
}
