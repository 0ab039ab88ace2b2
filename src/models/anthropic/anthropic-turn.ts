import type { ContentBlock, Message } from '@anthropic-ai/sdk/resources/messages'
import { ModelError } from '../model-error.ts'
import type { AssistantEntry, StopReason } from '../transcript.ts'
import { anthropicUsage } from './anthropic-usage.ts'
import type { AnthropicAnswer } from './complete-answer.ts'

/**
 * A complete answer of Claude as an entry.
 *
 * @throws {ModelError} `refusal` and `context`: what was written up to there is not a turn.
 */
export function anthropicTurn({ message, invalidCalls }: AnthropicAnswer, model: string): AssistantEntry {
  const cutOff = message.stop_reason === 'max_tokens'
  const blocks = message.content.filter((block) => canGoBack(block, cutOff))
  const parts = blocks.flatMap((block) => toParts(block, invalidCalls))
  const called = parts.some(({ type }) => type === 'tool_call')
  return {
    role: 'assistant',
    parts,
    origin: {
      provider: 'anthropic',
      model,
      responseId: message.id,
      stop: stopReason(message, called, model),
      usage: anthropicUsage(message),
    },
    native: blocks,
  }
}

/**
 * The API returns blank text now and then, and rejects it when it is sent back; so it does with thinking that was
 * cut off before its signature.
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
      // Server-side tools are never offered; an unknown block still goes back to Claude in `native`.
      return []
  }
}

function stopReason(message: Message, called: boolean, model: string): StopReason {
  switch (message.stop_reason) {
    case 'refusal':
      throw refusal(message, model)
    case 'model_context_window_exceeded':
      throw new ModelError({
        class: 'context',
        provider: 'anthropic',
        model,
        userMessage: `The context window of ${model} is full.`,
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

function refusal(message: Message, model: string): ModelError {
  const category = message.stop_details?.category ?? undefined
  return new ModelError({
    class: 'refusal',
    provider: 'anthropic',
    model,
    userMessage: category
      ? `${model} declined to go on (category ${category}).`
      : `${model} declined to go on.`,
    category,
  })
}
