import type { NamedCheck } from '../../verify/run-named-checks.ts'

/** Time for looks that only make a verdict surer: it must not take much longer than setup and the checks themselves. */
export interface SpareTime {
  /** Whether these checks fit into what is left, once more. */
  fits(checks: readonly NamedCheck[]): boolean
  /** Counts what was run. */
  spend(checks: readonly NamedCheck[]): void
}

/** A run without a part of the change may take longer than one with all of it. */
const MARGIN = 1.5

/**
 * @param of.ms of this kind of look.
 * @param of.leftMs of the whole verification.
 * @param of.againMs what setup takes in front of each look.
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

/** Milliseconds of all of them together. */
export function durationOf(checks: readonly NamedCheck[]): number {
  return checks.reduce((sum, { result }) => sum + result.durationMs, 0)
}
