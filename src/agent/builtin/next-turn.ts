import { estimateTokens } from '../../models/estimate-tokens.ts'
import type { Model, ToolSchema } from '../../models/model.ts'
import { type AssistantEntry, segmentOf } from '../../models/transcript.ts'
import { skipCalls } from './answer-calls.ts'
import { compact, countCompactions } from './compact.ts'
import type { LoopParts, LoopState } from './loop-state.ts'
import type { Stop } from './progress-watch.ts'
import { type NoTurn, TOO_LONG, takeTurn } from './take-turn.ts'

/** Dearer and duller beyond this, however much a model could read. */
const MAX_TOKENS = 200_000
const SHARE_OF_WINDOW = 0.75
/** For a model that the price table does not know. */
const USUAL_WINDOW = 200_000
const MAX_COMPACTIONS = 3
/** After a request that was too long: a second segment that is too long again will not be the last. */
const MAX_TOO_LONG = 2

/**
 * The model's next turn. A transcript that grew long is compacted before it is sent, one that proves too long is
 * compacted after, and so is, once, one that is rejected for a reason that nobody names: a new segment holds nothing
 * that a model or a tool has said. A run does so three times at most.
 *
 * @throws as `takeTurn` and `compact` do.
 */
export async function nextTurn(
  parts: LoopParts,
  state: LoopState,
  tools: readonly ToolSchema[],
): Promise<AssistantEntry | Stop> {
  const { model, now, task, context } = parts
  const { emit, signal: cancelled } = context
  if (isDue(model, state)) await compact(parts, state, { tools, askModel: true })
  for (let forced = 0; ; forced++) {
    const turn = await takeTurn({
      ...state,
      ...{ model, tools, now, emit, cancelled, limits: task.limits, cacheKey: task.runId },
    })
    if (!('reason' in turn) && turn.origin.stop !== 'context') return turn
    if (!('reason' in turn)) {
      skipCalls(turn, {
        writer: state.writer,
        emit,
        why: 'Not carried out: the conversation became too long.',
      })
    }
    const stop = 'reason' in turn ? turn : TOO_LONG
    if (!mayHelp(stop, forced, state)) return stop
    if (stop.transcript === 'rejected') emit({ type: 'agent.notice', level: 'warning', message: anew(stop) })
    await compact(parts, state, { tools, askModel: false })
  }
}

/** Not while there is nothing to leave out, and not when the run is about to end anyway. */
function isDue({ contextWindow = USUAL_WINDOW }: Model, state: LoopState): boolean {
  const limit = Math.min(SHARE_OF_WINDOW * contextWindow, MAX_TOKENS)
  return (
    state.limit.level !== 'finish_only' &&
    mayCompact(state) &&
    hasTurns(state) &&
    estimateTokens(state.writer.transcript()) > limit
  )
}

/** Whether another segment may bring an answer where this one did not. */
function mayHelp({ transcript }: NoTurn, forced: number, state: LoopState): boolean {
  if (transcript === undefined || !mayCompact(state)) return false
  // What is rejected again without a word of the conversation is rejected for something else.
  return transcript === 'too_long' ? forced < MAX_TOO_LONG : forced === 0 && hasTurns(state)
}

function anew({ reason }: Stop): string {
  return `${reason} The conversation goes on from a summary, without whatever was rejected.`
}

function hasTurns({ writer }: LoopState): boolean {
  return segmentOf(writer.transcript()).some(({ role }) => role === 'assistant')
}

function mayCompact({ writer }: LoopState): boolean {
  return countCompactions(writer.transcript()) < MAX_COMPACTIONS
}
