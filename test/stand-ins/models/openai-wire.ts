import { createHash } from 'node:crypto'
import type { WireEvent } from './model-server.ts'
import { type Json, pieces, type ScriptedFault, type Step, tokensIn } from './script.ts'

/** A response of the Responses API. */
export interface OpenAIResponse {
  readonly id: string
  readonly status: string
  readonly output: readonly Json[]
  readonly usage: Json
  readonly [field: string]: unknown
}

/** The response that a step makes of a request. */
export function openaiResponse(
  step: Step,
  { body, index, tokens }: { body: Json; index: number; tokens: { total: number; read: number } },
): OpenAIResponse {
  const output = outputOf(step, index)
  const { usage = {}, stop } = step
  const cached = usage.cacheRead ?? tokens.read
  const written = usage.cacheWrite ?? 0
  const input = usage.input === undefined ? tokens.total : usage.input + cached + written
  const outputTokens = usage.output ?? tokensIn(JSON.stringify(output))
  return {
    id: `resp_${index + 1}`,
    object: 'response',
    created_at: 1_767_225_600,
    status: stop === 'max_tokens' ? 'incomplete' : 'completed',
    error: null,
    incomplete_details: stop === 'max_tokens' ? { reason: 'max_output_tokens' } : null,
    model: body.model,
    output,
    usage: {
      input_tokens: input,
      input_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
      output_tokens: outputTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input + outputTokens,
    },
  }
}

function outputOf(step: Step, index: number): Json[] {
  const refused = 'fault' in step && step.fault === 'refusal'
  const output: Json[] = []
  if (step.reasoning !== undefined) {
    const summary = step.reasoning === '' ? [] : [{ type: 'summary_text', text: step.reasoning }]
    output.push({
      type: 'reasoning',
      id: `rs_${index + 1}`,
      summary,
      encrypted_content: sealReasoning(index),
    })
  }
  const said = step.text === undefined ? undefined : { type: 'output_text', text: step.text, annotations: [] }
  const content = refused ? { type: 'refusal', refusal: 'I can’t help with that.' } : said
  if (content) {
    output.push({
      type: 'message',
      id: `msg_${index + 1}`,
      role: 'assistant',
      status: 'completed',
      content: [content],
    })
  }
  for (const [number, { name, args = {}, json, input }] of (step.calls ?? []).entries()) {
    const id = `${index + 1}_${number + 1}`
    if (input !== undefined) {
      output.push({ type: 'custom_tool_call', id: `ctc_${id}`, call_id: `call_${id}`, name, input })
      continue
    }
    const text = json ?? JSON.stringify(args)
    output.push({
      type: 'function_call',
      id: `fc_${id}`,
      call_id: `call_${id}`,
      name,
      arguments: text,
      status: 'completed',
    })
  }
  return output
}

/** Encrypted reasoning, which only the server that made it can open. */
function sealReasoning(index: number): string {
  return `gAAAA${createHash('sha256').update(`reasoning ${index}`).digest('base64url')}`
}

/** Whether encrypted reasoning was made here, by one of the first `count` responses. */
export function opensReasoning(encrypted: unknown, count: number): boolean {
  return Array.from({ length: count }, (_, index) => sealReasoning(index)).includes(String(encrypted))
}

/** The response as a stream; a failed one ends in `response.failed`. */
export function openaiEvents(response: OpenAIResponse): WireEvent[] {
  const opening = { ...response, status: 'in_progress', output: [], usage: null }
  const end = response.status === 'incomplete' ? 'response.incomplete' : 'response.completed'
  const events = [
    named({ type: 'response.created', response: opening }),
    named({ type: 'response.in_progress', response: opening }),
    ...response.output.flatMap(itemEvents),
    named({ type: end, response }),
  ]
  return events.map((event, sequence_number) => ({ ...event, data: { ...event.data, sequence_number } }))
}

type NamedEvent = WireEvent & { readonly data: { readonly type: string } }

function itemEvents(item: Json, output_index: number): NamedEvent[] {
  return [
    named({ type: 'response.output_item.added', output_index, item: { ...item, ...emptied(item) } }),
    ...innerEvents(item, output_index),
    named({ type: 'response.output_item.done', output_index, item }),
  ]
}

function emptied({ type }: Json): Json {
  if (type === 'message') return { content: [], status: 'in_progress' }
  if (type === 'custom_tool_call') return { input: '' }
  // The SDK warns that the encrypted content may be incomplete here.
  return type === 'reasoning'
    ? { summary: [], encrypted_content: '' }
    : { arguments: '', status: 'in_progress' }
}

function innerEvents(item: Json, output_index: number): NamedEvent[] {
  const at = { item_id: item.id, output_index }
  if (item.type === 'message')
    return item.content.flatMap((part: Json) => contentEvents(part, { ...at, content_index: 0 }))
  if (item.type === 'reasoning') return item.summary.flatMap((part: Json) => summaryEvents(part, at))
  if (item.type === 'custom_tool_call') return inputEvents(item, at)
  const name = 'response.function_call_arguments'
  return [
    ...pieces(item.arguments).map((delta) => named({ type: `${name}.delta`, ...at, delta }, 'tool')),
    named({ type: `${name}.done`, ...at, name: item.name, arguments: item.arguments }),
  ]
}

function inputEvents({ input }: Json, at: Json): NamedEvent[] {
  const name = 'response.custom_tool_call_input'
  return [
    ...pieces(input).map((delta) => named({ type: `${name}.delta`, ...at, delta }, 'tool')),
    named({ type: `${name}.done`, ...at, input }),
  ]
}

function summaryEvents(part: Json, item: Json): NamedEvent[] {
  const name = 'response.reasoning_summary'
  const at = { ...item, summary_index: 0 }
  return [
    named({ type: `${name}_part.added`, ...at, part: { ...part, text: '' } }),
    ...pieces(part.text).map((delta) => named({ type: `${name}_text.delta`, ...at, delta })),
    named({ type: `${name}_text.done`, ...at, text: part.text }),
    named({ type: `${name}_part.done`, ...at, part }),
  ]
}

function contentEvents(part: Json, at: Json): NamedEvent[] {
  const [field, kind] =
    part.type === 'refusal' ? ['refusal', 'response.refusal'] : ['text', 'response.output_text']
  return [
    named({ type: 'response.content_part.added', ...at, part: { ...part, [field]: '' } }),
    ...pieces(part[field]).map((delta) =>
      named({ type: `${kind}.delta`, ...at, delta, logprobs: [] }, 'text'),
    ),
    named({ type: `${kind}.done`, ...at, [field]: part[field], logprobs: [] }),
    named({ type: 'response.content_part.done', ...at, part }),
  ]
}

function named(data: { type: string; [field: string]: unknown }, mark?: 'text' | 'tool'): NamedEvent {
  return { event: data.type, data, ...(mark ? { mark } : {}) }
}

/** The last event of a broken stream: an error event, or for `failed` a failed response. */
export function openaiErrorEvent({ fault, error = {} }: Partial<ScriptedFault>): WireEvent {
  const code = error.code ?? 'server_error'
  const message = 'The stand-in says so.'
  if (fault !== 'failed') return named({ type: 'error', code, message, param: null, sequence_number: 999 })
  const response = {
    id: 'resp_failed',
    object: 'response',
    status: 'failed',
    error: { code, message },
    output: [],
  }
  return named({ type: 'response.failed', response, sequence_number: 999 })
}
