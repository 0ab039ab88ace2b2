import type { Message } from '@anthropic-ai/sdk/resources/messages'
import type { Usage } from '../transcript.ts'

/**
 * Tokens of an answer. Anthropic's `input_tokens` already excludes what was read from and written to the cache.
 * Servers that speak the same protocol leave counts out, or all of it.
 */
export function anthropicUsage({ usage }: { readonly usage?: Partial<Message['usage']> }): Usage {
  return {
    input: usage?.input_tokens ?? 0,
    cacheRead: usage?.cache_read_input_tokens ?? 0,
    cacheWrite: usage?.cache_creation_input_tokens ?? 0,
    output: usage?.output_tokens ?? 0,
  }
}
