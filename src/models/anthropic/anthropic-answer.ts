import type { ContentBlock, Message, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages'
import { withBreaks } from '../../time/breathe.ts'
import { checkArgs, parseArgs } from '../calls.ts'
import { ModelError } from '../model-error.ts'
import type { AssistantEntry, ProviderName, StopReason, Usage } from '../transcript.ts'

/** The model that answered, and the provider that served it. */
interface Answerer {
  readonly provider: ProviderName
  readonly model: string
}

/**
 * Turns a complete answer of Claude into a transcript entry.
 *
 * @throws {ModelError} `refusal` and `context`: what Claude wrote up to there is not a turn.
 */
export function anthropicTurn(
  { message, invalidCalls }: AnthropicAnswer,
  answerer: Answerer,
): AssistantEntry {
  const cutOff = message.stop_reason === 'max_tokens'
  const blocks = message.content.filter((block) => canGoBack(block, cutOff))
  const parts = blocks.flatMap((block) => toParts(block, invalidCalls))
  const called = parts.some(({ type }) => type === 'tool_call')
  return {
    role: 'assistant',
    parts,
    origin: {
      ...answerer,
      responseId: message.id,
      stop: stopReason(message, called, answerer),
      usage: anthropicUsage(message),
    },
    native: blocks,
  }
}

/**
 * Whether the API takes this block back. Now and then it returns blank text, which it rejects in the next request; it
 * also rejects thinking that was cut off before its signature.
 */
function canGoBack(block: ContentBlock, cutOff: boolean): boolean {
  if (block.type === 'text') return block.text.trim() !== ''
  return !(cutOff && block.type === 'thinking' && !block.signature)
}

function toParts(
  block: ContentBlock,
  invalidCalls: AnthropicAnswer['invalidCalls'],
): AssistantEntry['parts'][number][] {
  switch (block.type) {
    case 'text':
      return [{ type: 'text', text: block.text }]
    case 'thinking':
      return block.thinking.trim() === '' ? [] : [{ type: 'reasoning', text: block.thinking }]
    case 'tool_use': {
      const { id, name, input } = block
      const invalid = invalidCalls.get(block)
      if (invalid === undefined) return [{ type: 'tool_call', id, name, args: input }]
      return [{ type: 'tool_call', id, name, args: undefined, invalid }]
    }
    default:
      // Server-side tools are never offered. A block of an unknown kind still goes back to Claude, in `native`.
      return []
  }
}

function stopReason(message: Message, called: boolean, answerer: Answerer): StopReason {
  switch (message.stop_reason) {
    case 'refusal':
      throw refusal(message, answerer)
    case 'model_context_window_exceeded':
      throw new ModelError({
        class: 'context',
        ...answerer,
        userMessage: `The context window of ${answerer.model} is full.`,
      })
    case 'max_tokens':
      return 'max_tokens'
    case 'pause_turn':
      return 'pause'
    case 'tool_use':
    case 'end_turn':
    case 'stop_sequence':
    case null:
      return called ? 'tool_use' : 'end'
    default:
      return called ? 'tool_use' : 'end'
  }
}

function refusal(message: Message, { provider, model }: Answerer): ModelError {
  const category = message.stop_details?.category ?? undefined
  return new ModelError({
    class: 'refusal',
    provider,
    model,
    userMessage: category
      ? `${model} declined to continue (category ${category}).`
      : `${model} declined to continue.`,
    category,
  })
}

/**
 * Tokens of an answer. Anthropic's `input_tokens` already excludes what was read from and written to the cache. Other
 * servers that speak the protocol may leave out some counts, or all of `usage`.
 */
export function anthropicUsage({ usage }: { readonly usage?: Partial<Message['usage']> }): Usage {
  return {
    input: usage?.input_tokens ?? 0,
    cacheRead: usage?.cache_read_input_tokens ?? 0,
    cacheWrite: usage?.cache_creation_input_tokens ?? 0,
    output: usage?.output_tokens ?? 0,
  }
}

/** A complete message and, for each tool call whose arguments cannot be used, the reason, by the index of its block. */
export interface AnthropicAnswer {
  readonly message: Message
  readonly invalidCalls: ReadonlyMap<ContentBlock, string>
}

/**
 * Sorts out the arguments of the tool calls.
 *
 * @param writtenInputs the streamed JSON of the arguments, by the index of their block. Claude takes back nothing but
 * an object, so arguments that cannot be parsed become an empty object in the message.
 */
export function completeAnswer(
  message: Message,
  writtenInputs: ReadonlyMap<ContentBlock, string> = new Map(),
): AnthropicAnswer {
  const invalidCalls = new Map<ContentBlock, string>()
  for (const block of message.content) {
    const json = writtenInputs.get(block)
    if (!('input' in block) || (json === undefined && block.type !== 'tool_use')) continue
    const { args, invalid } = json ? parseArgs(json) : checkArgs(block.input)
    block.input = args ?? {}
    if (invalid !== undefined) invalidCalls.set(block, invalid)
  }
  return { message, invalidCalls }
}

/**
 * Puts a streamed message together. Undefined when the stream ended without `message_stop`, since such a turn cannot be
 * used. The turn is whole at `message_stop`, so nothing after it is awaited. (The SDK's own accumulator throws on
 * arguments that were cut off; here the agent gets to answer them.)
 */
export async function readAnthropicStream(
  events: AsyncIterable<RawMessageStreamEvent>,
  { onFirst }: { readonly onFirst: () => void },
): Promise<AnthropicAnswer | undefined> {
  let message: Message | undefined
  const blocks = new Map<number, ContentBlock>()
  const writtenInputs = new Map<ContentBlock, string>()
  for await (const event of withBreaks(events)) {
    switch (event.type) {
      case 'message_start':
        message = event.message
        break
      case 'content_block_start':
        blocks.set(event.index, { ...event.content_block })
        break
      case 'content_block_delta': {
        onFirst()
        const { delta, index } = event
        const block = blocks.get(index)
        if (!block) break
        if (delta.type === 'input_json_delta') {
          writtenInputs.set(block, (writtenInputs.get(block) ?? '') + delta.partial_json)
        } else applyDelta(block, delta)
        break
      }
      case 'message_delta':
        if (message) message = { ...message, ...event.delta, usage: mergeUsage(message.usage, event.usage) }
        break
      case 'message_stop':
        return message && completeAnswer({ ...message, content: inOrder(blocks) }, writtenInputs)
      case 'content_block_stop':
        break
    }
  }
  return undefined
}

function inOrder(blocks: ReadonlyMap<number, ContentBlock>): ContentBlock[] {
  return [...blocks].sort(([a], [b]) => a - b).map(([, block]) => block)
}

/** The final counts win. A null there means that the count has not changed. */
function mergeUsage(
  start: Message['usage'],
  end: Partial<Record<keyof Message['usage'], unknown>> | undefined,
): Message['usage'] {
  const said = Object.entries(end ?? {}).filter(([, value]) => value !== null && value !== undefined)
  return { ...start, ...Object.fromEntries(said) }
}

type Delta = Extract<RawMessageStreamEvent, { type: 'content_block_delta' }>['delta']

/**
 * Applies a delta to its block: text is appended to the field of the same name, a citation is added to the list, and
 * any other value replaces the old one. There is no list of kinds, since a block of a kind that is not known yet also
 * goes back to Claude and must then be whole.
 */
function applyDelta(block: ContentBlock, delta: Delta): void {
  const fields: Record<string, unknown> = Object.fromEntries(Object.entries(block))
  const { type: _, ...brought } = delta
  for (const [name, value] of Object.entries(brought)) {
    if (name === 'citation') {
      const { citations } = fields
      fields.citations = [...(Array.isArray(citations) ? citations : []), value]
      continue
    }
    const before = fields[name]
    // A block may start without the field that its deltas fill.
    fields[name] = typeof value === 'string' && typeof before === 'string' ? before + value : value
  }
  Object.assign(block, fields)
}
