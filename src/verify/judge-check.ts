import { verdictOfResults } from '../checks/compare-checks.ts'
import type { TestComparison, VerifiedCheck } from '../runs/verification.ts'
import { checkEnding } from '../text/check-ending.ts'
import { compareTests, fewAtATime, namesOf, statusesInTurns } from './compare-tests.ts'
import type { NamedTest } from './reports/named-test.ts'
import type { NamedCheck } from './run-named-checks.ts'

interface JudgedRuns {
  readonly command: string
  /** Of the project that it checks, relative to the root of the repository. */
  readonly folder: string
  /** At the base commit; undefined for a check that is new. */
  readonly before: NamedCheck | undefined
  readonly after: NamedCheck
  /** A second run of `after` on the same files, if there was one. */
  readonly again?: NamedCheck | undefined
}

/**
 * What a check says about a change: by the names of its tests where both runs have them, else by exit codes alone. A test
 * that fails once in two runs on the same files does not count as failing.
 */
export async function judgeCheck(runs: JudgedRuns): Promise<VerifiedCheck> {
  const { command, folder, before, after, again } = runs
  const settled = await settle(after, again)
  const now = testsOf(settled.check)
  const tests = before?.tests && now && (await compareTests(before.tests, now))
  const verdict = settled.isFlaky ? 'flaky' : await verdictOfRuns(before, settled.check, tests)
  return { command, folder, verdict, tests }
}

/** A run that passes without a word of tests ran none, as far as can be known: a script that does nothing or hides what fails. */
function testsOf({ result, tests }: NamedCheck): NamedCheck['tests'] {
  return tests ?? (result.exitCode === 0 ? [] : undefined)
}

interface Settled {
  readonly check: NamedCheck
  /** True if nothing is left of what failed in the first run. */
  readonly isFlaky: boolean
}

/** Two runs on the same files as one: what failed in both. */
async function settle(after: NamedCheck, again: NamedCheck | undefined): Promise<Settled> {
  if (checkEnding(after.result) === 'flaky') return { check: after, isFlaky: true }
  if (again === undefined || checkEnding(after.result) !== 'failed') return { check: after, isFlaky: false }
  const second = checkEnding(again.result)
  if (second === 'passed' || second === 'flaky') return { check: again, isFlaky: true }
  if (after.tests === undefined || again.tests === undefined || second !== 'failed') {
    return { check: after, isFlaky: false }
  }
  const later = await statusesInTurns(again.tests)
  const tests: NamedTest[] = []
  for await (const some of fewAtATime(after.tests)) {
    for (const test of some) {
      const now = later.get(test.name)
      const passedOnce = test.status === 'failed' && now !== undefined && now !== 'failed'
      tests.push(passedOnce ? { ...test, status: now } : test)
    }
  }
  // Other tests failed each time: this check cannot be trusted to fail for the change.
  const isFlaky = isExplained(after) && isExplained(again) && !has(tests, 'failed')
  return { check: { result: after.result, tests }, isFlaky }
}

/** @param tests both runs by their names; undefined if these are not known. */
async function verdictOfRuns(
  before: NamedCheck | undefined,
  after: NamedCheck,
  tests: TestComparison | undefined,
): Promise<VerifiedCheck['verdict']> {
  const verdict = verdictOfResults(before?.result, after.result)
  if (before === undefined) return verdict
  if (verdict === 'fixed') return tests === undefined || isFixed(before, tests) ? 'fixed' : 'passes'
  return verdict === 'still_failing' ? verdictOnRed(before, after) : verdict
}

/** Not if what failed is only gone: neither reported as passed, nor others in its place. */
function isFixed({ tests = [] }: NamedCheck, { missing, added, newlyPassing }: TestComparison): boolean {
  return !has(tests, 'failed') || newlyPassing.count > 0 || missing.count <= added.count
}

/** The check fails before and after: only names tell whether something got worse. */
async function verdictOnRed(before: NamedCheck, after: NamedCheck): Promise<VerifiedCheck['verdict']> {
  if (before.tests === undefined || after.tests === undefined) return 'cannot_tell'
  const failedBefore = namesOf(before.tests, 'failed')
  const failsNow = namesOf(after.tests, 'failed')
  if (!failsNow.isSubsetOf(failedBefore)) return 'newly_failing'
  if (!isExplained(before) || !isExplained(after)) return 'cannot_tell'
  // Where no test passes, something in front of all of them is broken.
  const isWhole = has(after.tests, 'passed') && !(await vanished(before.tests, after.tests))
  return isWhole ? 'still_failing' : 'cannot_tell'
}

function has(tests: readonly NamedTest[], wanted: NamedTest['status']): boolean {
  return tests.some(({ status }) => status === wanted)
}

/** True unless it fails, and no test says why: a threshold of coverage, a crash behind the last test. */
function isExplained({ result, tests = [] }: NamedCheck): boolean {
  return result.exitCode === 0 || has(tests, 'failed')
}

/** A run that broke off reports fewer tests. What was only renamed is there under another name. */
async function vanished(before: readonly NamedTest[], after: readonly NamedTest[]): Promise<boolean> {
  return (await passedBeside(before, after)) > (await passedBeside(after, before))
}

/** How many tests passed that the other run does not report. */
async function passedBeside(tests: readonly NamedTest[], others: readonly NamedTest[]): Promise<number> {
  const known = await statusesInTurns(others)
  let count = 0
  for await (const some of fewAtATime(tests)) {
    for (const { name, status } of some) if (status === 'passed' && !known.has(name)) count++
  }
  return count
}
