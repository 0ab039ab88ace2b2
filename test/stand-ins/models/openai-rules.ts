import { opensReasoning } from './openai-wire.ts'
import type { HttpFault, Json } from './script.ts'

const FIELDS = new Set(
  'model input instructions tools tool_choice parallel_tool_calls stream stream_options store include prompt_cache_key prompt_cache_options prompt_cache_retention max_output_tokens max_tool_calls metadata reasoning text truncation previous_response_id conversation service_tier safety_identifier temperature top_p top_logprobs user background context_management prompt moderation access_programs image'.split(
    ' ',
  ),
)
/** What strict mode knows of JSON Schema. */
const STRICT_KEYWORDS = new Set(
  'type description properties required additionalProperties items enum const anyOf pattern format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems $defs $ref'.split(
    ' ',
  ),
)

/**
 * Why the Responses API rejects a request; undefined when it takes it.
 *
 * @param answered responses that the stand-in has given so far.
 */
export function checkOpenAIRequest(body: Json, answered: number): HttpFault | undefined {
  if (typeof body !== 'object' || body === null) return invalid('The body is not JSON.')
  const unknown = Object.keys(body).find((field) => !FIELDS.has(field))
  if (unknown) return invalid(`Unknown parameter: '${unknown}'.`, 'unknown_parameter')
  if (typeof body.model !== 'string') return invalid("Missing required parameter: 'model'.")
  if (String(body.prompt_cache_key ?? '').length > 64)
    return invalid("Invalid 'prompt_cache_key': string too long.")
  const items = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : body.input
  if (!Array.isArray(items) || items.length === 0) return invalid("Missing required parameter: 'input'.")
  return checkTools(body.tools ?? []) ?? checkItems(items, body, answered) ?? checkCalls(items)
}

function invalid(message: string, code?: string): HttpFault {
  return { status: 400, type: 'invalid_request_error', message, ...(code === undefined ? {} : { code }) }
}

function checkTools(tools: Json[]): HttpFault | undefined {
  for (const [index, { type, name, parameters, strict }] of tools.entries()) {
    if (type !== 'function') return invalid(`Invalid value: tools[${index}].type`)
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) return invalid(`Invalid 'tools[${index}].name'`)
    const problem = strict ? checkStrictSchema(parameters, `tools[${index}]`) : undefined
    if (problem)
      return invalid(`Invalid schema for function '${name}': ${problem}`, 'invalid_function_parameters')
  }
  return undefined
}

export function checkStrictSchema(schema: Json, at: string): string | undefined {
  if (typeof schema !== 'object' || schema === null) return `${at} is not a schema`
  const foreign = Object.keys(schema).find((keyword) => !STRICT_KEYWORDS.has(keyword))
  if (foreign) return `${at}: '${foreign}' is not permitted`
  if (!('type' in schema) && !('anyOf' in schema) && !('enum' in schema) && !('const' in schema))
    return `${at}: no type`
  const types = [schema.type].flat()
  if (types.includes('object')) {
    if (schema.additionalProperties !== false) return `${at}: 'additionalProperties' is required to be false`
    const names = Object.keys(schema.properties ?? {})
    const missing = names.find((name) => !schema.required?.includes(name))
    if (missing) return `${at}: 'required' must include every key in properties. Missing '${missing}'.`
  }
  if (types.includes('array') && !schema.items) return `${at}: array schema missing items`
  const children = [
    ...Object.entries(schema.properties ?? {}),
    ['items', schema.items],
    ...(schema.anyOf ?? []).entries(),
  ]
  for (const [name, child] of children) {
    const problem = child === undefined ? undefined : checkStrictSchema(child, `${at}.${name}`)
    if (problem) return problem
  }
  return undefined
}

function checkItems(items: Json[], body: Json, answered: number): HttpFault | undefined {
  for (const [index, item] of items.entries()) {
    const at = `input[${index}]`
    const problem = checkItem(item, at) ?? checkId(item, at)
    if (problem) return invalid(problem)
    if (item.type !== 'reasoning') continue
    if (!item.encrypted_content && body.store === false) {
      return { status: 404, type: 'invalid_request_error', message: `Item with id '${item.id}' not found.` }
    }
    if (!opensReasoning(item.encrypted_content, answered)) {
      return invalid('The encrypted content could not be verified.', 'invalid_encrypted_content')
    }
    const next = items[index + 1]
    const follows = next?.type === 'function_call' || next?.type === 'reasoning' || next?.role === 'assistant'
    if (!follows)
      return invalid(
        `Item '${item.id}' of type 'reasoning' was provided without its required following item.`,
      )
  }
  return undefined
}

function checkItem(item: Json, at: string): string | undefined {
  switch (item.type ?? 'message') {
    case 'message':
      return checkMessage(item, at)
    case 'function_call':
      if (typeof item.arguments !== 'string') return `Invalid type for '${at}.arguments'.`
      return /^[a-zA-Z0-9_-]{1,64}$/.test(item.name) ? checkCallId(item, at) : `Invalid '${at}.name'.`
    case 'function_call_output':
      if (typeof item.output !== 'string' && !(item.output?.length > 0)) return `Invalid '${at}.output'.`
      return checkCallId(item, at)
    case 'reasoning':
      return Array.isArray(item.summary) ? undefined : `Missing required parameter: '${at}.summary'.`
    default:
      return `Invalid value: '${item.type}' for '${at}.type'.`
  }
}

function checkCallId({ call_id }: Json, at: string): string | undefined {
  const legal = typeof call_id === 'string' && call_id.length > 0 && call_id.length <= 64
  return legal ? undefined : `Invalid '${at}.call_id': between 1 and 64 characters.`
}

function checkMessage({ role, content }: Json, at: string): string | undefined {
  if (!['user', 'assistant', 'system', 'developer'].includes(role)) return `Invalid value: '${at}.role'.`
  if (typeof content === 'string') return content === '' ? `Invalid '${at}.content': empty.` : undefined
  if (!Array.isArray(content) || content.length === 0) return `Invalid '${at}.content': empty array.`
  const allowed =
    role === 'assistant' ? ['output_text', 'refusal'] : ['input_text', 'input_image', 'input_file']
  const wrong = content.find(({ type }) => !allowed.includes(type))
  if (wrong) return `Invalid value: '${wrong.type}' in '${at}.content'.`
  const lone = content.find(({ text }) => text !== undefined && !String(text).isWellFormed())
  return lone ? `Invalid '${at}.content': lone surrogate.` : undefined
}

const ID_PREFIX: Readonly<Record<string, string>> = {
  function_call: 'fc',
  message: 'msg',
  reasoning: 'rs',
  function_call_output: 'fco',
}

function checkId({ type = 'message', id }: Json, at: string): string | undefined {
  const prefix = ID_PREFIX[type]
  if (id === undefined || prefix === undefined || String(id).startsWith(prefix)) return undefined
  return `Invalid '${at}.id': '${id}'. Expected an ID that begins with '${prefix}'.`
}

function checkCalls(items: Json[]): HttpFault | undefined {
  const open = new Set<string>()
  const called = new Set<string>()
  for (const { type, call_id } of items) {
    if (type === 'function_call') {
      if (called.has(call_id)) return invalid(`Duplicate function call ${call_id}.`)
      called.add(call_id)
      open.add(call_id)
    }
    if (type === 'function_call_output' && !open.delete(call_id)) {
      return invalid(`No tool call found for function call output with call_id ${call_id}.`)
    }
  }
  const [missing] = open
  return missing === undefined ? undefined : invalid(`No tool output found for function call ${missing}.`)
}
