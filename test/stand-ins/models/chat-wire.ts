import type { ChatDialect } from './chat-dialects.ts'
import type { WireEvent } from './model-server.ts'
import { type Json, pieces, type Step, tokensIn } from './script.ts'

/** An answer of Chat Completions, before a dialect shapes it. */
export interface ChatReply {
  readonly head: { readonly id: string; readonly created: number; readonly model: string }
  readonly message: Json
  readonly finishReason: string
  readonly usage: Json
}

/** The answer that a step makes of a request. */
export function chatReply(
  step: Step,
  {
    body,
    index,
    dialect,
    read,
  }: { readonly body: Json; readonly index: number; readonly dialect: ChatDialect; readonly read: number },
): ChatReply {
  const message = messageOf(step, index, dialect)
  const { usage = {} } = step
  const cached = usage.cacheRead ?? read
  const prompt = usage.input === undefined ? tokensIn(JSON.stringify(body)) : usage.input + cached
  const completion = usage.output ?? tokensIn(JSON.stringify(message))
  return {
    head: { id: `chatcmpl-${index + 1}`, created: 1_767_225_600, model: body.model },
    message,
    finishReason: finishOf(step, message, dialect),
    usage: {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
      prompt_tokens_details: { cached_tokens: cached },
    },
  }
}

function finishOf(step: Step, message: Json, { finish }: ChatDialect): string {
  if ('fault' in step && step.fault === 'refusal') return 'content_filter'
  if (step.stop === 'max_tokens') return 'length'
  return finish ?? (message.tool_calls ? 'tool_calls' : 'stop')
}

function messageOf(step: Step, index: number, dialect: ChatDialect): Json {
  const { reasoning, text, calls = [] } = step
  const isWords = dialect.calls === 'words' && calls.every(({ json }) => json === undefined)
  const inWords =
    isWords && calls.length > 0
      ? dialect.inWords?.(calls.map(({ name, args = {} }) => ({ name, args })))
      : undefined
  const thought = dialect.reasoning === 'text' && reasoning ? `<think>\n${reasoning}\n</think>\n\n` : ''
  const content = [thought + (text ?? ''), inWords].filter(Boolean).join('\n')
  const toolCalls = calls.map(({ name, args = {}, json }, number) => ({
    id: idOf(dialect, index, number),
    type: 'function',
    function: { name, arguments: json ?? JSON.stringify(args) },
  }))
  return {
    role: 'assistant',
    content: content === '' && !inWords && toolCalls.length > 0 ? null : content,
    ...(toolCalls.length > 0 && inWords === undefined ? { tool_calls: toolCalls } : {}),
    ...reasoningOf(reasoning, dialect),
  }
}

function idOf({ ids }: ChatDialect, index: number, number: number): string {
  const short = `c${String(index).padStart(4, '0')}${String(number).padStart(4, '0')}`
  const usual = `call_${short}`
  return ids.test(usual) ? usual : short
}

function reasoningOf(reasoning: string | undefined, { reasoning: field }: ChatDialect): Json {
  if (!reasoning || field === 'text' || field === 'parts') return {}
  if (field !== 'reasoning_details') return { [field]: reasoning }
  return {
    reasoning,
    reasoning_details: [{ type: 'reasoning.text', text: reasoning, format: 'unknown', index: 0 }],
  }
}

/** The answer as a stream. */
export function chatEvents(reply: ChatReply, body: Json, dialect: ChatDialect): WireEvent[] {
  const { message, usage, finishReason } = reply
  const counts =
    dialect.usage === 'always' || dialect.usage === 'in_each' || body.stream_options?.include_usage === true
  const isCounted = counts && dialect.usage !== 'never'
  const chunk = (delta: Json, mark?: 'text' | 'tool'): WireEvent =>
    toEvent(
      reply,
      {
        choices: [{ index: 0, delta, finish_reason: null }],
        ...(dialect.usage === 'in_each' ? { usage } : {}),
      },
      mark,
    )
  return [
    chunk({ role: 'assistant', content: '' }),
    ...Object.entries(message)
      .flatMap(([field, value]) => reasoningDeltas(field, value))
      .map((delta) => chunk(delta)),
    ...pieces(message.content ?? '').map((content) => chunk({ content }, 'text')),
    ...callDeltas(message.tool_calls ?? [], dialect).map((delta) => chunk({ tool_calls: [delta] }, 'tool')),
    toEvent(reply, { choices: [{ index: 0, delta: {}, finish_reason: finishReason }] }),
    ...(isCounted ? [toEvent(reply, { choices: [], usage })] : []),
    { event: 'message', data: '[DONE]' },
  ]
}

function toEvent({ head }: ChatReply, data: Json, mark?: 'text' | 'tool'): WireEvent {
  const event = { event: 'message', data: { ...head, object: 'chat.completion.chunk', ...data } }
  return mark ? { ...event, mark } : event
}

function reasoningDeltas(field: string, value: Json): Json[] {
  if (field === 'reasoning_details')
    return value.flatMap((part: Json) => pieces(part.text).map((text) => ({ [field]: [{ ...part, text }] })))
  return field === 'reasoning_content' || field === 'reasoning'
    ? pieces(value).map((text) => ({ [field]: text }))
    : []
}

function callDeltas(calls: readonly Json[], { calls: form }: ChatDialect): Json[] {
  return calls.flatMap((call, index) => {
    const { id, function: called } = call
    const { name, arguments: json } = called
    switch (form) {
      case 'whole':
        return [{ index, ...call }]
      case 'without_index':
        return [call]
      case 'object_arguments':
        return [{ index, ...call, function: { name, arguments: parsed(json) } }]
      case 'without_id':
        return [{ index, type: 'function', function: called }]
      case 'same_index':
        return [
          { index: 0, id, type: 'function', function: { name, arguments: '' } },
          ...argumentDeltas(json, { index: 0 }),
        ]
      case 'repeated_head':
        return argumentDeltas(json, { index, id, type: 'function', name })
      default:
        return [
          { index, id, type: 'function', function: { name, arguments: '' } },
          ...argumentDeltas(json, { index }),
        ]
    }
  })
}

function argumentDeltas(json: string, { name, ...head }: Json): Json[] {
  return pieces(json).map((piece) => ({ ...head, function: { ...(name ? { name } : {}), arguments: piece } }))
}

function parsed(json: string): Json {
  try {
    return JSON.parse(json)
  } catch {
    return json
  }
}
