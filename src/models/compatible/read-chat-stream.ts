import { isRecord } from '../../text/is-record.ts'
import type { ReasoningFields } from './render-chat.ts'

/** A tool call as a server wrote it. */
export interface WrittenCall {
  readonly id: string | undefined
  readonly name: string
  /** JSON, or what was meant to be. */
  readonly json: string
}

/** An answer of Chat Completions, put together, whatever dialect it came in. */
export interface ChatAnswer {
  readonly id: string
  readonly text: string
  readonly refusal: string
  readonly calls: readonly WrittenCall[]
  /** What the model thought, for people. */
  readonly reasoning: string
  /** The same in the server's own fields, for the next request; undefined if there is none. */
  readonly reasoningFields: ReasoningFields | undefined
  readonly finishReason: string | undefined
  /** As the server sent it; undefined if it counts nothing. */
  readonly usage: unknown
}

/** Names of the fields that hold reasoning: DeepSeek, vLLM and others; OpenRouter, Ollama and Groq; OpenRouter's parts. */
const REASONING_TEXT = ['reasoning_content', 'reasoning'] as const
const REASONING_PARTS = 'reasoning_details'

interface OpenCall {
  id: string | undefined
  name: string
  json: string
}

/**
 * Puts a streamed answer together. Servers agree on little: calls without an index or all with the same one, ids that
 * are repeated, empty or missing, a name in each piece, arguments as an object, usage in any chunk.
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
    // Some servers stream nothing and send the message as the one chunk.
    if (choice && isRecord(choice.message) && answer.add(choice.message)) onFirst()
    answer.addFacts(chunk, choice)
  }
  return answer.isEnded() ? answer.take() : undefined
}

/** The same of an answer that came whole. */
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
    // Another id is another call, even at the same index; so is a name where no index and no id tell calls apart.
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
    /** @returns whether it brought anything visible. */
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
      // The old form, one call at most.
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
      // The parts hold the text as well.
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

/** A text, or Mistral's list of texts and thinking. */
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

/** Pieces of one part share an index, and its texts are to be joined before the part can go back. */
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
