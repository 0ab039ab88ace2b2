import type { ContentBlock, Message, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages'
import { parseArgs } from '../parse-args.ts'

/** A complete message, and for each tool call whose arguments could not be parsed the reason, by its id. */
export interface AnthropicAnswer {
  readonly message: Message
  readonly invalidCalls: ReadonlyMap<string, string>
}

/**
 * Puts a streamed message together. Undefined when the stream ended without `message_stop`: such a turn is not
 * used. (The SDK's own accumulator throws on arguments that were cut off; the agent answers those instead.)
 */
export async function readAnthropicStream(
  events: AsyncIterable<RawMessageStreamEvent>,
  { onText, onFirst }: { onText: (text: string) => void; onFirst: () => void },
): Promise<AnthropicAnswer | undefined> {
  let message: Message | undefined
  let complete = false
  const partialArgs = new Map<number, string>()
  for await (const event of events) {
    switch (event.type) {
      case 'message_start':
        message = { ...event.message, content: [] }
        break
      case 'content_block_start':
        message?.content.push({ ...event.content_block })
        break
      case 'content_block_delta':
        onFirst()
        if (event.delta.type === 'text_delta') onText(event.delta.text)
        if (event.delta.type === 'input_json_delta') {
          partialArgs.set(event.index, (partialArgs.get(event.index) ?? '') + event.delta.partial_json)
        } else applyDelta(message?.content[event.index], event.delta)
        break
      case 'message_delta':
        if (message) message = { ...message, ...event.delta, usage: mergeUsage(message.usage, event.usage) }
        break
      case 'message_stop':
        complete = true
        break
      case 'content_block_stop':
        break
    }
  }
  return message && complete ? finish(message, partialArgs) : undefined
}

type Delta = Extract<RawMessageStreamEvent, { type: 'content_block_delta' }>['delta']

function applyDelta(block: ContentBlock | undefined, delta: Delta): void {
  if (delta.type === 'text_delta' && block?.type === 'text') block.text += delta.text
  if (delta.type === 'thinking_delta' && block?.type === 'thinking') block.thinking += delta.thinking
  if (delta.type === 'signature_delta' && block?.type === 'thinking') block.signature += delta.signature
}

/** Final counts win; a null means "as said before". */
function mergeUsage(
  start: Message['usage'],
  end: Partial<Record<keyof Message['usage'], unknown>> | undefined,
): Message['usage'] {
  const said = Object.entries(end ?? {}).filter(([, value]) => value !== null && value !== undefined)
  return { ...start, ...Object.fromEntries(said) }
}

function finish(message: Message, partialArgs: ReadonlyMap<number, string>): AnthropicAnswer {
  const invalidCalls = new Map<string, string>()
  for (const [index, json] of partialArgs) {
    const block = message.content[index]
    if (block?.type !== 'tool_use' || json === '') continue
    const { args, invalid } = parseArgs(json)
    // The block goes back to Claude, which only takes an object.
    block.input = args ?? {}
    if (invalid !== undefined) invalidCalls.set(block.id, invalid)
  }
  return { message, invalidCalls }
}
