import { type AssistantEntry, callsOf, type ToolCallPart } from '../../models/transcript.ts'
import { toolsOf } from '../tools/index.ts'
import type { ToolContext } from '../tools/tool.ts'
import { answerCalls, skipCall } from './answer-calls.ts'
import type { LoopParts, LoopState } from './loop-state.ts'
import type { Stop } from './progress-watch.ts'
import { type Ending, salvageOutcome } from './salvage-outcome.ts'
import { textOf } from './take-turn.ts'

/** Answers in a row that were cut off before their first call. */
const MAX_CUT_OFF = 3

/**
 * Does what a turn asks for.
 *
 * @returns how the run ended; undefined when the model is to be asked again.
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function handleTurn(
  turn: AssistantEntry,
  parts: LoopParts,
  state: LoopState,
): Promise<Ending | undefined> {
  const ended = await (callsOf(turn).length === 0 ? hearText(turn, state) : carryOut(turn, parts, state))
  if (ended === undefined || 'kind' in ended) return ended
  return salvageOutcome({ ...state, task: parts.task, stop: ended })
}

async function carryOut(
  turn: AssistantEntry,
  parts: LoopParts,
  state: LoopState,
): Promise<Ending | Stop | undefined> {
  const { writer, gate, watch, meter } = state
  const { emit } = parts.context
  const stop = hardStop(turn)
  if (stop) {
    const why = 'Not carried out: the run ends here.'
    writer.add({
      role: 'tool',
      parts: callsOf(turn).map((call) => skipCall(call, { why, emit }).part),
    })
    return stop
  }
  state.silentTexts = []
  const finish = callsOf(turn).find(({ name }) => name === 'finish')
  const answered = await answerCalls(turn, {
    tools: toolsOf(parts.task),
    contextFor: (callId) => toolContext(callId, parts, state),
    emit: (event) => {
      state.commands.observe(event)
      emit(event)
    },
    now: parts.now,
    meter,
    whySkip: (call) => whySkip(call, state) ?? (call.name === 'finish' && call !== finish ? ONCE : undefined),
    beforeChange: writer.stored,
  })
  writer.add(
    { role: 'tool', parts: answered.map(({ answer }) => answer.part) },
    { mayHaveChanged: answered.some(({ observed }) => !observed.readOnly && observed.status !== 'skipped') },
  )
  parts.context.signal.throwIfAborted()
  const ending = gate.ending()
  if (ending) return ending
  const observation = watch.observe(answered.map(({ observed }) => observed))
  if (observation && 'stop' in observation) return observation.stop
  if (observation) writer.note(observation.nudge)
  return undefined
}

/** Nobody has read what the first was answered. */
const ONCE = 'Not carried out: call finish once in a turn, and read what it is answered.'

function toolContext(callId: string, { task, context }: LoopParts, state: LoopState): ToolContext {
  return {
    callId,
    sandbox: context.sandbox,
    workspace: task.workspace,
    signal: state.signal,
    seenFiles: state.seenFiles,
    backgroundGroups: state.backgroundGroups,
    instructionsFor: state.instructions.take,
    onFinish: state.gate.review,
    onPlan: (items) => {
      state.plan = items
      context.emit({ type: 'agent.plan', items })
    },
  }
}

function whySkip(call: ToolCallPart, { gate, limit, signal }: LoopState): string | undefined {
  if (gate.ending()) return 'Not carried out: the run has ended.'
  if (signal.aborted) return 'Not carried out: the run was stopped.'
  if (limit.level === 'finish_only' && call.name !== 'finish') {
    return `Not carried out: ${limit.nearest} are used. Only finish is accepted now.`
  }
  return undefined
}

/** Ways for a turn to end after which asking again would bring the same. */
function hardStop({ origin }: AssistantEntry): Stop | undefined {
  if (origin.stop === 'refusal') return { code: 'model_refused', reason: 'The model declined to go on.' }
  return undefined
}

/**
 * A turn without a call. Once is a slip; twice in a row means that the model takes its text for the end, so the
 * text is reviewed like a claim made by `finish`.
 */
async function hearText(turn: AssistantEntry, state: LoopState): Promise<Ending | Stop | undefined> {
  const stop = hardStop(turn)
  if (stop) return stop
  if (turn.origin.stop === 'pause') return undefined
  const { writer, gate } = state
  state.silentTexts = [...state.silentTexts, textOf(turn)]
  const silent = state.silentTexts.length
  if (turn.origin.stop === 'max_tokens') {
    if (silent >= MAX_CUT_OFF) {
      return {
        code: 'agent_stuck',
        reason: 'The agent got stuck: its answers were cut off at the length limit.',
      }
    }
    writer.note(
      'Your answer was cut off at the length limit. Go on in smaller steps, with one call at a time.',
    )
    return undefined
  }
  if (silent === 1) {
    writer.note('You called no tool. If the work is done, call finish; otherwise go on with it.')
    return undefined
  }
  const fullest = state.silentTexts.reduce((a, b) => (b.length > a.length ? b : a))
  const { verdict, text } = await gate.reviewText(fullest || 'The agent ended without a word.')
  if (verdict !== 'accepted') writer.note(text)
  return gate.ending()
}
