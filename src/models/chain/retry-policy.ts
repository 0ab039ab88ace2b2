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
  /** What a run may wait for rate limits in all. */
  readonly maxRateLimitWaitMs: number
}

export const RETRY_LIMITS: RetryLimits = {
  transientRetries: 4,
  transientBaseMs: 1000,
  overloadedWaitsMs: [2000, 6000],
  maxRetryAfterMs: 45_000,
  maxRateLimitWaitMs: 120_000,
}

/**
 * How long to wait before the same model is asked again; undefined to go on to the next model.
 *
 * @param failures failures of this model in this turn, this one included.
 * @param rateLimitWaitedMs what the run has already waited for rate limits.
 * @param random 0 to 1, spreads the retries of many runs.
 */
export function retryWait(
  error: ModelError,
  {
    failures,
    rateLimitWaitedMs,
    random,
    limits,
  }: { failures: number; rateLimitWaitedMs: number; random: number; limits: RetryLimits },
): number | undefined {
  switch (error.class) {
    case 'transient':
      return backoff(failures, random, limits)
    case 'hang':
      // Each one has already cost a minute and a half.
      return failures > 1 ? undefined : limits.transientBaseMs
    case 'overloaded':
      return limits.overloadedWaitsMs[failures - 1]
    case 'rate_limited': {
      const backoffMs = backoff(failures, random, limits)
      if (backoffMs === undefined) return undefined
      const waitMs = error.retryAfterMs ?? backoffMs
      if (waitMs > limits.maxRetryAfterMs) return undefined
      return rateLimitWaitedMs + waitMs > limits.maxRateLimitWaitMs ? undefined : waitMs
    }
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
