import type { ErrorCode } from '../../errors.ts'
import type { AgentLimits } from '../agent.ts'
import type { LimitShares } from '../agent-event.ts'

/** How close the run is to the nearest of its limits. */
export interface LimitVerdict {
  readonly level: 'free' | 'wrap_up' | 'finish_only' | 'reached'
  /** That limit, for people: `96 of 120 steps`. */
  readonly nearest: string
  readonly code: ErrorCode
}

/** Steps taken, minutes passed, tokens of every kind, and dollars spent as far as prices are known. */
export interface Used {
  readonly steps: number
  readonly minutes: number
  readonly usd: number
  readonly tokens: number
}

/**
 * Wrap up at 80 %; from 95 %, and on the last step in any case, only `finish` is accepted, so that a run ends in
 * words and not in the middle of a thought.
 */
export function judgeLimits(limits: AgentLimits, used: Used): LimitVerdict {
  const { share, ...nearest } = describeAll(limits, used, shareOf(limits, used)).reduce((a, b) =>
    b.share > a.share ? b : a,
  )
  const verdict = (level: LimitVerdict['level']) => ({ level, ...nearest })
  if (share >= 1) return verdict('reached')
  const lastStep = limits.steps > 1 && limits.steps - used.steps <= 1
  if (share >= 0.95 || lastStep) return verdict('finish_only')
  return verdict(share >= 0.8 ? 'wrap_up' : 'free')
}

/** How much of each limit is used. */
export function shareOf(limits: AgentLimits, used: Used): LimitShares {
  return {
    steps: used.steps / limits.steps,
    minutes: used.minutes / limits.minutes,
    usd: used.usd / limits.usd,
    tokens: used.tokens / limits.tokens,
  }
}

function describeAll(limits: AgentLimits, used: Used, shares: LimitShares) {
  return [
    {
      share: shares.steps,
      nearest: `${used.steps} of ${limits.steps} steps`,
      code: 'step_limit' as const,
    },
    {
      share: shares.minutes,
      nearest: `${used.minutes.toFixed(1)} of ${limits.minutes} minutes`,
      code: 'time_limit' as const,
    },
    {
      share: shares.usd,
      nearest: `$${used.usd.toFixed(2)} of $${limits.usd}`,
      code: 'budget_exhausted' as const,
    },
    {
      share: shares.tokens,
      nearest: `${grouped(used.tokens)} of ${grouped(limits.tokens)} tokens`,
      code: 'token_limit' as const,
    },
  ]
}

function grouped(count: number): string {
  return count.toLocaleString('en')
}
