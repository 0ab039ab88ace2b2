import type { GuardedLine } from './guarded-change.ts'

/** For some lines and what begins a test: where the last one at or above each line begins. */
const known = new WeakMap<readonly GuardedLine[], Map<RegExp, Int32Array>>()

/**
 * Where the test begins that a line is in. All lines are looked at once, however many places are asked for: from each place
 * upwards would be a matter of squares.
 *
 * @returns an index below `at`; -1 if its beginning is not among the lines.
 */
export function testAbove(lines: readonly GuardedLine[], at: number, test: RegExp): number {
  const byTest = known.get(lines) ?? new Map<RegExp, Int32Array>()
  known.set(lines, byTest)
  const starts = byTest.get(test) ?? startsIn(lines, test)
  byTest.set(test, starts)
  return starts[at - 1] ?? -1
}

function startsIn(lines: readonly GuardedLine[], test: RegExp): Int32Array {
  const starts = new Int32Array(lines.length)
  let last = -1
  for (const [at, { text }] of lines.entries()) {
    if (test.test(text)) last = at
    starts[at] = last
  }
  return starts
}
