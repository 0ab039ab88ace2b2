import type { ChatDialect } from './chat-dialects.ts'
import { checkStrictSchema } from './openai-rules.ts'
import type { HttpFault, Json } from './script.ts'

/** What is wrong with a request to a server of this dialect. */
export function checkChatRequest(body: Json, dialect: ChatDialect): HttpFault | undefined {
  const problem =
    checkFields(body, dialect) ?? checkTools(body, dialect) ?? checkMessages(body.messages, dialect)
  return problem === undefined
    ? undefined
    : { status: dialect.refuses, type: 'invalid_request_error', message: problem }
}

function checkFields(body: Json, { fields }: ChatDialect): string | undefined {
  if (typeof body?.model !== 'string') return 'model: field required'
  const unknown = Object.keys(body).find((field) => fields?.includes(field) === false)
  return unknown === undefined ? undefined : `${unknown}: extra inputs are not permitted`
}

function checkTools({ tools }: Json, { strict, tools: taken }: ChatDialect): string | undefined {
  if (tools === undefined) return undefined
  if (taken === 'refused') return 'this model does not support tools'
  if (!Array.isArray(tools) || tools.length === 0) return 'tools: must not be empty'
  for (const { type, function: called } of tools) {
    if (type !== 'function' || !/^[A-Za-z0-9_-]{1,64}$/.test(called?.name)) return 'tools: invalid name'
    if (called.strict === undefined) continue
    if (strict === 'refused') return 'strict is not supported'
    const problem =
      strict === 'enforced' && called.strict ? checkStrictSchema(called.parameters, called.name) : undefined
    if (problem) return problem
  }
  return undefined
}

function checkMessages(messages: Json, dialect: ChatDialect): string | undefined {
  if (!Array.isArray(messages) || messages.length === 0) return 'messages: at least one'
  let open: string[] = []
  for (const [index, message] of messages.entries()) {
    const at = `messages[${index}]`
    const problem = checkContent(message, at, dialect)
    if (problem) return problem
    if (message.role === 'tool') {
      if (open[0] !== message.tool_call_id) return `${at}: no call with the id ${message.tool_call_id}`
      open.shift()
      continue
    }
    if (open.length > 0) return `${at}: the call ${open[0]} has no result`
    const before = messages[index - 1]?.role
    if (message.role === 'system' && index > 0) return `${at}: a system message must be the first`
    if (dialect.alternates && message.role === before) return `${at}: roles must alternate user/assistant`
    if (message.role === 'assistant') {
      if (index === 0 || before === 'system') return `${at}: the first turn is the user's`
      open = (message.tool_calls ?? []).map(({ id }: Json) => id)
      const wrong = open.find((id) => !dialect.ids.test(id))
      if (wrong !== undefined) return `${at}: tool call id was ${wrong}`
      const broken = (message.tool_calls ?? []).find(({ function: call }: Json) => !isObject(call?.arguments))
      if (broken) return `${at}: arguments of ${broken.function?.name} are no JSON object`
    }
  }
  if (open.length > 0) return `the call ${open[0]} has no result`
  const last = messages.at(-1).role
  return last === 'user' || last === 'tool' ? undefined : `the last message is of ${last}`
}

const ROLES = ['system', 'user', 'assistant', 'tool']
const OF_ASSISTANT = ['role', 'content', 'tool_calls']

function checkContent(
  message: Json,
  at: string,
  { images, takesReasoning, alternates }: ChatDialect,
): string | undefined {
  const { role, content } = message
  if (!ROLES.includes(role)) return `${at}: unknown role ${role}`
  if (role === 'assistant') {
    const extra = Object.keys(message).find((field) => !OF_ASSISTANT.includes(field))
    if (extra && !takesReasoning) return `${at}.${extra}: extra inputs are not permitted`
    if (message.tool_calls?.length === 0) return `${at}.tool_calls: must not be empty`
    if (content === null && message.tool_calls) return undefined
  }
  if (typeof content === 'string') {
    if (!content.isWellFormed()) return `${at}.content: lone surrogate`
    return content.trim() === '' ? `${at}.content: empty` : undefined
  }
  if (!Array.isArray(content) || role !== 'user' || content.length === 0)
    return `${at}.content: must be a text`
  for (const part of content) {
    if (part.type === 'text' && part.text.trim() !== '') continue
    if (part.type !== 'image_url' || !/^data:image\/\w+;base64,./.test(part.image_url?.url))
      return `${at}.content: unknown part`
    if (images === 'refused') return `${at}.content: this model does not support images`
  }
  return alternates && images === 'refused' ? `${at}.content: must be a text` : undefined
}

function isObject(json: unknown): boolean {
  try {
    const value: unknown = JSON.parse(String(json))
    return typeof json === 'string' && typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
