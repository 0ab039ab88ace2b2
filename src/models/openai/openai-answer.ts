import type { Response, ResponseOutputItem, ResponseStreamEvent } from 'openai/resources/responses/responses'
import { isRecord } from '../../text/is-record.ts'
import { withBreaks } from '../../time/breathe.ts'
import { parseArgs } from '../calls.ts'
import type { ToolSchema } from '../model.ts'
import { ModelError } from '../model-error.ts'
import {
  type AssistantEntry,
  NO_USAGE,
  type StopReason,
  type ToolCallPart,
  type Usage,
} from '../transcript.ts'
import type { OpenAIStreamError } from './classify-openai-error.ts'

/**
 * Turns a complete response of OpenAI into a transcript entry.
 *
 * @throws {ModelError} `refusal`: what the model wrote up to there is not a turn.
 */
export function openaiTurn(
  { response, items }: { response: Response; items: readonly ResponseOutputItem[] },
  { model, tools }: { model: string; tools: readonly ToolSchema[] },
): AssistantEntry {
  const parts = items.flatMap((item) => toParts(item, { model, tools }))
  const called = parts.some(({ type }) => type === 'tool_call')
  const stop = stopReason(response, called, model)
  return {
    role: 'assistant',
    parts,
    origin: { provider: 'openai', model, responseId: response.id, stop, usage: usageOf(response) },
    native: isReplayable(items) && !isCutOff(parts, stop) ? items : null,
  }
}

function toParts(
  item: ResponseOutputItem,
  { model, tools }: { model: string; tools: readonly ToolSchema[] },
): AssistantEntry['parts'][number][] {
  switch (item.type) {
    case 'message':
      return item.content.flatMap((content) => {
        if (content.type === 'refusal') throw refusal(model, undefined)
        // A kind of content that is not known yet may have no text.
        return content.text?.trim() ? [{ type: 'text', text: content.text }] : []
      })
    case 'reasoning': {
      const text = (item.summary ?? []).map((summary) => summary.text).join('\n\n')
      return text.trim() === '' ? [] : [{ type: 'reasoning', text }]
    }
    case 'function_call':
      return [toCall(item, tools)]
    default:
      // Hosted tools are never offered.
      return []
  }
}

function toCall(
  item: { call_id: string; name: string; arguments: string },
  tools: readonly ToolSchema[],
): ToolCallPart {
  const { args, invalid } = parseArgs(item.arguments)
  const call = { type: 'tool_call', id: item.call_id, name: item.name } as const
  if (invalid !== undefined) return { ...call, args, invalid }
  const schema = tools.find(({ name }) => name === item.name)?.inputSchema
  return { ...call, args: dropNulls(args, schema) }
}

function stopReason({ status, incomplete_details }: Response, called: boolean, model: string): StopReason {
  if (status !== 'incomplete') return called ? 'tool_use' : 'end'
  if (incomplete_details?.reason === 'content_filter') throw refusal(model, 'content_filter')
  return 'max_tokens'
}

function refusal(model: string, category: string | undefined): ModelError {
  return new ModelError({
    class: 'refusal',
    provider: 'openai',
    model,
    userMessage: category ? `${model} declined to continue (${category}).` : `${model} declined to continue.`,
    category,
  })
}

/** A call that was cut off or cannot be parsed is sent back in the form in which it was understood here. */
function isCutOff(parts: AssistantEntry['parts'], stop: StopReason): boolean {
  return (
    stop === 'max_tokens' || parts.some((part) => part.type === 'tool_call' && part.invalid !== undefined)
  )
}

/**
 * Whether the items can be sent back as they came. OpenAI stores nothing, so it would look in vain for reasoning that
 * comes without its encrypted content, and the items after it belong with it. The API also takes reasoning only before
 * the item that it led to, so a turn must not end in reasoning. In both cases the turn is rebuilt from its parts.
 */
function isReplayable(items: readonly ResponseOutputItem[]): boolean {
  if (items.at(-1)?.type === 'reasoning') return false
  return items.every((item) => item.type !== 'reasoning' || Boolean(item.encrypted_content))
}

/** Tokens of a response. OpenAI's `input_tokens` includes cached ones, while `input` does not. */
function usageOf({ usage }: Response): Usage {
  if (!usage) return NO_USAGE
  const cacheRead = usage.input_tokens_details?.cached_tokens ?? 0
  const cacheWrite = usage.input_tokens_details?.cache_write_tokens ?? 0
  return {
    input: Math.max(0, (usage.input_tokens ?? 0) - cacheRead - cacheWrite),
    cacheRead,
    cacheWrite,
    output: usage.output_tokens ?? 0,
  }
}

/** A streamed response that is whole, or the error with which the server ended it. */
export type OpenAIAnswer =
  | {
      readonly response: Response
      readonly items: readonly ResponseOutputItem[]
      readonly failed?: undefined
    }
  | { readonly failed: OpenAIStreamError }

/** Puts a streamed response together. Undefined when the stream ended without a final event. */
export async function readOpenAIStream(
  events: AsyncIterable<ResponseStreamEvent>,
  { onFirst }: { readonly onFirst: () => void },
): Promise<OpenAIAnswer | undefined> {
  // Reasoning is complete only in `output_item.done`; see `ResponseReasoningItem` in the SDK.
  const done = new Map<number, ResponseOutputItem>()
  for await (const event of withBreaks(events)) {
    switch (event.type) {
      case 'response.output_text.delta':
      case 'response.output_item.added':
      case 'response.function_call_arguments.delta':
      case 'response.reasoning_summary_text.delta':
        onFirst()
        break
      case 'response.output_item.done':
        done.set(event.output_index ?? done.size, event.item)
        break
      case 'response.completed':
      case 'response.incomplete':
        return {
          response: event.response,
          items: done.size > 0 ? inOrder(done) : (event.response.output ?? []),
        }
      case 'response.failed':
        return { failed: event.response.error ?? {} }
      case 'error':
        return { failed: event }
      default:
        break
    }
  }
  return undefined
}

/** The items by their index, since reasoning belongs right before the item that it led to, whichever was done first. */
function inOrder(items: ReadonlyMap<number, ResponseOutputItem>): ResponseOutputItem[] {
  return [...items].sort(([a], [b]) => a - b).map(([, item]) => item)
}

/**
 * Removes the nulls that mean "not given" from the arguments of a tool call: those of optional properties whose own
 * schema does not accept null. Everything else stays as the model wrote it.
 *
 * @param schema the tool's original schema, before strict mode made the optional properties nullable.
 */
export function dropNulls(value: unknown, schema: unknown): unknown {
  if (!isRecord(schema)) return value
  if (Array.isArray(value)) return value.map((item) => dropNulls(item, schema.items))
  if (!isRecord(value) || !isRecord(schema.properties)) return value
  const { properties } = schema
  const required = Array.isArray(schema.required) ? schema.required : []
  const given = Object.entries(value).filter(
    ([name, item]) => item !== null || required.includes(name) || acceptsNull(properties[name]),
  )
  return Object.fromEntries(given.map(([name, item]) => [name, dropNulls(item, properties[name])]))
}

function acceptsNull(schema: unknown): boolean {
  if (!isRecord(schema)) return true
  if (schema.const === null || (Array.isArray(schema.enum) && schema.enum.includes(null))) return true
  if (Array.isArray(schema.anyOf)) return schema.anyOf.some(acceptsNull)
  if (schema.type === undefined) return !('enum' in schema || 'const' in schema)
  return Array.isArray(schema.type) ? schema.type.includes('null') : schema.type === 'null'
}
