import { estimateTokens } from '../estimate-tokens.ts'
import type { Model, RespondOptions, Turn } from '../model.ts'
import { ModelError, type ModelErrorClass } from '../model-error.ts'
import { segmentOf, type Transcript } from '../transcript.ts'

/** What a run remembers about its models from turn to turn. */
export interface AttemptState {
  /** Milliseconds that the run has waited for all models because of rate limits and Retry-After. */
  providerWaitMs: number
  /** By the name of the model: entries before this index are sent without reasoning. */
  readonly omitReasoningBefore: Map<string, number>
}

/** What all models that are asked for one turn share. */
export interface TurnState {
  /** Milliseconds that the turn has waited because models were overloaded. */
  overloadMs: number
}

interface AttemptOptions {
  readonly respondOptions: RespondOptions
  readonly state: AttemptState
  readonly turnState: TurnState
  readonly limits: RetryLimits
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  readonly random: () => number
  readonly onFailure: (error: ModelError) => void
  /** Number of attempts that other models have made at this turn. */
  readonly attemptsBefore: number
}

/** `attempts` counts from the first model asked for this turn. */
type AttemptResult =
  | { readonly turn: Turn; readonly attempts: number; readonly error?: undefined }
  | { readonly error: ModelError; readonly attempts: number }

/**
 * Asks one model for a turn until it answers or another attempt is pointless. A request that is rejected for its
 * content is repaired once, by leaving out the reasoning: the only part of it that Backspace cannot check.
 *
 * @throws what is not a ModelError, and `signal.reason` when cancelled.
 */
export async function attemptTurn(
  model: Model,
  transcript: Transcript,
  { respondOptions, state, turnState, limits, sleep, random, attemptsBefore, onFailure }: AttemptOptions,
): Promise<AttemptResult> {
  const { signal, onNotice } = respondOptions
  let omitBefore = state.omitReasoningBefore.get(model.name) ?? 0
  const failuresOf = new Map<ModelErrorClass, number>()
  for (let attempts = attemptsBefore + 1; ; attempts++) {
    try {
      const turn = await model.respond(transcript, { ...respondOptions, omitReasoningBefore: omitBefore })
      if (omitBefore > 0) state.omitReasoningBefore.set(model.name, omitBefore)
      return { turn, attempts }
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof ModelError)) throw error
      const failures = (failuresOf.get(error.class) ?? 0) + 1
      failuresOf.set(error.class, failures)
      onFailure(error)
      const repair = canRepair(error, model, transcript, omitBefore)
      const { providerWaitMs } = state
      const { overloadMs } = turnState
      const given = { failures, providerWaitMs, overloadMs, random: random(), limits }
      const waitMs = repair ? 0 : retryWait(error, given)
      if (waitMs === undefined) return { error: named(error, model, transcript), attempts }
      if (repair) omitBefore = transcript.entries.length
      if (isProviderWait(error)) state.providerWaitMs += waitMs
      if (error.class === 'overloaded') turnState.overloadMs += waitMs
      onNotice?.({ kind: 'retry', model: model.name, errorClass: error.class, attempt: attempts + 1, waitMs })
      await sleep(waitMs, signal)
    }
  }
}

/** Whether it may help to leave out reasoning: only if the request still has some from this provider. */
function canRepair(error: ModelError, model: Model, { entries }: Transcript, omittedBefore: number): boolean {
  if (error.class !== 'thinking' && error.class !== 'bad_request') return false
  return entries
    .slice(omittedBefore)
    .some((entry) => entry.role === 'assistant' && model.name.startsWith(`${entry.origin.provider}:`))
}

/** A conversation with this many tokens, or with half of the context window, may be rejected for its length. */
const LONG = 100_000

/**
 * Makes the error of a rejected long request `context`. Anthropic says only in the wording of an error, which may
 * change, that a request is too long. So a long request that is rejected even without its reasoning counts as too long.
 */
function named(error: ModelError, { contextWindow = Infinity }: Model, transcript: Transcript): ModelError {
  const grew = segmentOf(transcript).some(({ role }) => role === 'assistant')
  const isLong = grew && estimateTokens(transcript) > Math.min(LONG, contextWindow / 2)
  if (error.class !== 'bad_request' || !isLong) return error
  const { provider, model, status, cause } = error
  const userMessage = `${error.userMessage} It is probably too long for ${model}.`
  return new ModelError({ class: 'context', provider, model, status, userMessage, cause })
}

/** How long and how often to wait between attempts at one model; times in milliseconds. */
export interface RetryLimits {
  /** Retries after a transient failure: 1 s, 2 s, 4 s, 8 s, each ±25 %. */
  readonly transientRetries: number
  readonly transientBaseMs: number
  /**
   * The most that one turn may wait for all overloaded models together. An overload may last only seconds, while a
   * change of model loses the cache of the first one, and the other may be a smaller one.
   */
  readonly overloadedForMs: number
  /** Each wait after an overload is twice as long as the one before, up to this. */
  readonly overloadedMostMs: number
  /** The most retries after an overload, whatever the provider asks for. */
  readonly overloadedRetries: number
  /** A Retry-After that is longer than this is not waited for. */
  readonly maxRetryAfterMs: number
  /** The most that one run may wait in total because of rate limits and Retry-After. */
  readonly maxProviderWaitMs: number
}

export const RETRY_LIMITS: RetryLimits = {
  transientRetries: 4,
  transientBaseMs: 1000,
  overloadedForMs: 45_000,
  overloadedMostMs: 15_000,
  overloadedRetries: 20,
  maxRetryAfterMs: 45_000,
  maxProviderWaitMs: 120_000,
}

/**
 * How long to wait before asking the same model again; undefined to go on to the next model.
 *
 * @param failures how often this model has failed in this way in this turn, including now.
 * @param providerWaitMs how long the run has already waited because of rate limits and `Retry-After`.
 * @param overloadMs how long the turn has already waited because of overloads.
 * @param random 0 to 1; spreads the retries of many runs.
 */
function retryWait(error: ModelError, given: GivenWait): number | undefined {
  const { providerWaitMs, overloadMs, limits } = given
  const ownMs = ownWait(error, given)
  if (ownMs === undefined) return undefined
  // The provider knows best when it can answer.
  const waitMs = error.retryAfterMs ?? ownMs
  if (error.class === 'overloaded' && overloadMs + waitMs > limits.overloadedForMs) return undefined
  if (!isProviderWait(error)) return waitMs
  if (waitMs > limits.maxRetryAfterMs) return undefined
  return providerWaitMs + waitMs > limits.maxProviderWaitMs ? undefined : waitMs
}

interface GivenWait {
  readonly failures: number
  readonly providerWaitMs: number
  readonly overloadMs: number
  readonly random: number
  readonly limits: RetryLimits
}

/** Whether the provider decides how long to wait. The total of such waits is limited per run. */
function isProviderWait({ class: errorClass, retryAfterMs }: ModelError): boolean {
  return errorClass === 'rate_limited' || retryAfterMs !== undefined
}

/** The wait by Backspace's own rules, when the provider asks for none. */
function ownWait(error: ModelError, { failures, random, limits }: GivenWait): number | undefined {
  switch (error.class) {
    case 'transient':
    case 'rate_limited':
      return backoff(failures, random, limits)
    case 'hang':
      // Each hang has already cost a minute and a half.
      return failures > 1 ? undefined : limits.transientBaseMs
    case 'overloaded':
      if (failures > limits.overloadedRetries) return undefined
      return spread(Math.min(limits.transientBaseMs * 2 ** failures, limits.overloadedMostMs), random)
    case 'billing':
    case 'auth':
    case 'model_missing':
    case 'context':
    case 'thinking':
    case 'bad_request':
    case 'refusal':
      return undefined
  }
}

function backoff(failures: number, random: number, limits: RetryLimits): number | undefined {
  if (failures > limits.transientRetries) return undefined
  return spread(limits.transientBaseMs * 2 ** (failures - 1), random)
}

/** Varies a wait by up to 25 % in either direction. */
function spread(ms: number, random: number): number {
  return Math.round(ms * (0.75 + random / 2))
}
