import { isRecord } from '../../text/is-record.ts'
import { parseArgs } from '../calls.ts'
import type { ToolSchema } from '../model.ts'
import { ModelError } from '../model-error.ts'
import { dropNulls } from '../openai/openai-answer.ts'
import {
  type AssistantEntry,
  countTokens,
  type ProviderName,
  type StopReason,
  type ToolCallPart,
  type Usage,
} from '../transcript.ts'
import { findCallsInWords } from './calls-in-words.ts'
import type { ChatAnswer, WrittenCall } from './read-chat-stream.ts'

/** The request that an answer belongs to. */
export interface ChatQuestion {
  readonly provider: ProviderName
  readonly model: string
  readonly tools: readonly ToolSchema[]
  /** Length of the request in characters, for servers that count no tokens. */
  readonly sentCharacters: number
}

const CHARACTERS_PER_TOKEN = 4

/**
 * Turns a complete answer of Chat Completions into a transcript entry.
 *
 * @throws {ModelError} `refusal`: what the model wrote up to there is not a turn.
 */
export function chatTurn(
  answer: ChatAnswer,
  { provider, model, tools, sentCharacters }: ChatQuestion,
): AssistantEntry {
  if (answer.finishReason === 'content_filter' || (answer.refusal !== '' && answer.calls.length === 0)) {
    throw new ModelError({ class: 'refusal', provider, model, userMessage: `${model} declined to continue.` })
  }
  const { thoughts, text: said } = splitThoughts(answer.text)
  const inWords =
    answer.calls.length === 0 ? findCallsInWords(said, tools) : { text: said, calls: answer.calls }
  const reasoning = [answer.reasoning, thoughts].filter((text) => text.trim() !== '').join('\n\n')
  const calls = inWords.calls.map((call, index) => toCall(call, { index, answer, tools }))
  const parts: AssistantEntry['parts'][number][] = [...calls]
  if (inWords.text.trim() !== '') parts.unshift({ type: 'text', text: inWords.text })
  if (reasoning !== '') parts.unshift({ type: 'reasoning', text: reasoning })
  return {
    role: 'assistant',
    parts,
    origin: {
      provider,
      model,
      responseId: answer.id,
      stop: stopReason(answer, calls.length > 0),
      usage: usageOf(answer, sentCharacters),
    },
    native: answer.reasoningFields ?? null,
  }
}

/**
 * Separates thinking from the answer. Where the server does not do so, models write their thinking first, in the text.
 */
function splitThoughts(text: string): { readonly thoughts: string; readonly text: string } {
  const open = /^\s*<think(?:ing)?>/.exec(text)
  const end = /<\/think(?:ing)?>/.exec(text)
  // Some templates write the opening tag themselves, so the answer has only the closing one.
  if (!end) return open ? { thoughts: text.slice(open[0].length), text: '' } : { thoughts: '', text }
  if (!open && end.index > 0 && text.slice(0, end.index).includes('```')) return { thoughts: '', text }
  const thoughts = text.slice(open?.[0].length ?? 0, end.index).trim()
  return { thoughts, text: text.slice(end.index + end[0].length).trimStart() }
}

function toCall(
  { id, name, json }: WrittenCall,
  {
    index,
    answer,
    tools,
  }: { readonly index: number; readonly answer: ChatAnswer; readonly tools: readonly ToolSchema[] },
): ToolCallPart {
  // Ids need to be unique only within the transcript, which the chain ensures.
  const call = { type: 'tool_call', id: id ?? `call_${answer.id.slice(-12)}_${index + 1}`, name } as const
  const { args, invalid } = parseArgs(json)
  if (invalid !== undefined) return { ...call, args, invalid }
  const schema = tools.find((tool) => tool.name === name)?.inputSchema
  return { ...call, args: dropNulls(args, schema) }
}

/** Only `length` means the same on all servers. Some give one of the other reasons for every answer. */
function stopReason({ finishReason }: ChatAnswer, called: boolean): StopReason {
  if (finishReason === 'length' || finishReason === 'max_tokens') return 'max_tokens'
  return called ? 'tool_use' : 'end'
}

/**
 * Tokens of the answer. Prompt tokens include cached ones, while `input` does not. For a server that counts nothing,
 * they are estimated from the characters.
 */
function usageOf(answer: ChatAnswer, sentCharacters: number): Usage {
  const { usage } = answer
  const details = fieldOf(usage, 'prompt_tokens_details')
  const cacheRead =
    numberOf(details, 'cached_tokens') ||
    numberOf(usage, 'prompt_cache_hit_tokens') ||
    numberOf(usage, 'cached_tokens')
  const cacheWrite = numberOf(details, 'cache_write_tokens')
  const input = Math.max(0, numberOf(usage, 'prompt_tokens') - cacheRead - cacheWrite)
  const counted = { input, cacheRead, cacheWrite, output: numberOf(usage, 'completion_tokens') }
  if (countTokens(counted) > 0) return counted
  const written = answer.text.length + answer.reasoning.length + lengthOf(answer.calls)
  return {
    input: Math.ceil(sentCharacters / CHARACTERS_PER_TOKEN),
    cacheRead: 0,
    cacheWrite: 0,
    output: Math.ceil(written / CHARACTERS_PER_TOKEN),
  }
}

/** The cost in dollars, if the server states it, as OpenRouter and LiteLLM do. */
export function statedCost({ usage }: ChatAnswer): number | undefined {
  const cost = fieldOf(usage, 'cost')
  return typeof cost === 'number' && Number.isFinite(cost) && cost >= 0 ? cost : undefined
}

function lengthOf(calls: readonly WrittenCall[]): number {
  return calls.reduce((sum, { name, json }) => sum + name.length + json.length, 0)
}

function numberOf(value: unknown, name: string): number {
  const number = fieldOf(value, name)
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? Math.round(number) : 0
}

function fieldOf(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined
}
