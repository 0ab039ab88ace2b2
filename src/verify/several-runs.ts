import { checkEnding } from '../text/check-ending.ts'
import { namesOf, statusByName } from './compare-tests.ts'
import type { TestStatus } from './reports/named-test.ts'
import type { NamedCheck } from './run-named-checks.ts'

/**
 * Several runs on the same files as one, the last of them: a test has the status only if it has it in each run that reports
 * it. So what passes on a change is what always passes there, and what fails without it is what always fails.
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

/** What a check shows of a part of the change that is not there. */
export interface Notice {
  /** Tests that pass on the whole change, and fail without the part. */
  readonly tests: ReadonlySet<string>
  /** True if something fails in front of the tests, or their names are not known. */
  readonly isBroken: boolean
  /** True if one more run may end otherwise. */
  readonly isDoubtful: boolean
}

/**
 * @param whole on the whole change: tests that do not always pass there must not count as passed.
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
  // A file that cannot be loaded fails under a name of its own; a program that crashes names nothing.
  const isBroken = failed.some((name) => !was.has(name)) || (failed.length === 0 && wasPassed)
  return isBroken ? { tests, isBroken, isDoubtful: true } : undefined
}

/** Two looks at the same files: what both say; undefined if they have nothing in common. */
export function inBoth(first: Notice, second: Notice | undefined): Notice | undefined {
  if (second === undefined) return undefined
  const tests = new Set([...first.tests].filter((name) => second.tests.has(name)))
  const isBroken = first.isBroken && second.isBroken
  return tests.size > 0 || isBroken ? { tests, isBroken, isDoubtful: false } : undefined
}
