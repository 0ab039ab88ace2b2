import { estimateTokens } from '../../models/estimate-tokens.ts'
import type { Model, ToolSchema } from '../../models/model.ts'
import { segmentOf } from '../../models/segment.ts'
import type { AssistantEntry } from '../../models/transcript.ts'
import { compact, skipCalls } from './compact.ts'
import { countCompactions } from './compact-transcript.ts'
import type { LoopParts, LoopState } from './loop-state.ts'
import type { Stop } from './progress-watch.ts'
import { takeTurn } from './take-turn.ts'

/** Dearer and duller beyond this, however much a model could read. */
const MAX_TOKENS = 200_000
const SHARE_OF_WINDOW = 0.75
/** For a model that the price table does not know. */
const USUAL_WINDOW = 200_000
const MAX_COMPACTIONS = 3
/** After a request that was too long: a second segment that is too long again will not be the last. */
const MAX_FORCED = 2

const TOO_LONG: Stop = {
  code: 'model_unavailable',
  reason: 'The work became too long for the model to read.',
}

/**
 * The model's next turn. A transcript that grew long is compacted before it is sent, one that proves too long is
 * compacted after; a run does so three times at most.
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
    if (turn !== 'too_long') {
      if ('reason' in turn || turn.origin.stop !== 'context') return turn
      await skipCalls(turn, { state, emit, why: 'Not carried out: the conversation became too long.' })
    }
    if (forced === MAX_FORCED || !mayCompact(state)) return TOO_LONG
    await compact(parts, state, { tools, askModel: false })
  }
}

/** Not while there is nothing to leave out, and not when the run is about to end anyway. */
function isDue({ contextWindow = USUAL_WINDOW }: Model, state: LoopState): boolean {
  const transcript = state.writer.transcript()
  const limit = Math.min(SHARE_OF_WINDOW * contextWindow, MAX_TOKENS)
  return (
    state.limit.level !== 'finish_only' &&
    mayCompact(state) &&
    segmentOf(transcript).some(({ role }) => role === 'assistant') &&
    estimateTokens(transcript) > limit
  )
}

function mayCompact({ writer }: LoopState): boolean {
  return countCompactions(writer.transcript()) < MAX_COMPACTIONS
}
