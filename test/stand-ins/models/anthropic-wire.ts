import { createHash } from 'node:crypto'
import type { WireEvent } from './model-server.ts'
import { type Json, pieces, type ScriptedFault, type Step, tokensIn } from './script.ts'

/** A message of the Messages API, as a response holds it. */
export interface AnthropicMessage {
  readonly id: string
  readonly content: readonly Record<string, unknown>[]
  readonly stop_reason: string
  readonly usage: Record<string, unknown>
  readonly [field: string]: unknown
}

/** Tokens as Anthropic counts them: `input` without what the cache read or wrote. */
export interface AnthropicInputTokens {
  readonly input: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly cacheWrite1h: number
}

/** The message that a step makes of a request. */
export function anthropicMessage(
  step: Step,
  { body, index, tokens }: { body: Json; index: number; tokens: AnthropicInputTokens },
): AnthropicMessage {
  const refused = 'fault' in step && step.fault === 'refusal'
  const content = refused ? [] : contentOf(step, body, index)
  const { usage = {} } = step
  return {
    id: `msg_${index + 1}`,
    type: 'message',
    role: 'assistant',
    model: body.model,
    content,
    stop_reason: refused ? 'refusal' : stopReason(step),
    stop_sequence: null,
    stop_details: refused ? { type: 'refusal', category: categoryOf(step), explanation: null } : null,
    usage: {
      input_tokens: usage.input ?? tokens.input,
      cache_read_input_tokens: usage.cacheRead ?? tokens.cacheRead,
      cache_creation_input_tokens: usage.cacheWrite ?? tokens.cacheWrite,
      cache_creation: {
        ephemeral_5m_input_tokens: (usage.cacheWrite ?? tokens.cacheWrite) - tokens.cacheWrite1h,
        ephemeral_1h_input_tokens: tokens.cacheWrite1h,
      },
      output_tokens: usage.output ?? tokensIn(JSON.stringify(content)),
    },
  }
}

function categoryOf(step: Step): string | null {
  return 'fault' in step ? (step.category ?? null) : null
}

function stopReason({ stop, calls = [] }: Step): string {
  if (stop === 'context') return 'model_context_window_exceeded'
  if (stop === 'pause') return 'pause_turn'
  return stop ?? (calls.length > 0 ? 'tool_use' : 'end_turn')
}

function contentOf(step: Step, body: Json, index: number): Record<string, unknown>[] {
  const content: Record<string, unknown>[] = []
  if (step.reasoning !== undefined) {
    content.push({
      type: 'thinking',
      thinking: step.reasoning,
      signature: signThinking(body, body.messages.length),
    })
  }
  if (step.text !== undefined) content.push({ type: 'text', text: step.text, citations: null })
  for (const [number, { name, args = {}, json }] of (step.calls ?? []).entries()) {
    const id = `toolu_${index + 1}_${number + 1}`
    content.push({ type: 'tool_use', id, name, input: args, json, caller: { type: 'direct' } })
  }
  return content
}

/**
 * Claude binds each thinking block to the model and to everything before it; `cache_control` does not count, and
 * a text is the same as one text block.
 */
export function signThinking({ model, system, tools, messages }: Json, before: number): string {
  const prefix = canonical({ system, tools, messages: messages.slice(0, before) })
  return `${model}.${createHash('sha256').update(prefix).digest('base64url')}`
}

/** JSON as the API compares it. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (key, item: unknown) => {
    if (key === 'cache_control') return undefined
    return key === 'content' && typeof item === 'string' ? [{ type: 'text', text: item }] : item
  })
}

/** The message as JSON: a broken `json` cannot be shown there, so `input` takes its place. */
export function wholeMessage(message: AnthropicMessage): unknown {
  return { ...message, content: message.content.map(({ json, ...block }) => block) }
}

/** The message as a stream. */
export function anthropicEvents(message: AnthropicMessage): WireEvent[] {
  const { stop_reason, stop_sequence, stop_details, content, usage, ...start } = message
  const opening = { ...start, content: [], stop_reason: null, stop_sequence: null, stop_details: null }
  return [
    named({ type: 'message_start', message: { ...opening, usage: { ...usage, output_tokens: 1 } } }),
    named({ type: 'ping' }),
    ...content.flatMap(blockEvents),
    named({
      type: 'message_delta',
      delta: { stop_reason, stop_sequence, stop_details },
      usage: { output_tokens: usage.output_tokens, input_tokens: usage.input_tokens },
    }),
    named({ type: 'message_stop' }),
  ]
}

function blockEvents({ json, ...block }: Record<string, unknown>, index: number): WireEvent[] {
  const { start, deltas } = takeApart(block, json)
  return [
    named({ type: 'content_block_start', index, content_block: start }),
    ...deltas.map((delta) =>
      markDelta(named({ type: 'content_block_delta', index, delta }), String(delta.type)),
    ),
    named({ type: 'content_block_stop', index }),
  ]
}

function takeApart(block: Record<string, unknown>, json: unknown) {
  switch (block.type) {
    case 'thinking': {
      const texts = pieces(String(block.thinking)).map((thinking) => ({ type: 'thinking_delta', thinking }))
      const signature = { type: 'signature_delta', signature: block.signature }
      return { start: { ...block, thinking: '', signature: '' }, deltas: [...texts, signature] }
    }
    case 'text':
      return {
        start: { ...block, text: '' },
        deltas: pieces(String(block.text)).map((text) => ({ type: 'text_delta', text })),
      }
    default: {
      const whole = typeof json === 'string' ? json : JSON.stringify(block.input)
      const parts = ['', ...pieces(whole)]
      return {
        start: { ...block, input: {} },
        deltas: parts.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
      }
    }
  }
}

function markDelta(event: WireEvent, type: string): WireEvent {
  if (type === 'text_delta') return { ...event, mark: 'text' }
  return type === 'input_json_delta' ? { ...event, mark: 'tool' } : event
}

function named(data: { type: string; [field: string]: unknown }): WireEvent {
  return { event: data.type, data }
}

/** The error event of a broken stream. */
export function anthropicErrorEvent({ error = {} }: Pick<ScriptedFault, 'error'>): WireEvent {
  const details = error.code === undefined ? {} : { details: { error_code: error.code } }
  return named({
    type: 'error',
    error: { type: error.type ?? 'overloaded_error', message: 'The stand-in says so.', ...details },
    request_id: 'req_stand_in',
  })
}
