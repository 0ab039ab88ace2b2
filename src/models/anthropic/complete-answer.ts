import type { ContentBlock, Message } from '@anthropic-ai/sdk/resources/messages'
import { checkArgs, parseArgs } from '../parse-args.ts'

/** A complete message, and for each tool call whose arguments cannot be used the reason, by its block. */
export interface AnthropicAnswer {
  readonly message: Message
  readonly invalidCalls: ReadonlyMap<ContentBlock, string>
}

/**
 * Sees to the arguments of tool calls.
 *
 * @param writtenInputs what was streamed as JSON, by block. Claude only takes an object back, so what cannot be
 * parsed becomes an empty one in the message.
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
