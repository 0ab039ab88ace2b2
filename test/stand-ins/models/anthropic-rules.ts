import { signThinking } from './anthropic-wire.ts'
import type { Json } from './script.ts'

const FIELDS = new Set(
  'model max_tokens messages system tools tool_choice stream stop_sequences metadata thinking cache_control context_management output_config service_tier container diagnostics inference_geo speed'.split(
    ' ',
  ),
)
const TOOL_FIELDS = new Set(
  'name description input_schema cache_control type strict defer_loading eager_input_streaming allowed_callers input_examples'.split(
    ' ',
  ),
)

/** Why the Messages API rejects a request with 400; undefined when it takes it. */
export function checkAnthropicRequest(body: Json): string | undefined {
  if (typeof body !== 'object' || body === null) return 'The body is not JSON.'
  for (const field of Object.keys(body))
    if (!FIELDS.has(field)) return `${field}: Extra inputs are not permitted`
  if (typeof body.model !== 'string') return 'model: Field required'
  if (!Number.isInteger(body.max_tokens) || body.max_tokens < 1)
    return 'max_tokens: Input should be at least 1'
  if (!Array.isArray(body.messages)) return 'messages: Field required'
  return checkTools(body) ?? checkCacheControl(body) ?? checkMessages(body) ?? checkThinking(body)
}

function checkTools({ tools = [], messages }: Json): string | undefined {
  const names = new Set<string>()
  for (const [index, tool] of tools.entries()) {
    for (const field of Object.keys(tool)) {
      if (!TOOL_FIELDS.has(field)) return `tools.${index}.custom.${field}: Extra inputs are not permitted`
    }
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(tool.name)) return `tools.${index}.custom.name: illegal`
    if (names.has(tool.name)) return 'tools: Tool names must be unique.'
    if (tool.input_schema?.type !== 'object') return `tools.${index}.custom.input_schema.type: Field required`
    names.add(tool.name)
  }
  const used = messages.flatMap(blocksOf).some(({ type }: Json) => type === 'tool_use')
  return used && names.size === 0 ? 'Requests with `tool_use` blocks must define tools.' : undefined
}

function checkCacheControl({ system, tools = [], messages, cache_control }: Json): string | undefined {
  const blocks = [
    ...tools,
    ...(Array.isArray(system) ? system : []),
    ...messages.flatMap(blocksOf),
    { cache_control },
  ]
  const lives = blocks.flatMap((block: Json) =>
    block.cache_control ? [block.cache_control.ttl ?? '5m'] : [],
  )
  if (lives.length > 4)
    return `A maximum of 4 blocks with cache_control may be provided. Found ${lives.length}.`
  const late = lives.indexOf('1h') > lives.indexOf('5m') && lives.includes('5m') && lives.includes('1h')
  return late ? 'a ttl="1h" cache_control block must not come after a ttl="5m" block' : undefined
}

function checkMessages({ messages }: Json): string | undefined {
  if (messages.length === 0) return 'messages: at least one message is required'
  if (messages[0].role !== 'user') return 'messages: first message must use the "user" role'
  if (messages.at(-1).role === 'assistant' && !endsPaused(messages.at(-1))) {
    return 'This model does not support assistant message prefill. The conversation must end with a user message.'
  }
  const ids = new Set<string>()
  for (const [index, message] of messages.entries()) {
    const problem =
      checkContent(message, index) ?? checkSystem(messages, index) ?? checkCalls(messages, index, ids)
    if (problem) return problem
  }
  return undefined
}

/** The stand-in pauses with this text; a paused turn is sent back as the last message. */
function endsPaused(message: Json): boolean {
  return blocksOf(message).some(({ text }: Json) => text === 'paused')
}

function checkContent(message: Json, index: number): string | undefined {
  if (!['user', 'assistant', 'system'].includes(message.role)) return `messages.${index}.role: illegal`
  const blocks = blocksOf(message)
  if (blocks.length === 0) return `messages.${index}: all messages must have non-empty content`
  for (const [number, block] of blocks.entries()) {
    const at = `messages.${index}.content.${number}`
    if (block.type === 'text' && String(block.text ?? '').trim() === '') {
      return `${at}: text content blocks must contain non-whitespace text`
    }
    if (block.type === 'text' && !block.text.isWellFormed()) return `${at}: no low surrogate in string`
    if (block.type === 'tool_use' && message.role !== 'assistant')
      return `${at}: tool_use only in assistant messages`
    if (block.type === 'tool_result' && message.role !== 'user')
      return `${at}: tool_result only in user messages`
    if (block.type === 'tool_result' && block.content?.length === 0) return `${at}: content is empty`
    if (block.is_error && block.content?.some?.(({ type }: Json) => type !== 'text'))
      return `${at}: all content must be type \`text\` if \`is_error\` is true`
    if (block.type === 'image' && !block.source?.data) return `${at}.source: image is empty`
    if (message.role === 'system' && block.type !== 'text') return `${at}: system messages hold text only`
  }
  return undefined
}

/** A system message comes right after a user message, and before an assistant message or at the end. */
function checkSystem(messages: Json[], index: number): string | undefined {
  if (messages[index].role !== 'system') return undefined
  const after = messages[index + 1]?.role ?? 'assistant'
  if (messages[index - 1]?.role === 'user' && after === 'assistant') return undefined
  return `messages.${index}: a system message must follow a user message and precede an assistant message`
}

function checkCalls(messages: Json[], index: number, ids: Set<string>): string | undefined {
  const blocks = blocksOf(messages[index])
  for (const { type, id, name, input } of blocks) {
    if (type !== 'tool_use') continue
    if (!/^[a-zA-Z0-9_-]+$/.test(id)) return `messages.${index}: tool_use.id does not match ^[a-zA-Z0-9_-]+$`
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(name)) return `messages.${index}: tool_use.name is illegal`
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      return `messages.${index}: tool_use.input: Input should be a valid dictionary`
    }
    if (ids.has(id)) return `messages.${index}: \`tool_use\` ids must be unique`
    ids.add(id)
  }
  const calls = idsOf(blocks, 'tool_use', 'id')
  const results = idsOf(blocksOf(messages[index + 1]), 'tool_result', 'tool_use_id')
  const missing = calls.filter((id) => !results.includes(id))
  if (missing.length > 0) return `messages.${index}: \`tool_use\` ids without \`tool_result\`: ${missing}`
  const own = idsOf(blocks, 'tool_result', 'tool_use_id')
  const asked = idsOf(blocksOf(messages[index - 1]), 'tool_use', 'id')
  if (own.some((id) => !asked.includes(id)))
    return `messages.${index}: unexpected \`tool_use_id\` in tool_result`
  if (new Set(own).size < own.length) return `messages.${index}: each tool_use must have a single result`
  const firstOther = blocks.findIndex(({ type }) => type !== 'tool_result')
  const inOrder = own.length === 0 || firstOther === -1 || firstOther >= own.length
  return inOrder ? undefined : `messages.${index}: tool_result blocks must come first`
}

function checkThinking(body: Json): string | undefined {
  for (const [index, message] of body.messages.entries()) {
    for (const [number, { type, signature }] of blocksOf(message).entries()) {
      // Another model's thinking is left out by the API without a word.
      if (type !== 'thinking' || !String(signature).startsWith(`${body.model}.`)) continue
      if (signature !== signThinking(body, index)) {
        return `messages.${index}.content.${number}: Invalid \`signature\` in \`thinking\` block. The block is bound to a different conversation.`
      }
    }
  }
  return undefined
}

function blocksOf(message: Json): Json[] {
  if (typeof message?.content === 'string') return [{ type: 'text', text: message.content }]
  return Array.isArray(message?.content) ? message.content : []
}

function idsOf(blocks: Json[], type: string, field: string): string[] {
  return blocks.flatMap((block) => (block.type === type ? [block[field]] : []))
}
