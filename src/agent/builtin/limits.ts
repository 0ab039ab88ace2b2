import type { ErrorCode } from '../../errors.ts'
import type { Turn } from '../../models/model.ts'
import { addUsage, countTokens, NO_USAGE } from '../../models/transcript.ts'
import type { AgentLimits, AgentSpent, AgentTotals } from '../agent.ts'
import type { LimitShares } from '../agent-event.ts'

/** Adds up what a run uses, for its limits and its totals. All times in milliseconds. */
export interface Meter {
  /** Of the run so far, earlier attempts included; dollars as far as prices are known. */
  readonly used: () => Used
  /** A turn, and how long the model was waited for, retries included. */
  readonly addTurn: (turn: Turn, waitedMs: number) => void
  /** A turn that failed still took its time. */
  readonly addWait: (waitedMs: number) => void
  /** Time in the sandbox, and how many calls it answered. */
  readonly addTools: (ms: number, calls: number) => void
  /** Time that neither the model nor the sandbox took since this was last asked. */
  readonly takeHarnessMs: () => number
  /** Without earlier attempts. */
  readonly totals: () => AgentTotals
}

/** @param spent by earlier attempts. */
export function createMeter(now: () => number, spent: AgentSpent): Meter {
  const startedAt = now()
  let turns = 0
  let toolCalls = 0
  let usage = NO_USAGE
  let costUsd = 0
  let costIncomplete = false
  let modelMs = 0
  let toolMs = 0
  let takenHarnessMs = 0
  const models = new Set<string>()
  const harnessMs = () => Math.max(0, now() - startedAt - modelMs - toolMs)
  return {
    used: () => ({
      steps: spent.turns + turns,
      usd: spent.usd + costUsd,
      minutes: (spent.ms + now() - startedAt) / 60_000,
      tokens: spent.tokens + countTokens(usage),
    }),
    addTurn({ entry, costUsd: cost }, waitedMs) {
      turns++
      modelMs += waitedMs
      usage = addUsage(usage, entry.origin.usage)
      models.add(`${entry.origin.provider}:${entry.origin.model}`)
      if (cost === undefined) costIncomplete = true
      else costUsd += cost
    },
    addWait(waitedMs) {
      modelMs += waitedMs
    },
    addTools(ms, calls) {
      toolMs += ms
      toolCalls += calls
    },
    takeHarnessMs() {
      const total = harnessMs()
      const since = total - takenHarnessMs
      takenHarnessMs = total
      return tenths(since)
    },
    totals: () => ({
      turns,
      toolCalls,
      usage,
      costUsd: Math.round(costUsd * 1e6) / 1e6,
      costIncomplete,
      models: [...models],
      modelMs: Math.round(modelMs),
      toolMs: Math.round(toolMs),
      harnessMs: tenths(harnessMs()),
    }),
  }
}

function tenths(ms: number): number {
  return Math.max(0, Math.round(ms * 10) / 10)
}

/** How close the run is to the nearest of its limits. */
export interface LimitVerdict {
  readonly level: 'free' | 'wrap_up' | 'finish_only' | 'reached'
  /** That limit, for people: `96 of 120 steps`. */
  readonly nearest: string
  readonly code: ErrorCode
}

/** Steps taken, minutes passed, tokens of every kind, and dollars spent as far as prices are known. */
interface Used {
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
