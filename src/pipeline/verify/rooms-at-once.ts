import { availableParallelism } from 'node:os'
import type { SandboxProvider } from '../../sandbox/sandbox.ts'
import type { NamedCheck } from '../../verify/run-named-checks.ts'
import { durationOf } from './spare-time.ts'

/** Whether a verification may use two rooms at once. */
export interface RoomsAtOnce {
  readonly when: 'always' | 'short_checks' | 'never'
  /** A sandbox may have to wait until another one ends. */
  readonly areScarce: boolean
}

/** Fewer are busy with one sandbox of this machine, unless its checks are short: opening one is mostly waiting. */
const MANY_CORES = 4

export function roomsAtOnce({ kind }: Pick<SandboxProvider, 'kind'>): RoomsAtOnce {
  const isElsewhere = kind === 'e2b'
  const cores = availableParallelism()
  const when = isElsewhere || cores >= MANY_CORES ? 'always' : cores > 1 ? 'short_checks' : 'never'
  return { when, areScarce: isElsewhere }
}

/** All of them together, in milliseconds. */
const SHORT_CHECKS = 5_000

/** @param before the checks, as they ran before the change. */
export function mayBeSideBySide({ when }: RoomsAtOnce, before: readonly NamedCheck[]): boolean {
  return when === 'always' || (when === 'short_checks' && durationOf(before) <= SHORT_CHECKS)
}
