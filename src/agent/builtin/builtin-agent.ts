import { randomBytes } from 'node:crypto'
import type { Model } from '../../models/model.ts'
import type { Agent, AgentOutcome, AgentSpent } from '../agent.ts'
import { isChanged, readWorkspaceState } from '../look-around.ts'
import { titleOf } from '../title.ts'
import { endGroups } from '../tools/bash.ts'
import { toolsOf } from '../tools/index.ts'
import { createCommandLog } from './command-log.ts'
import { createFinishGate, recallReviews } from './finish-gate.ts'
import { handleTurn } from './handle-turn.ts'
import { createMeter, judgeLimits } from './limits.ts'
import type { LoopParts, LoopState } from './loop-state.ts'
import { createNestedInstructions } from './nested-instructions.ts'
import { nextTurn } from './next-turn.ts'
import { openTranscript } from './open-transcript.ts'
import { createPlanGate } from './plan-gate.ts'
import { createProgressWatch } from './progress-watch.ts'
import { entriesOfRun } from './prompt.ts'
import { type Ending, salvageOutcome } from './salvage-outcome.ts'
import { textOf } from './take-turn.ts'
import { hearNotes } from './transcript-writer.ts'

const NOTHING_SPENT: AgentSpent = { turns: 0, usd: 0, ms: 0, tokens: 0 }

/**
 * Asks the model, carries out its calls, and asks again, until `finish` is accepted or something says stop. Every
 * way out is an outcome, except those that the Agent contract names.
 */
async function runTurns(parts: LoopParts): Promise<AgentOutcome> {
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
  const earlier = entriesOfRun(writer.transcript(), task)
  const commands = createCommandLog(earlier)
  const hasChanged = async () => isChanged(found, await readWorkspaceState(context.sandbox, task.workspace))
  const state: LoopState = {
    ...shared,
    writer,
    meter,
    gate: task.plan
      ? createPlanGate({ fallbackTitle: titleOf(task), describeCommands: commands.describe })
      : createFinishGate({
          hasChanged,
          verify: context.verify,
          isLastChance: () => state.limit.level === 'finish_only',
          onReviewed: context.emit,
          now,
          earlier: recallReviews(earlier),
          fallbackTitle: titleOf(task),
          describeCommands: commands.describe,
        }),
    commands,
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

/**
 * The agent whose loop runs on the host and whose tools run in the sandbox.
 *
 * @param options.now milliseconds since the epoch, with fractions.
 * @param options.newNonce marks, per run, where quoted text of others starts and ends; must not be guessable.
 */
export function createBuiltinAgent({
  model,
  now = () => performance.timeOrigin + performance.now(),
  newNonce = () => randomBytes(8).toString('hex'),
}: {
  readonly model: Model
  readonly now?: () => number
  readonly newNonce?: () => string
}): Agent {
  return {
    name: 'builtin',
    work: (task, context) => runTurns({ model, now, newNonce, task, context }),
  }
}

/** Tells the model once per level how near the end is; the notes are new entries, nothing earlier changes. */
function watchLimits({ task, context }: LoopParts, state: LoopState): void {
  const { meter, deadline, limit: before } = state
  const used = meter.used()
  const minutes = deadline.aborted ? Math.max(used.minutes, task.limits.minutes) : used.minutes
  const limit = judgeLimits(task.limits, { ...used, minutes })
  state.limit = limit
  if (limit.level === 'wrap_up' && before.level === 'free') {
    state.writer.note(
      `${limit.nearest} are used. Wrap up: bring what you have into a state that can be merged, and call finish.`,
    )
  }
  if (limit.level === 'finish_only' && before.level !== 'finish_only') {
    state.writer.note(
      `${limit.nearest} are used. Call finish now; no other call is carried out. Say in notes what is missing.`,
    )
  }
  if (meter.totals().costIncomplete && !state.priceNoticed) {
    state.priceNoticed = true
    context.emit({
      type: 'agent.notice',
      level: 'warning',
      message:
        'The price of a model in use is not known: the cost shown and the dollar limit count the rest only.',
    })
  }
}
