import type { ErrorCode } from '../../errors.ts'
import type { AgentLimits } from '../agent.ts'

/** How close the run is to the nearest of its limits. */
export interface LimitVerdict {
  readonly level: 'free' | 'wrap_up' | 'finish_only' | 'reached'
  /** That limit, for people: `96 of 120 steps`. */
  readonly nearest: string
  readonly code: ErrorCode
}

/** Steps taken, minutes passed, and dollars spent as far as prices are known. */
export interface Used {
  readonly steps: number
  readonly minutes: number
  readonly usd: number
}

/**
 * Wrap up at 80 %; from 95 %, and on the last step in any case, only `finish` is accepted, so that a run ends in
 * words and not in the middle of a thought.
 */
export function judgeLimits(limits: AgentLimits, used: Used): LimitVerdict {
  const shares = [
    {
      share: used.steps / limits.steps,
      nearest: `${used.steps} of ${limits.steps} steps`,
      code: 'step_limit' as const,
    },
    {
      share: used.minutes / limits.minutes,
      nearest: `${used.minutes.toFixed(1)} of ${limits.minutes} minutes`,
      code: 'time_limit' as const,
    },
    {
      share: used.usd / limits.usd,
      nearest: `$${used.usd.toFixed(2)} of $${limits.usd}`,
      code: 'budget_exhausted' as const,
    },
  ]
  const { share, nearest, code } = shares.reduce((a, b) => (b.share > a.share ? b : a))
  if (share >= 1) return { level: 'reached', nearest, code }
  const lastStep = limits.steps > 1 && limits.steps - used.steps <= 1
  if (share >= 0.95 || lastStep) return { level: 'finish_only', nearest, code }
  return { level: share >= 0.8 ? 'wrap_up' : 'free', nearest, code }
}
