import { createHash } from 'node:crypto'
import { isRecord } from '../text/is-record.ts'
import {
  type AssistantEntry,
  callsOf,
  type Entry,
  segmentOf,
  type ToolCallPart,
  type ToolResultPart,
  type Transcript,
} from './transcript.ts'

/**
 * The entries of the last segment, in the form that providers accept: after an assistant entry with calls comes exactly
 * one tool entry, with one result per call, in the order of the calls. A result that a crash lost becomes
 * `interrupted`, and a result without a call is left out. Entries that are in this form already come back unchanged.
 */
export function entriesWithResults(transcript: Transcript): Entry[] {
  const entries = segmentOf(transcript)
  const answered: Entry[] = []
  for (const [index, entry] of entries.entries()) {
    if (entry.role === 'tool') continue
    answered.push(entry)
    const calls = entry.role === 'assistant' ? callsOf(entry) : []
    if (calls.length > 0) answered.push({ role: 'tool', parts: resultsFor(calls, entries, index) })
  }
  return answered
}

function resultsFor(
  calls: readonly ToolCallPart[],
  entries: readonly Entry[],
  after: number,
): ToolResultPart[] {
  const given = new Map<string, ToolResultPart>()
  for (const entry of entries.slice(after + 1)) {
    if (entry.role === 'assistant') break
    for (const part of entry.role === 'tool' ? entry.parts : []) {
      if (!given.has(part.callId)) given.set(part.callId, part)
    }
  }
  return calls.map(({ id }) => given.get(id) ?? interrupted(id))
}

function interrupted(callId: string): ToolResultPart {
  return {
    type: 'tool_result',
    callId,
    status: 'interrupted',
    text: 'This call was interrupted; it may or may not have run.',
  }
}

/**
 * Gives the calls of a turn ids that no earlier call has. Both APIs make such ids, but other servers that speak their
 * protocols may number from 1 in each turn, and the APIs refuse a request with repeated ids.
 *
 * @param entries the entries before the turn.
 */
export function uniqueCalls(turn: AssistantEntry, entries: readonly Entry[]): AssistantEntry {
  const taken = new Set(
    entries.flatMap((entry) => (entry.role === 'assistant' ? callsOf(entry).map(({ id }) => id) : [])),
  )
  const parts = turn.parts.map((part) => {
    if (part.type !== 'tool_call') return part
    const id = freeId(part.id, taken)
    taken.add(id)
    return { ...part, id }
  })
  return { ...turn, parts }
}

function freeId(id: string, taken: ReadonlySet<string>): string {
  let free = id
  for (let number = 2; taken.has(free); number++) free = `${id}_${number}`
  return free
}

/**
 * A call id that every provider takes: the id itself if it is legal (OpenAI takes `toolu_…`, Anthropic takes `call_…`),
 * else a hash of it, so that a call and its result always agree.
 */
export function legalCallId(id: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(id)) return id
  return `call_${createHash('sha256').update(id).digest('hex').slice(0, 32)}`
}

/** A tool name that every provider takes. A name that a model made up must not spoil the next request. */
export function legalToolName(name: string): string {
  const legal = name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64)
  return legal === '' ? 'unknown' : legal
}

/**
 * A provider's own blocks with legal tool names. Call ids that are not legal or not unique are replaced by the ids
 * under which the results are sent.
 *
 * @param entry the same turn as an entry of the transcript.
 */
export function withLegalCalls<T extends object>(
  native: readonly T[],
  entry: AssistantEntry,
  { callType, idField }: { readonly callType: string; readonly idField: string },
): T[] {
  const calls = [...callsOf(entry)]
  return native.map((block) => {
    if (!('type' in block) || block.type !== callType) return block
    const call = calls.shift()
    return call ? { ...block, [idField]: legalCallId(call.id), name: legalToolName(call.name) } : block
  })
}

/** The parsed arguments of a tool call, or the reason why they cannot be used. */
type ParsedArgs =
  | { readonly args: Readonly<Record<string, unknown>>; readonly invalid?: undefined }
  | { readonly args: undefined; readonly invalid: string }

/** Parses the JSON that a model wrote as arguments. An empty text means a call without arguments. */
export function parseArgs(json: string): ParsedArgs {
  if (json.trim() === '') return { args: {} }
  try {
    return checkArgs(JSON.parse(json))
  } catch {
    return { args: undefined, invalid: 'The arguments are not valid JSON; they were probably cut off.' }
  }
}

/** Checks arguments that a provider had parsed already. */
export function checkArgs(args: unknown): ParsedArgs {
  if (isRecord(args) && isDeeperThan(args, MAX_DEPTH)) {
    return { args: undefined, invalid: `The arguments are nested more than ${MAX_DEPTH} levels deep.` }
  }
  if (isRecord(args)) return { args }
  return { args: undefined, invalid: 'The arguments must be a JSON object.' }
}

/** No tool takes more than three levels. Values nested thousands deep break any code that walks through them. */
const MAX_DEPTH = 32

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((item) => isDeeperThan(item, depth - 1))
}

/** The text of a result, never empty: providers reject empty content. */
export function resultText({ text, status }: ToolResultPart): string {
  if (text.trim() !== '') return text.toWellFormed()
  return status === 'ok' ? '(no output)' : `(${status}, no output)`
}
