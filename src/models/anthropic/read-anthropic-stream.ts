import type { ContentBlock, Message, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages'
import { applyDelta } from './apply-delta.ts'
import { type AnthropicAnswer, completeAnswer } from './complete-answer.ts'

/**
 * Puts a streamed message together. Undefined when the stream ended without `message_stop`: such a turn is not
 * used. What comes after `message_stop` is not waited for: the turn is whole. (The SDK's own accumulator throws on
 * arguments that were cut off; the agent answers those instead.)
 */
export async function readAnthropicStream(
  events: AsyncIterable<RawMessageStreamEvent>,
  { onText, onFirst }: { onText: (text: string) => void; onFirst: () => void },
): Promise<AnthropicAnswer | undefined> {
  let message: Message | undefined
  const blocks = new Map<number, ContentBlock>()
  const writtenInputs = new Map<ContentBlock, string>()
  for await (const event of events) {
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
        if (delta.type === 'text_delta') onText(delta.text)
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

/** Final counts win; a null means "as said before". */
function mergeUsage(
  start: Message['usage'],
  end: Partial<Record<keyof Message['usage'], unknown>> | undefined,
): Message['usage'] {
  const said = Object.entries(end ?? {}).filter(([, value]) => value !== null && value !== undefined)
  return { ...start, ...Object.fromEntries(said) }
}
