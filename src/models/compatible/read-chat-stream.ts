import { isRecord } from '../../text/is-record.ts'
import type { ReasoningFields } from './render-chat.ts'

/** A tool call as a server wrote it. */
export interface WrittenCall {
  readonly id: string | undefined
  readonly name: string
  /** The arguments: JSON, or text that was meant to be JSON. */
  readonly json: string
}

/** A complete answer of Chat Completions, in whatever dialect it came. */
export interface ChatAnswer {
  readonly id: string
  readonly text: string
  readonly refusal: string
  readonly calls: readonly WrittenCall[]
  /** The model's thinking as text, for people. */
  readonly reasoning: string
  /** The same thinking in the server's own fields, to send back in the next request; undefined without any. */
  readonly reasoningFields: ReasoningFields | undefined
  readonly finishReason: string | undefined
  /** Token counts as the server sent them; undefined if it counts nothing. */
  readonly usage: unknown
}

/**
 * Fields that hold reasoning. DeepSeek, vLLM and others use the first; OpenRouter, Ollama and Groq the second;
 * OpenRouter also has a list of parts.
 */
const REASONING_TEXT = ['reasoning_content', 'reasoning'] as const
const REASONING_PARTS = 'reasoning_details'

interface OpenCall {
  id: string | undefined
  name: string
  json: string
}

/**
 * Puts a streamed answer together. Servers agree on little: calls may have no index or one index for all; ids may be
 * repeated, empty or missing; each piece may repeat the name; arguments may come as an object; usage may be in any
 * chunk.
 *
 * @returns undefined if the stream ended before the answer did.
 */
export async function readChatStream(
  chunks: AsyncIterable<unknown>,
  { onFirst }: { readonly onFirst: () => void },
): Promise<ChatAnswer | undefined> {
  const answer = createAnswer()
  for await (const chunk of chunks) {
    if (!isRecord(chunk)) continue
    const choice = firstChoice(chunk)
    if (choice && isRecord(choice.delta) && answer.add(choice.delta)) onFirst()
    // Some servers do not stream, and send the whole message as one chunk.
    if (choice && isRecord(choice.message) && answer.add(choice.message)) onFirst()
    answer.addFacts(chunk, choice)
  }
  return answer.isEnded() ? answer.take() : undefined
}

/** Reads an answer that came whole instead of as a stream. */
export function readChatCompletion(completion: unknown): ChatAnswer | undefined {
  if (!isRecord(completion)) return undefined
  const choice = firstChoice(completion)
  if (!choice || !isRecord(choice.message)) return undefined
  const answer = createAnswer()
  answer.add(choice.message)
  answer.addFacts(completion, choice)
  return answer.take()
}

function createAnswer() {
  const texts = { text: '', refusal: '', reasoning_content: '', reasoning: '' }
  const parts: unknown[] = []
  const calls: OpenCall[] = []
  const byIndex = new Map<number, OpenCall>()
  let id = ''
  let usage: unknown
  let finishReason: string | undefined

  function callOf(delta: Record<string, unknown>): OpenCall {
    const given = typeof delta.id === 'string' && delta.id !== '' ? delta.id : undefined
    const index = typeof delta.index === 'number' ? delta.index : undefined
    const known = index === undefined ? calls.at(-1) : byIndex.get(index)
    const named = nameOf(delta)
    // A new id means a new call, even at the same index. Where neither index nor id tells calls apart, a name does.
    const isOther =
      given !== undefined
        ? known?.id !== given && known?.id !== undefined
        : index === undefined && named !== ''
    if (known && !isOther) return known
    const call: OpenCall = { id: given, name: '', json: '' }
    calls.push(call)
    if (index !== undefined) byIndex.set(index, call)
    return call
  }

  function addCall(delta: unknown): void {
    if (!isRecord(delta)) return
    const call = callOf(delta)
    if (typeof delta.id === 'string' && delta.id !== '') call.id ??= delta.id
    const name = nameOf(delta)
    if (name !== '' && name !== call.name) call.name += name
    const args = argumentsOf(delta)
    if (typeof args === 'string') call.json += args
    else if (isRecord(args)) call.json = JSON.stringify(args)
  }

  return {
    /** @returns whether the delta had anything visible. */
    add(delta: Record<string, unknown>): boolean {
      const content = contentText(delta.content)
      texts.text += content.text
      texts.reasoning_content += content.thinking
      if (typeof delta.refusal === 'string') texts.refusal += delta.refusal
      for (const field of REASONING_TEXT) {
        const value = delta[field]
        if (typeof value === 'string') texts[field] += value
      }
      const details = delta[REASONING_PARTS]
      if (Array.isArray(details)) addParts(parts, details)
      const called = Array.isArray(delta.tool_calls) ? delta.tool_calls : []
      for (const call of called) addCall(call)
      // The old field for calls, which holds one call at most.
      if (isRecord(delta.function_call)) addCall({ index: 0, function: delta.function_call })
      return content.text !== '' || called.length > 0 || REASONING_TEXT.some((field) => delta[field])
    },
    addFacts(chunk: Record<string, unknown>, choice: Record<string, unknown> | undefined): void {
      if (typeof chunk.id === 'string') id ||= chunk.id
      if (isRecord(chunk.usage)) ({ usage } = chunk)
      if (typeof choice?.finish_reason === 'string') finishReason = choice.finish_reason
    },
    isEnded: () => finishReason !== undefined,
    take(): ChatAnswer {
      const { text, refusal, reasoning_content, reasoning } = texts
      // The parts contain the text as well, so the text is not sent twice.
      const fields = {
        reasoning_content: reasoning_content || undefined,
        reasoning: parts.length > 0 ? undefined : reasoning || undefined,
        [REASONING_PARTS]: parts.length > 0 ? parts : undefined,
      }
      const given = Object.entries(fields).filter(([, value]) => value !== undefined)
      return {
        id,
        text,
        refusal,
        calls: calls.map((call) => ({ ...call })),
        reasoning: reasoning_content || reasoning,
        reasoningFields: given.length > 0 ? Object.fromEntries(given) : undefined,
        finishReason,
        usage,
      }
    },
  }
}

function firstChoice({ choices }: Record<string, unknown>): Record<string, unknown> | undefined {
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined
  return isRecord(first) ? first : undefined
}

/** Content is either a text or, with Mistral, a list of texts and thinking. */
function contentText(content: unknown): { readonly text: string; readonly thinking: string } {
  if (typeof content === 'string') return { text: content, thinking: '' }
  const parts: unknown[] = Array.isArray(content) ? content : []
  const textOf = (part: unknown) => (isRecord(part) && typeof part.text === 'string' ? part.text : '')
  const thoughts = parts.flatMap((part) =>
    isRecord(part) && Array.isArray(part.thinking) ? part.thinking : [],
  )
  return { text: parts.map(textOf).join(''), thinking: thoughts.map(textOf).join('') }
}

function nameOf({ function: called }: Record<string, unknown>): string {
  return isRecord(called) && typeof called.name === 'string' ? called.name : ''
}

function argumentsOf({ function: called }: Record<string, unknown>): unknown {
  return isRecord(called) ? called.arguments : undefined
}

/** Pieces of one part share an index. Their texts must be joined before the part can be sent back. */
function addParts(parts: unknown[], added: readonly unknown[]): void {
  for (const part of added) {
    if (!isRecord(part)) continue
    const known = parts.find(
      (other) =>
        isRecord(other) &&
        other.index !== undefined &&
        other.index === part.index &&
        other.type === part.type,
    )
    if (!isRecord(known)) {
      parts.push({ ...part })
      continue
    }
    for (const [name, value] of Object.entries(part)) {
      const before = known[name]
      const grows = ['text', 'summary', 'data'].includes(name)
      if (value !== null)
        known[name] =
          grows && typeof before === 'string' && typeof value === 'string' ? before + value : value
    }
  }
}
