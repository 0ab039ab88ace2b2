import { availableParallelism } from 'node:os'
import type { SandboxProvider } from '../../sandbox/sandbox.ts'
import type { NamedCheck } from '../../verify/run-named-checks.ts'
import { durationOf } from './spare-time.ts'

/** Whether a verification may use two rooms at once. */
export interface RoomsAtOnce {
  readonly when: 'always' | 'short_checks' | 'never'
  /** True if a new sandbox may have to wait until another one ends. */
  readonly areScarce: boolean
}

/** Fewer cores are busy with one local sandbox. A second one only helps if checks are short, since opening it is mostly waiting. */
const MANY_CORES = 4

export function roomsAtOnce({ kind }: Pick<SandboxProvider, 'kind'>): RoomsAtOnce {
  const isElsewhere = kind === 'e2b'
  const cores = availableParallelism()
  const when = isElsewhere || cores >= MANY_CORES ? 'always' : cores > 1 ? 'short_checks' : 'never'
  return { when, areScarce: isElsewhere }
}

/** Milliseconds of all checks together. */
const SHORT_CHECKS = 5_000

/** @param before results of the checks before the change, which show how long they take. */
export function mayBeSideBySide({ when }: RoomsAtOnce, before: readonly NamedCheck[]): boolean {
  return when === 'always' || (when === 'short_checks' && durationOf(before) <= SHORT_CHECKS)
}
