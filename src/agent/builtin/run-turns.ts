import type { AgentOutcome, AgentSpent } from '../agent.ts'
import { titleOf } from '../title-of.ts'
import { endGroups } from '../tools/background-processes.ts'
import { toolsOf } from '../tools/index.ts'
import { isChanged, readWorkspaceState } from '../workspace-state.ts'
import { createFinishGate } from './finish-gate.ts'
import { runMarker } from './first-message.ts'
import { handleTurn } from './handle-turn.ts'
import { hearNotes } from './hear-notes.ts'
import { judgeLimits } from './judge-limits.ts'
import type { LoopParts, LoopState } from './loop-state.ts'
import { createMeter } from './meter.ts'
import { createNestedInstructions } from './nested-instructions.ts'
import { nextTurn } from './next-turn.ts'
import { openTranscript } from './open-transcript.ts'
import { createPlanGate } from './plan-gate.ts'
import { createProgressWatch } from './progress-watch.ts'
import { recallReviews } from './recall-reviews.ts'
import { type Ending, salvageOutcome } from './salvage-outcome.ts'
import { textOf } from './take-turn.ts'
import { watchLimits } from './watch-limits.ts'

const NOTHING_SPENT: AgentSpent = { turns: 0, usd: 0, ms: 0, tokens: 0 }

/**
 * Asks the model, carries out its calls, and asks again, until `finish` is accepted or something says stop. Every
 * way out is an outcome, except those that the Agent contract names.
 */
export async function runTurns(parts: LoopParts): Promise<AgentOutcome> {
  const { task, context } = parts
  const backgroundGroups = new Set<number>()
  const deadline = new AbortController()
  const leftMs = task.limits.minutes * 60_000 - (task.spent ?? NOTHING_SPENT).ms
  const timer = setTimeout(() => deadline.abort(), Math.max(0, leftMs))
  try {
    const state = await start(parts, { deadline: deadline.signal, backgroundGroups })
    const ending = await turnUntilEnd(parts, state).finally(state.writer.idle)
    await state.writer.stored()
    return { ...ending, totals: state.meter.totals() }
  } finally {
    clearTimeout(timer)
    await endGroups(context.sandbox, backgroundGroups)
  }
}

async function start(
  { task, context, now, newNonce }: LoopParts,
  shared: Pick<LoopState, 'deadline' | 'backgroundGroups'>,
): Promise<LoopState> {
  const meter = createMeter(now, task.spent ?? NOTHING_SPENT)
  const startedAt = now()
  const nonce = newNonce()
  const { writer, found } = await openTranscript({ task, context, nonce, date: new Date(now()) })
  meter.addTools(now() - startedAt, 0)
  const hasChanged = async () => isChanged(found, await readWorkspaceState(context.sandbox, task.workspace))
  const state: LoopState = {
    ...shared,
    writer,
    meter,
    gate: task.plan
      ? createPlanGate(titleOf(task))
      : createFinishGate({
          hasChanged,
          verify: context.verify,
          isLastChance: () => state.limit.level === 'finish_only',
          onReviewed: context.emit,
          now,
          earlier: recallReviews(writer.transcript(), runMarker(task)),
          fallbackTitle: titleOf(task),
        }),
    watch: createProgressWatch(),
    signal: AbortSignal.any([context.signal, shared.deadline]),
    instructions: createNestedInstructions({
      read: context.readInstructions ?? (async () => []),
      transcript: writer.transcript(),
      nonce,
    }),
    seenFiles: new Map(),
    limit: judgeLimits(task.limits, { steps: 0, minutes: 0, usd: 0, tokens: 0 }),
    plan: [],
    lastText: '',
    silentTexts: [],
    priceNoticed: false,
  }
  return state
}

async function turnUntilEnd(parts: LoopParts, state: LoopState): Promise<Ending> {
  const { task, context } = parts
  const tools = toolsOf(task).map(({ schema }) => schema)
  for (;;) {
    context.signal.throwIfAborted()
    await hearNotes(context, state.writer)
    watchLimits(parts, state)
    if (state.limit.level === 'reached') {
      const { code, nearest } = state.limit
      return salvageOutcome({
        ...state,
        task,
        stop: { code, reason: `The run reached its limit: ${nearest}.` },
      })
    }
    const turn = await nextTurn(parts, state, tools)
    if ('reason' in turn) return salvageOutcome({ ...state, task, stop: turn })
    state.lastText = textOf(turn) || state.lastText
    const ending = await handleTurn(turn, parts, state)
    if (ending) return ending
  }
}
