import { estimateTokens } from '../../models/estimate-tokens.ts'
import type { Model } from '../../models/model.ts'
import { type AssistantEntry, segmentOf } from '../../models/transcript.ts'
import type { AgentRun } from './agent-run.ts'
import { compact, countCompactions } from './compact.ts'
import type { LimitVerdict } from './limits.ts'
import type { Stop } from './stuck-detector.ts'
import { type NoTurn, TOO_LONG, takeTurn } from './take-turn.ts'
import { skipCalls, type Toolbox } from './toolbox.ts'

/** A longer transcript is compacted even if the model's window is larger: long prompts cost more and give worse answers. */
const MAX_TOKENS = 200_000
const SHARE_OF_WINDOW = 0.75
/** Context window, in tokens, that is assumed for a model that the price table does not list. */
const USUAL_WINDOW = 200_000
const MAX_COMPACTIONS = 3
/** How often one turn compacts because its request is too long; when even a second segment is, a third would not help. */
const MAX_TOO_LONG = 2

/** The exchange with the model. */
export interface Conversation {
  /**
   * Gets the model's next turn, or the reason why there is none. A long transcript is compacted before it is sent; one
   * that a provider finds too long is compacted and sent again. One that is rejected for an unknown reason is compacted
   * once, since a new segment holds no text of a model or a tool. A run compacts at most three times.
   *
   * @param level how near the limits are; a run that is about to end is not compacted first.
   * @throws the errors of `takeTurn` and `compact`.
   */
  readonly nextTurn: (level: LimitVerdict['level']) => Promise<AssistantEntry | Stop>
}

export function createConversation(
  run: AgentRun,
  parts: {
    readonly model: Model
    readonly toolbox: Toolbox
    readonly newNonce: () => string
    readonly onCompacted: () => void
  },
): Conversation {
  const { model, toolbox, newNonce, onCompacted } = parts
  const { context, writer } = run
  const tools = toolbox.schemas
  const hasTurns = () => segmentOf(writer.transcript()).some(({ role }) => role === 'assistant')
  const mayCompact = () => countCompactions(writer.transcript()) < MAX_COMPACTIONS

  async function beginSegment(summariser: Model | undefined): Promise<void> {
    await compact(run, { summariser, tools, plan: toolbox.plan(), nonce: newNonce() })
    onCompacted()
  }

  function isTooLong(): boolean {
    const limit = Math.min(SHARE_OF_WINDOW * (model.contextWindow ?? USUAL_WINDOW), MAX_TOKENS)
    return mayCompact() && hasTurns() && estimateTokens(writer.transcript()) > limit
  }

  /** Whether a new segment may get an answer where the current one did not. */
  function mayHelp({ transcript }: NoTurn, forced: number): boolean {
    if (transcript === undefined || !mayCompact()) return false
    // If a segment without a word of the conversation is rejected, too, compacting again cannot help.
    return transcript === 'too_long' ? forced < MAX_TOO_LONG : forced === 0 && hasTurns()
  }

  async function nextTurn(level: LimitVerdict['level']): Promise<AssistantEntry | Stop> {
    if (level !== 'finish_only' && isTooLong()) await beginSegment(model)
    for (let forced = 0; ; forced++) {
      const turn = await takeTurn(model, run, { tools })
      if (!('reason' in turn) && turn.origin.stop !== 'context') return turn
      if (!('reason' in turn)) skipCalls(turn, run, 'Not carried out: the conversation became too long.')
      const stop = 'reason' in turn ? turn : TOO_LONG
      if (!mayHelp(stop, forced)) return stop
      if (stop.transcript === 'rejected') {
        const message = `${stop.reason} The conversation continues from a summary, without the rejected part.`
        context.emit({ type: 'agent.notice', level: 'warning', message })
      }
      await beginSegment(undefined)
    }
  }

  return { nextTurn }
}
