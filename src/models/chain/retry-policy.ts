import type { ModelError } from '../model-error.ts'

/** Waits between attempts at one model, in milliseconds. */
export interface RetryLimits {
  /** Retries after a transient failure: 1 s, 2 s, 4 s, 8 s, each ±25 %. */
  readonly transientRetries: number
  readonly transientBaseMs: number
  /** Waits after an overload, one retry each. */
  readonly overloadedWaitsMs: readonly number[]
  /** A longer Retry-After than this is not waited for. */
  readonly maxRetryAfterMs: number
  /** What a run may wait in all because of rate limits and Retry-After. */
  readonly maxWaitAsToldMs: number
}

export const RETRY_LIMITS: RetryLimits = {
  transientRetries: 4,
  transientBaseMs: 1000,
  overloadedWaitsMs: [2000, 6000],
  maxRetryAfterMs: 45_000,
  maxWaitAsToldMs: 120_000,
}

/**
 * How long to wait before the same model is asked again; undefined to go on to the next model.
 *
 * @param failures failures of this model in this turn, this one included.
 * @param waitedAsToldMs what the run has already waited because of rate limits and `Retry-After`.
 * @param random 0 to 1, spreads the retries of many runs.
 */
export function retryWait(
  error: ModelError,
  given: { failures: number; waitedAsToldMs: number; random: number; limits: RetryLimits },
): number | undefined {
  const { waitedAsToldMs, limits } = given
  const ownMs = ownWait(error, given)
  if (ownMs === undefined || !isTold(error)) return ownMs
  // A rate limit is over when the provider says so; after anything else it must not be asked sooner than it says.
  const told = error.retryAfterMs ?? ownMs
  const waitMs = error.class === 'rate_limited' ? told : Math.max(told, ownMs)
  if (waitMs > limits.maxRetryAfterMs) return undefined
  return waitedAsToldMs + waitMs > limits.maxWaitAsToldMs ? undefined : waitMs
}

/** Whether it is the provider that decides about the wait: such waits are bounded for the whole run. */
export function isTold({ class: errorClass, retryAfterMs }: ModelError): boolean {
  return errorClass === 'rate_limited' || retryAfterMs !== undefined
}

/** By our own rules, whatever the provider says. */
function ownWait(
  error: ModelError,
  { failures, random, limits }: { failures: number; random: number; limits: RetryLimits },
): number | undefined {
  switch (error.class) {
    case 'transient':
    case 'rate_limited':
      return backoff(failures, random, limits)
    case 'hang':
      // Each one has already cost a minute and a half.
      return failures > 1 ? undefined : limits.transientBaseMs
    case 'overloaded':
      return limits.overloadedWaitsMs[failures - 1]
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
  return Math.round(limits.transientBaseMs * 2 ** (failures - 1) * (0.75 + random / 2))
}
