import type { GuardedLine } from './guarded-change.ts'

/** For each list of lines and each pattern: the index of the last start of a test at or above each line. */
const known = new WeakMap<readonly GuardedLine[], Map<RegExp, Int32Array>>()

/**
 * The index of the first line of the test that a line is in. All lines are searched once and the result is
 * kept, because a search for each line would take quadratic time.
 *
 * @returns an index below `at`; -1 if the lines do not include the start of the test.
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
