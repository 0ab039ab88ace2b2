import { checkEnding } from '../text/check-ending.ts'
import { namesOf, statusByName } from './compare-tests.ts'
import type { TestStatus } from './reports/named-test.ts'
import type { NamedCheck } from './run-named-checks.ts'

/**
 * Merges several runs on the same files into the last one: a test has the status only if it has it in each run that reports
 * it. So a test passes on a change only if it always passes, and fails without it only if it always fails.
 */
export function inEachRun(status: TestStatus, runs: readonly [NamedCheck, ...NamedCheck[]]): NamedCheck {
  const last = runs.at(-1) ?? runs[0]
  if (last.tests === undefined) return last
  const others = runs.slice(0, -1).flatMap(({ tests }) => (tests === undefined ? [] : [statusByName(tests)]))
  if (others.length === 0) return last
  const tests = last.tests.map((test) => {
    if (test.status !== status) return test
    const differs = others.map((other) => other.get(test.name)).find((other) => (other ?? status) !== status)
    return differs === undefined ? test : { ...test, status: differs }
  })
  return { ...last, tests }
}

/** How a check notices that a part of the change is missing. */
export interface Notice {
  /** Tests that pass on the whole change, and fail without the part. */
  readonly tests: ReadonlySet<string>
  /** True if something fails before the tests, or if their names are not known. */
  readonly isBroken: boolean
  /** True if another run may end differently. */
  readonly isDoubtful: boolean
}

/**
 * @param whole the run on the whole change, in which flaky tests must not count as passed.
 * @param without the run without the part.
 * @returns undefined if the check does not notice that the part is missing.
 */
export function noticeOf(whole: NamedCheck, without: NamedCheck): Notice | undefined {
  const ending = checkEnding(without.result)
  if (ending === 'passed' || ending === 'flaky' || ending === 'not_started') return undefined
  const wasPassed = whole.result.exitCode === 0
  if (whole.tests === undefined || without.tests === undefined) {
    const isDoubtful = whole.tests === undefined && ending === 'failed'
    return wasPassed || whole.tests !== undefined
      ? { tests: new Set(), isBroken: true, isDoubtful }
      : undefined
  }
  const was = statusByName(whole.tests)
  const failed = [...namesOf(without.tests, 'failed')]
  const tests = new Set(failed.filter((name) => was.get(name) === 'passed'))
  if (tests.size > 0) return { tests, isBroken: false, isDoubtful: true }
  // A file that cannot be loaded fails under its own name; a program that crashes names nothing.
  const isBroken = failed.some((name) => !was.has(name)) || (failed.length === 0 && wasPassed)
  return isBroken ? { tests, isBroken, isDoubtful: true } : undefined
}

/** What two runs on the same files have both noticed; undefined if they have nothing in common. */
export function inBoth(first: Notice, second: Notice | undefined): Notice | undefined {
  if (second === undefined) return undefined
  const tests = new Set([...first.tests].filter((name) => second.tests.has(name)))
  const isBroken = first.isBroken && second.isBroken
  return tests.size > 0 || isBroken ? { tests, isBroken, isDoubtful: false } : undefined
}
