import type { NameList, TestComparison, TestCounts } from '../runs/verification.ts'
import type { NamedTest, TestStatus } from './reports/named-test.ts'

export function countTests(tests: readonly NamedTest[]): TestCounts {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const { status } of tests) counts[status]++
  return counts
}

/** Names of the tests with one status. */
export function namesOf(tests: readonly NamedTest[], status: TestStatus): ReadonlySet<string> {
  return new Set(tests.flatMap((test) => (test.status === status ? [test.name] : [])))
}

const SHOWN_NAMES = 20
const SHOWN_CHARS = 300

/** The first ones in order, for an event. Sorting all of 50,000 would take a tenth of a second. */
export function nameList(names: Iterable<string>): NameList {
  const first: string[] = []
  let count = 0
  for (const name of names) {
    count++
    if (first.length === SHOWN_NAMES && name >= (first.at(-1) ?? '')) continue
    const at = first.findIndex((other) => name < other)
    first.splice(at === -1 ? first.length : at, 0, name)
    first.length = Math.min(first.length, SHOWN_NAMES)
  }
  return {
    count,
    names: first.map((name) =>
      name.length > SHOWN_CHARS ? `${name.slice(0, SHOWN_CHARS - 1).toWellFormed()}…` : name,
    ),
  }
}

/** Compares two runs of a check by the names of their tests. A test that was renamed is missing, and added. */
export function compareTests(before: readonly NamedTest[], after: readonly NamedTest[]): TestComparison {
  const was = statusByName(before)
  const is = statusByName(after)
  const changed = (test: (was: TestStatus | undefined, is: TestStatus) => boolean) =>
    nameList(after.flatMap(({ name, status }) => (test(was.get(name), status) ? [name] : [])))
  return {
    before: countTests(before),
    after: countTests(after),
    newlyFailing: changed((old, now) => now === 'failed' && old !== 'failed'),
    newlyPassing: changed((old, now) => now === 'passed' && old === 'failed'),
    stillFailing: changed((old, now) => now === 'failed' && old === 'failed'),
    newlySkipped: changed((old, now) => now === 'skipped' && old === 'passed'),
    missing: nameList(before.flatMap(({ name }) => (is.has(name) ? [] : [name]))),
    added: changed((old) => old === undefined),
  }
}

export function statusByName(tests: readonly NamedTest[]): ReadonlyMap<string, TestStatus> {
  return new Map(tests.map(({ name, status }) => [name, status]))
}
