import type { NamedCheck } from '../../verify/run-named-checks.ts'

/** Time for extra runs that make a verdict more certain. They must not take much longer than setup and checks did. */
export interface SpareTime {
  /** Whether these checks can run once more in the remaining time. */
  fits(checks: readonly NamedCheck[]): boolean
  /** Counts the time of checks that ran. */
  spend(checks: readonly NamedCheck[]): void
}

/** Factor, since a run without a part of the change may take longer than one with all of it. */
const MARGIN = 1.5

/**
 * @param of.ms milliseconds for this kind of extra run.
 * @param of.leftMs milliseconds that are left for the whole verification.
 * @param of.againMs milliseconds that setup takes before each run.
 */
export function createSpareTime({
  ms,
  leftMs,
  againMs,
}: {
  readonly ms: number
  readonly leftMs: () => number
  readonly againMs: number
}): SpareTime {
  let spentMs = 0
  return {
    fits: (checks) => MARGIN * (durationOf(checks) + againMs) <= Math.min(ms - spentMs, leftMs()),
    spend(checks) {
      spentMs += durationOf(checks) + againMs
    },
  }
}

/** Milliseconds of all checks together. */
export function durationOf(checks: readonly NamedCheck[]): number {
  return checks.reduce((sum, { result }) => sum + result.durationMs, 0)
}
