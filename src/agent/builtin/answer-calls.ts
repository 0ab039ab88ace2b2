import { type AssistantEntry, callsOf, type ToolCallPart } from '../../models/transcript.ts'
import type { AgentEvent } from '../agent-event.ts'
import { type AnsweredCall, callTool } from '../tools/call-tool.ts'
import type { Tool, ToolContext } from '../tools/tool.ts'
import type { Meter } from './limits.ts'
import type { ObservedCall } from './progress-watch.ts'
import type { TranscriptWriter } from './transcript-writer.ts'

const MAX_PARALLEL = 8

/** What answering calls needs. */
export interface AnswerParts {
  readonly tools: readonly Tool[]
  readonly contextFor: (callId: string) => ToolContext
  readonly emit: (event: AgentEvent) => void
  readonly now: () => number
  readonly meter: Meter
  /** Why this call is not carried out, for the model; undefined to carry it out. Asked just before each call. */
  readonly whySkip: (call: ToolCallPart) => string | undefined
  /** Waited for before a call that may change something. */
  readonly beforeChange: () => Promise<void>
}

/**
 * Answers every call of a turn, in its order. Calls that change nothing run side by side; one that may change
 * something waits for those before it.
 *
 * @throws {SandboxError} when the sandbox is lost; what `beforeChange` throws.
 */
export async function answerCalls(
  entry: AssistantEntry,
  parts: AnswerParts,
): Promise<readonly { readonly answer: AnsweredCall; readonly observed: ObservedCall }[]> {
  const calls = callsOf(entry)
  const answers: AnsweredCall[] = []
  for (const group of groupCalls(calls, parts.tools)) {
    if (group.some((call) => !isReadOnly(call, parts.tools))) await parts.beforeChange()
    const startedAt = parts.now()
    const settled = await Promise.allSettled(group.map((call) => answerOne(call, parts)))
    for (const result of settled) {
      if (result.status === 'rejected') throw result.reason
      answers.push(result.value)
    }
    parts.meter.addTools(parts.now() - startedAt, group.length)
  }
  return calls.flatMap((call, index) => {
    const answer = answers[index]
    return answer ? [{ answer, observed: observe(call, answer, parts.tools) }] : []
  })
}

async function answerOne(call: ToolCallPart, parts: AnswerParts): Promise<AnsweredCall> {
  const why = parts.whySkip(call)
  if (why !== undefined) return skipCall(call, { why, emit: parts.emit })
  const { tools, emit, now } = parts
  return callTool(call, { tools, emit, now, context: parts.contextFor(call.id) })
}

/** Answers a call without carrying it out. */
export function skipCall(
  call: ToolCallPart,
  { why, emit }: { readonly why: string; readonly emit: (event: AgentEvent) => void },
): AnsweredCall {
  const shared = { callId: call.id, tool: call.name, title: call.name }
  const detail = { kind: 'other', text: why } as const
  emit({ type: 'tool.started', ...shared })
  emit({ type: 'tool.finished', ...shared, status: 'skipped', durationMs: 0, detail })
  const part = { type: 'tool_result', callId: call.id, status: 'skipped', text: why } as const
  return { part, fingerprint: why, detail }
}

/** Answers every call of a turn whose calls are dropped: providers refuse a call without an answer. */
export function skipCalls(
  turn: AssistantEntry,
  {
    writer,
    emit,
    why,
  }: {
    readonly writer: TranscriptWriter
    readonly emit: (event: AgentEvent) => void
    readonly why: string
  },
): void {
  const calls = callsOf(turn)
  if (calls.length === 0) return
  writer.add({ role: 'tool', parts: calls.map((call) => skipCall(call, { why, emit }).part) })
}

function groupCalls(calls: readonly ToolCallPart[], tools: readonly Tool[]): ToolCallPart[][] {
  const groups: ToolCallPart[][] = []
  let open: ToolCallPart[] | undefined
  for (const call of calls) {
    if (!isReadOnly(call, tools)) {
      groups.push([call])
      open = undefined
    } else if (open && open.length < MAX_PARALLEL) {
      open.push(call)
    } else {
      open = [call]
      groups.push(open)
    }
  }
  return groups
}

function isReadOnly(call: ToolCallPart, tools: readonly Tool[]): boolean {
  return tools.find(({ schema }) => schema.name === call.name)?.readOnly ?? false
}

function observe(call: ToolCallPart, answer: AnsweredCall, tools: readonly Tool[]): ObservedCall {
  return {
    name: call.name,
    args: call.args ?? call.invalid,
    fingerprint: answer.fingerprint,
    status: answer.part.status,
    readOnly: isReadOnly(call, tools),
  }
}
