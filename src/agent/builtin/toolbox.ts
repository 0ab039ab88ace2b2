import type { ToolSchema } from '../../models/model.ts'
import { type AssistantEntry, callsOf, type ToolCallPart } from '../../models/transcript.ts'
import type { AgentEvent, PlanItem } from '../agent-event.ts'
import { endGroups } from '../tools/bash.ts'
import { type AnsweredCall, callTool } from '../tools/call-tool.ts'
import { toolsOf } from '../tools/index.ts'
import { asOurs } from '../tools/other-tools.ts'
import type { Tool, ToolContext } from '../tools/tool.ts'
import type { AgentRun } from './agent-run.ts'
import type { FinishGate } from './finish-gate.ts'
import type { RunLimits } from './limits.ts'
import type { NestedInstructions } from './nested-instructions.ts'
import type { ObservedCall } from './stuck-detector.ts'

const MAX_PARALLEL = 8

/** The tools of a run, with their state. */
export interface Toolbox {
  readonly schemas: readonly ToolSchema[]
  /**
   * Carries out every call of a turn and adds the results to the transcript, in the order of the calls. Calls that change
   * nothing run in parallel; a call that may change something waits for those before it.
   *
   * @throws {SandboxError} when the sandbox is lost; the error that kept the transcript from being stored.
   */
  readonly answer: (turn: AssistantEntry) => Promise<readonly ObservedCall[]>
  /** The plan as the model last set it. */
  readonly plan: () => readonly PlanItem[]
  /** Ends the processes that commands left running. */
  readonly close: () => Promise<void>
}

/** @param parts.onEvent gets every event of a call before people see it. */
export function createToolbox(
  run: AgentRun,
  parts: {
    readonly gate: FinishGate
    readonly limits: RunLimits
    readonly instructions: NestedInstructions
    readonly onEvent: (event: AgentEvent) => void
  },
): Toolbox {
  const { task, context, writer, usage, deadline } = run
  const { gate, limits, instructions, onEvent } = parts
  const { now } = usage
  const tools = toolsOf(task)
  const signal = AbortSignal.any([context.signal, deadline])
  const seenFiles = new Map<string, string>()
  const backgroundGroups = new Set<number>()
  let plan: readonly PlanItem[] = []

  const emit = (event: AgentEvent) => {
    onEvent(event)
    context.emit(event)
  }

  function contextFor(callId: string): ToolContext {
    return {
      callId,
      sandbox: context.sandbox,
      workspace: task.workspace,
      signal,
      seenFiles,
      backgroundGroups,
      instructionsFor: instructions.take,
      fetchHistory: context.fetchHistory,
      onFinish: gate.review,
      onPlan: (items) => {
        plan = items
        emit({ type: 'agent.plan', items })
      },
    }
  }

  /** Tells the model why a call is not carried out; undefined when it may be. Evaluated right before each call. */
  function whySkip(call: ToolCallPart, finish: ToolCallPart | undefined): string | undefined {
    const { level, nearest } = limits.current()
    if (gate.outcome()) return 'Not carried out: the run has ended.'
    if (signal.aborted) return 'Not carried out: the run was stopped.'
    if (call.name !== 'finish') {
      return level === 'finish_only'
        ? `Not carried out: ${nearest} are used. Only finish is accepted now.`
        : undefined
    }
    // The model has not read the first verdict yet, so a second finish in the same turn is skipped.
    return call === finish
      ? undefined
      : 'Not carried out: call finish once in a turn, and read its answer first.'
  }

  async function answerGroup(group: readonly ToolCallPart[], finish: ToolCallPart | undefined) {
    if (group.some((call) => !isReadOnly(call, tools))) await writer.stored()
    const startedAt = now()
    const settled = await Promise.allSettled(
      group.map(async (call) => {
        const why = whySkip(call, finish)
        if (why !== undefined) return skipCall(call, why, emit)
        return callTool(call, { tools, emit, now, context: contextFor(call.id) })
      }),
    )
    usage.addTools(now() - startedAt, group.length)
    return settled.map((result) => {
      if (result.status === 'rejected') throw result.reason
      return result.value
    })
  }

  async function answer(turn: AssistantEntry): Promise<readonly ObservedCall[]> {
    const calls = callsOf(turn).map((call) => asOurs(call, tools))
    const finish = calls.find(({ name }) => name === 'finish')
    const answers: AnsweredCall[] = []
    for (const group of groupCalls(calls, tools)) answers.push(...(await answerGroup(group, finish)))
    const observed = answers.flatMap((answered, index) => {
      const call = calls[index]
      return call ? [observe(call, answered, tools)] : []
    })
    writer.add(
      { role: 'tool', parts: answers.map(({ part }) => part) },
      // Files that the checks of `finish` leave behind need no checkpoint: the next `finish` collects the workspace again.
      { mayHaveChanged: observed.some(mayHaveChanged) },
    )
    return observed
  }

  return {
    schemas: tools.map(({ schema }) => schema),
    answer,
    plan: () => plan,
    close: () => endGroups(context.sandbox, backgroundGroups),
  }
}

/** Answers every call of a turn without carrying it out, since providers refuse a call without a result. */
export function skipCalls(turn: AssistantEntry, { context, writer }: AgentRun, why: string): void {
  const calls = callsOf(turn)
  if (calls.length === 0) return
  writer.add({ role: 'tool', parts: calls.map((call) => skipCall(call, why, context.emit).part) })
}

function skipCall(call: ToolCallPart, why: string, emit: (event: AgentEvent) => void): AnsweredCall {
  const shared = { callId: call.id, tool: call.name, title: call.name }
  const detail = { kind: 'other', text: why } as const
  emit({ type: 'tool.started', ...shared })
  emit({ type: 'tool.finished', ...shared, status: 'skipped', durationMs: 0, detail })
  const part = { type: 'tool_result', callId: call.id, status: 'skipped', text: why } as const
  return { part, fingerprint: why, detail }
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

function mayHaveChanged({ name, readOnly, status }: ObservedCall): boolean {
  return name !== 'finish' && !readOnly && status !== 'skipped'
}
