import type { ErrorCode } from '../../errors.ts'
import type { AgentLimits } from '../agent.ts'
import type { LimitShares } from '../agent-event.ts'
import type { AgentRun } from './agent-run.ts'
import type { Used } from './agent-usage.ts'

/** How close the run is to the nearest of its limits. */
export interface LimitVerdict {
  readonly level: 'free' | 'wrap_up' | 'finish_only' | 'reached'
  /** The nearest limit, for people: `96 of 120 steps`. */
  readonly nearest: string
  readonly code: ErrorCode
}

/** Watches the limits of a run. */
export interface RunLimits {
  /** Measures again, and notes for the model, once per level, how near the end is. Call it before each turn. */
  readonly check: () => LimitVerdict
  /** The verdict of the last check. */
  readonly current: () => LimitVerdict
}

/** Adds its notes for the model as new entries, so that nothing earlier in the transcript changes. */
export function createRunLimits({ task, context, writer, usage, deadline }: AgentRun): RunLimits {
  let limit = judgeLimits(task.limits, { steps: 0, minutes: 0, usd: 0, tokens: 0 })
  let hasWarned = false

  function check(): LimitVerdict {
    const before = limit
    const used = usage.used()
    const minutes = deadline.aborted ? Math.max(used.minutes, task.limits.minutes) : used.minutes
    limit = judgeLimits(task.limits, { ...used, minutes })
    if (limit.level === 'wrap_up' && before.level === 'free') {
      writer.note(
        `${limit.nearest} are used. Wrap up: bring what you have into a state that can be merged, and call finish.`,
      )
    }
    if (limit.level === 'finish_only' && before.level !== 'finish_only') {
      writer.note(
        `${limit.nearest} are used. Call finish now; no other call is carried out. Say in notes what is missing.`,
      )
    }
    if (!usage.isPriceKnown() && !hasWarned) {
      hasWarned = true
      context.emit({
        type: 'agent.notice',
        level: 'warning',
        message:
          'The price of one of the models is not known: its turns are missing from the cost and from the dollar limit.',
      })
    }
    return limit
  }

  return { check, current: () => limit }
}

/**
 * From 80 % of a limit on, the model is asked to wrap up. From 95 % on, and always on the last step, only `finish` is
 * accepted, so that a run ends with a summary and not in the middle of its work.
 */
export function judgeLimits(limits: AgentLimits, used: Used): LimitVerdict {
  const { share, nearest, code } = describeAll(limits, used).reduce((a, b) => (b.share > a.share ? b : a))
  const verdict = (level: LimitVerdict['level']) => ({ level, nearest, code })
  if (share >= 1) return verdict('reached')
  const lastStep = limits.steps > 1 && limits.steps - used.steps <= 1
  if (share >= 0.95 || lastStep) return verdict('finish_only')
  return verdict(share >= 0.8 ? 'wrap_up' : 'free')
}

/** The used share of each limit. */
export function shareOf(limits: AgentLimits, used: Used): LimitShares {
  return {
    steps: used.steps / limits.steps,
    minutes: used.minutes / limits.minutes,
    usd: used.usd / limits.usd,
    tokens: used.tokens / limits.tokens,
  }
}

function describeAll(
  limits: AgentLimits,
  used: Used,
): (Pick<LimitVerdict, 'nearest' | 'code'> & { readonly share: number })[] {
  const shares = shareOf(limits, used)
  return [
    { share: shares.steps, nearest: `${used.steps} of ${limits.steps} steps`, code: 'step_limit' },
    {
      share: shares.minutes,
      nearest: `${used.minutes.toFixed(1)} of ${limits.minutes} minutes`,
      code: 'time_limit',
    },
    { share: shares.usd, nearest: `$${used.usd.toFixed(2)} of $${limits.usd}`, code: 'budget_exhausted' },
    {
      share: shares.tokens,
      nearest: `${used.tokens.toLocaleString('en')} of ${limits.tokens.toLocaleString('en')} tokens`,
      code: 'token_limit',
    },
  ]
}
