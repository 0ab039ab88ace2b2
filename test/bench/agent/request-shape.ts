import type { Json } from '../../stand-ins/models/script.ts'

/** Codex sends its tools as the first item of the input. */
export function asksForTurn({ tools = [], input = [] }: Json): boolean {
  return tools.length > 0 || (Array.isArray(input) && input.some(({ type }) => type === 'additional_tools'))
}

/** Results of tools in a request of either provider, oldest first. */
export function resultsIn({ messages, input }: Json): readonly Json[] {
  if (Array.isArray(input)) return input.filter(({ type }) => /_call_output$/.test(type ?? ''))
  return (messages ?? []).flatMap(({ content }: Json) =>
    Array.isArray(content) ? content.filter(({ type }) => type === 'tool_result') : [],
  )
}

/**
 * The part of a request that a provider caches, in the order in which it does: tools, system prompt, conversation.
 * Without `cache_control`; a text is the same as one text block.
 */
export function cacheableText({ tools = [], system, instructions, messages, input }: Json): string {
  const blocks = [...tools, system ?? '', instructions ?? '', ...(messages ?? []), ...listOf(input)]
  return blocks.map((block) => `${canonical(block)}\n`).join('')
}

function listOf(input: Json): readonly Json[] {
  return input === undefined || Array.isArray(input) ? (input ?? []) : [input]
}

function canonical(block: Json): string {
  return JSON.stringify(block, (key, value: unknown) => {
    if (key === 'cache_control') return undefined
    return key === 'content' && typeof value === 'string' ? [{ type: 'text', text: value }] : value
  })
}

/** How much of the earlier text the later one begins with; 1 is all of it. */
export function sharedPrefix(earlier: string, later: string): number {
  let length = 0
  while (length < earlier.length && earlier.charCodeAt(length) === later.charCodeAt(length)) length++
  return earlier.length === 0 ? 1 : length / earlier.length
}
