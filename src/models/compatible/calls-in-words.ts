import { isRecord } from '../../text/is-record.ts'
import type { ToolSchema } from '../model.ts'
import type { WrittenCall } from './read-chat-stream.ts'

/** A text without the calls that it ended in, and these calls. */
interface CallsInWords {
  readonly text: string
  readonly calls: readonly WrittenCall[]
}

/** A longer answer is not searched for calls: no model writes that much before one. */
const MAX_CHARACTERS = 256 * 1024
const MAX_CALLS = 32
/** A model may explain a format first, and still make a call at the end. */
const MAX_TRIES = 4
/** Most marks between two calls; no format has more than five. */
const MAX_MARKS = 32

/**
 * The tool calls that a model wrote as text, because its server does not know the model's format: `<tool_call>{…}`
 * of Qwen and Hermes, `<function=…>` of Llama and Qwen Coder, `[TOOL_CALLS]` of Mistral, `<|tool_call_begin|>` of Kimi
 * and DeepSeek, Harmony's `to=functions.…`, GLM's `<arg_key>`, or nothing but a JSON object with a name and arguments.
 *
 * Only calls at the end of the answer count, and only of tools that were offered: a model that talks about a format, or
 * quotes it, must not call with that.
 */
export function findCallsInWords(text: string, tools: readonly ToolSchema[]): CallsInWords {
  const none = { text, calls: [] }
  if (tools.length === 0 || text.length > MAX_CHARACTERS) return none
  let from = nextMarker(text, 0)
  if (from === undefined) return readBareCall(text, tools) ?? none
  for (let tries = 0; from !== undefined && tries < MAX_TRIES; tries++) {
    const found = readCalls(text, from, tools)
    if (found) return found
    from = nextMarker(text, from + 1)
  }
  return none
}

const MARKERS = [
  '<tool_call>',
  '<function=',
  '[TOOL_CALLS]',
  '<|python_tag|>',
  '<|tool_calls_section_begin|>',
  '<|tool_call_begin|>',
  '<｜tool▁calls▁begin｜>',
  '<｜tool▁call▁begin｜>',
  '<|channel|>commentary to=',
  '<|start|>assistant<|channel|>commentary to=',
]

/** The next place where calls may begin. */
function nextMarker(text: string, from: number): number | undefined {
  const places = MARKERS.map((marker) => text.indexOf(marker, from)).filter((place) => place >= 0)
  return places.length === 0 ? undefined : Math.min(...places)
}

/** What may come between calls, and around them: marks of the formats, and white space. */
const MARK =
  /(?:\s+|<\/?tool_calls?>|<\/function>|\[\/?TOOL_CALLS\]|\[ARGS\]|<\|(?:python_tag|tool_calls_section_begin|tool_calls_section_end|tool_call_begin|tool_call_argument_begin|tool_call_end|eom_id|eot_id|im_end|call|end|start)\|>|assistant(?=<\|)|<｜(?:tool▁calls▁begin|tool▁calls▁end|tool▁call▁begin|tool▁call▁end|end▁of▁sentence)｜>|```(?:json)?|[,;\]])/y
/** How a call begins, in each format that puts the name before the arguments. */
const HEADS = [
  /<function=([\w.-]{1,64})>/y,
  /(?:<\|channel\|>)?commentary to=(?:functions\.)?([\w.-]{1,64})\s*(?:<\|constrain\|>\s*json\s*)?<\|message\|>/y,
  /function<｜tool▁sep｜>([\w.-]{1,64})\s*(?:```json)?/y,
  /([\w.-]{1,64})<｜tool▁sep｜>/y,
  /(?:functions\.)?([\w.-]{1,64}?)(?::\d{1,9})?\s*<\|tool_call_argument_begin\|>/y,
  /([\w.-]{1,64})\s*(?=<arg_key>)/y,
  /([\w.-]{1,64})\s*(?:\[ARGS\])?\s*(?=\{)/y,
]

function readCalls(text: string, start: number, tools: readonly ToolSchema[]): CallsInWords | undefined {
  const calls: WrittenCall[] = []
  let at = skipMarks(text, start)
  while (at < text.length) {
    if (calls.length === MAX_CALLS) return undefined
    const read = readCall(text, at, tools)
    if (!read) return undefined
    calls.push(...read.calls)
    at = skipMarks(text, read.end)
  }
  return calls.length === 0 ? undefined : { text: text.slice(0, start).trimEnd(), calls }
}

function skipMarks(text: string, from: number): number {
  let at = from
  for (let marks = 0; marks < MAX_MARKS; marks++) {
    MARK.lastIndex = at
    const mark = MARK.exec(text)
    if (!mark?.[0]) return at
    at += mark[0].length
  }
  return at
}

interface ReadCall {
  readonly calls: readonly WrittenCall[]
  readonly end: number
}

function readCall(text: string, at: number, tools: readonly ToolSchema[]): ReadCall | undefined {
  if (text[at] === '{' || text[at] === '[') return readObject(text, at, tools)
  for (const head of HEADS) {
    head.lastIndex = at
    const match = head.exec(text)
    const tool = match && tools.find(({ name }) => name === match[1])
    if (!match || !tool) continue
    const after = at + match[0].length
    const begin = after + (/^\s*/.exec(text.slice(after, after + 100))?.[0].length ?? 0)
    const json = readJson(text, begin)
    if (json) return { calls: [call(tool.name, json.value)], end: json.end }
    const fields = readFields(text, begin, tool)
    if (fields) return { calls: [call(tool.name, fields.value)], end: fields.end }
  }
  return undefined
}

/** Reads `{"name": …, "arguments": …}`, or a list of such objects. */
function readObject(text: string, at: number, tools: readonly ToolSchema[]): ReadCall | undefined {
  const json = readJson(text, at)
  if (!json) return undefined
  const objects: unknown[] = Array.isArray(json.value) ? json.value : [json.value]
  const calls = objects.map((object) => toCall(object, tools)).filter((found) => found !== undefined)
  return calls.length === objects.length && calls.length > 0 ? { calls, end: json.end } : undefined
}

function toCall(object: unknown, tools: readonly ToolSchema[]): WrittenCall | undefined {
  if (!isRecord(object)) return undefined
  const said = isRecord(object.function) ? object.function : object
  const args = said.arguments ?? said.parameters
  const tool = tools.find(({ name }) => name === said.name)
  if (!tool || args === undefined) return undefined
  return typeof args === 'string' ? { id: undefined, name: tool.name, json: args } : call(tool.name, args)
}

function call(name: string, args: unknown): WrittenCall {
  return { id: undefined, name, json: JSON.stringify(args) }
}

/** Reads an answer that consists of one object or list, perhaps in a code fence. */
function readBareCall(text: string, tools: readonly ToolSchema[]): CallsInWords | undefined {
  const bare = text
    .trim()
    .replace(/^```(?:json)?\s*/, '')
    .replace(/\s*```$/, '')
  if (!/^[[{]/.test(bare)) return undefined
  const read = readObject(bare, 0, tools)
  return read?.end === bare.length ? { text: '', calls: read.calls } : undefined
}

/** Reads the JSON object or list that begins at `at`. */
function readJson(text: string, at: number): { readonly value: unknown; readonly end: number } | undefined {
  if (text[at] !== '{' && text[at] !== '[') return undefined
  const end = endOfJson(text, at)
  if (end === undefined) return undefined
  try {
    return { value: JSON.parse(text.slice(at, end)), end }
  } catch {
    return undefined
  }
}

function endOfJson(text: string, from: number): number | undefined {
  let depth = 0
  let quoted = false
  for (let at = from; at < text.length; at++) {
    const character = text[at]
    if (quoted) {
      if (character === '\\') at++
      else if (character === '"') quoted = false
    } else if (character === '"') quoted = true
    else if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') {
      depth--
      if (depth === 0) return at + 1
    }
  }
  return undefined
}

const PARAMETER = /\s*<parameter=([\w.-]{1,64})>\n?/y
const ARGUMENT = /\s*<arg_key>([\w.-]{1,64})<\/arg_key>\s*<arg_value>/y

/** Reads arguments that are written as tags. A value is JSON unless the tool's schema says that it is text. */
function readFields(
  text: string,
  from: number,
  tool: ToolSchema,
): { readonly value: Record<string, unknown>; readonly end: number } | undefined {
  const value: Record<string, unknown> = {}
  let at = from
  for (;;) {
    const field =
      readField(text, at, { head: PARAMETER, close: '</parameter>' }) ??
      readField(text, at, { head: ARGUMENT, close: '</arg_value>' })
    if (!field) return at === from ? undefined : { value, end: at }
    value[field.name] = typed(field.text, tool.inputSchema.properties[field.name])
    at = field.end
  }
}

function readField(
  text: string,
  at: number,
  { head, close }: { readonly head: RegExp; readonly close: string },
): { readonly name: string; readonly text: string; readonly end: number } | undefined {
  head.lastIndex = at
  const match = head.exec(text)
  if (!match?.[1]) return undefined
  const begin = at + match[0].length
  const end = text.indexOf(close, begin)
  if (end < 0) return undefined
  return { name: match[1], text: text.slice(begin, end).replace(/\n$/, ''), end: end + close.length }
}

function typed(text: string, schema: unknown): unknown {
  if (!isRecord(schema) || schema.type === 'string' || schema.type === undefined) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
