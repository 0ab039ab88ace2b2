import { estimateTokens } from '../estimate-tokens.ts'
import type { Model, RespondOptions, Turn } from '../model.ts'
import { ModelError } from '../model-error.ts'
import { segmentOf } from '../segment.ts'
import type { Transcript } from '../transcript.ts'
import { isTold, type RetryLimits, retryWait } from './retry-policy.ts'

/** What one run remembers about a model between turns. */
export interface AttemptState {
  /** Milliseconds this run waited because of rate limits and Retry-After, of all models. */
  waitedAsToldMs: number
  /** Per model name: entries before this index go without reasoning. */
  readonly omitReasoningBefore: Map<string, number>
}

export interface AttemptOptions {
  readonly respondOptions: RespondOptions
  readonly state: AttemptState
  readonly limits: RetryLimits
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  readonly random: () => number
  readonly onFailure: (error: ModelError) => void
  /** Attempts already made at this turn, by other models. */
  readonly attemptsBefore: number
}

/** `attempts` counts from the first model asked for this turn. */
export type AttemptResult =
  | { readonly turn: Turn; readonly attempts: number; readonly error?: undefined }
  | { readonly error: ModelError; readonly attempts: number }

/**
 * Asks one model for a turn until it answers or another attempt makes no sense. A request that is rejected for
 * what it holds is repaired once, by leaving out the reasoning: the only part that we replay without being able
 * to check it.
 *
 * @throws what is not a ModelError, and `signal.reason` when cancelled.
 */
export async function attemptTurn(
  model: Model,
  transcript: Transcript,
  { respondOptions, state, limits, sleep, random, attemptsBefore, onFailure }: AttemptOptions,
): Promise<AttemptResult> {
  const { signal, onNotice } = respondOptions
  let omitBefore = state.omitReasoningBefore.get(model.name) ?? 0
  for (let failures = 0, attempts = attemptsBefore + 1; ; attempts++) {
    try {
      const turn = await model.respond(transcript, { ...respondOptions, omitReasoningBefore: omitBefore })
      if (omitBefore > 0) state.omitReasoningBefore.set(model.name, omitBefore)
      return { turn, attempts }
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof ModelError)) throw error
      failures++
      onFailure(error)
      const repair = canRepair(error, model, transcript, omitBefore)
      const { waitedAsToldMs } = state
      const waitMs = repair ? 0 : retryWait(error, { failures, waitedAsToldMs, random: random(), limits })
      if (waitMs === undefined) return { error: named(error, model, transcript), attempts }
      if (repair) omitBefore = transcript.entries.length
      if (isTold(error)) state.waitedAsToldMs += waitMs
      onNotice?.({ kind: 'retry', model: model.name, errorClass: error.class, attempt: attempts + 1, waitMs })
      await sleep(waitMs, signal)
    }
  }
}

/** Worth a try when the request replays turns of this provider that are not stripped yet. */
function canRepair(error: ModelError, model: Model, { entries }: Transcript, omittedBefore: number): boolean {
  if (error.class !== 'thinking' && error.class !== 'bad_request') return false
  return entries
    .slice(omittedBefore)
    .some((entry) => entry.role === 'assistant' && model.name.startsWith(`${entry.origin.provider}:`))
}

/** A conversation of this many tokens, or half a window, may well be what is rejected. */
const LONG = 100_000

/**
 * Anthropic tells a request that is too long from others that it rejects by words alone, and those may change. So a
 * long one that is rejected without its reasoning, too, is taken for too long.
 */
function named(error: ModelError, { contextWindow = Infinity }: Model, transcript: Transcript): ModelError {
  const grew = segmentOf(transcript).some(({ role }) => role === 'assistant')
  const isLong = grew && estimateTokens(transcript) > Math.min(LONG, contextWindow / 2)
  if (error.class !== 'bad_request' || !isLong) return error
  const { provider, model, status, cause } = error
  const userMessage = `${error.userMessage} It is probably too long for ${model}.`
  return new ModelError({ class: 'context', provider, model, status, userMessage, cause })
}
