import { verdictOfResults } from '../checks/compare-checks.ts'
import type { NameList, TestComparison, VerifiedCheck } from '../runs/verification.ts'
import { checkEnding } from '../text/check-ending.ts'
import { compareTests, fewAtATime, namesOf, statusesInTurns } from './compare-tests.ts'
import { namedAsIn } from './group-failures.ts'
import type { NamedTest } from './reports/named-test.ts'
import type { NamedCheck } from './run-named-checks.ts'

interface JudgedRuns {
  readonly command: string
  /** Folder of the project that the command checks, relative to the root of the repository. */
  readonly folder: string
  /** The run at the base commit; undefined for a new check. */
  readonly before: NamedCheck | undefined
  readonly after: NamedCheck
  /** A second run of `after` on the same files, if there was one. */
  readonly again?: NamedCheck | undefined
  /** True if the change edits how its checks run, so that what they say now may be its own words. */
  readonly isSteered?: boolean | undefined
}

/**
 * Judges what a check says about a change: by the names of its tests if both runs have them, else by exit codes alone. A
 * test that fails only once in two runs on the same files does not count as failing.
 */
export async function judgeCheck(runs: JudgedRuns): Promise<VerifiedCheck> {
  const { command, folder, before } = runs
  const [after, again] = await Promise.all([named(before, runs.after), named(before, runs.again)])
  const settled = await settle(after, again)
  const now = testsOf(settled.check)
  const tests = before?.tests && now && (await compareTests(before.tests, now))
  const verdict = settled.isFlaky ? 'flaky' : await verdictOfRuns(before, settled.check, tests)
  const redWords = verdict === 'cannot_tell' ? sameRed(runs, tests) : undefined
  return redWords === undefined
    ? { command, folder, verdict, tests }
    : { command, folder, verdict: 'still_failing', tests, redWords }
}

/** By the names that the run before has. */
async function named<Run extends NamedCheck | undefined>(
  before: NamedCheck | undefined,
  run: Run,
): Promise<Run> {
  if (run?.tests === undefined || before?.tests === undefined) return run
  return { ...run, tests: await namedAsIn(before.tests, run.tests) }
}

/** The tests of a run. One that passes without naming tests counts as having none: a script may do nothing or hide failures. */
function testsOf({ result, tests }: NamedCheck): NamedCheck['tests'] {
  return tests ?? (result.exitCode === 0 ? [] : undefined)
}

interface Settled {
  readonly check: NamedCheck
  /** True if nothing that failed in the first run failed again. */
  readonly isFlaky: boolean
}

/** Merges two runs on the same files: only tests that failed in both count as failed. */
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
  // Different tests failed each time, so the failures do not come from the change.
  const isFlaky = isExplained(after) && isExplained(again) && !has(tests, 'failed')
  return { check: { result: after.result, tests }, isFlaky }
}

/** @param tests the comparison by names; undefined if the names are not known. */
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

/** Whether a check that passes now is fixed. It is not if failed tests have only disappeared, without others in their place. */
function isFixed({ tests = [] }: NamedCheck, { missing, added, newlyPassing }: TestComparison): boolean {
  return !has(tests, 'failed') || newlyPassing.count > 0 || missing.count <= added.count
}

/** The verdict on a check that fails before and after. Only names can show whether something got worse. */
async function verdictOnRed(before: NamedCheck, after: NamedCheck): Promise<VerifiedCheck['verdict']> {
  if (before.tests === undefined || after.tests === undefined) return 'cannot_tell'
  const failedBefore = namesOf(before.tests, 'failed')
  const failsNow = namesOf(after.tests, 'failed')
  if (!failsNow.isSubsetOf(failedBefore)) return 'newly_failing'
  if (!isExplained(before) || !isExplained(after)) return 'cannot_tell'
  // If no test passes, something is broken before any of them runs.
  const isWhole = has(after.tests, 'passed') && !(await vanished(before.tests, after.tests))
  return isWhole ? 'still_failing' : 'cannot_tell'
}

/**
 * What a check says before and after, if it is red for the same reason that is no test. Each test of before is still there and
 * no worse, the exit codes are equal, and so is all that the runs say beside what went well. So a change cannot make it red for one
 * more reason. What would run after the part that fails was seen in neither run.
 */
function sameRed(
  { before, after, again, isSteered }: JudgedRuns,
  tests: TestComparison | undefined,
): NameList | undefined {
  const words = before?.redWords
  if (words === undefined || tests === undefined || isSteered) return undefined
  const isSame = [after, ...(again ? [again] : [])].every(
    ({ result, redWords }) =>
      result.exitCode === before?.result.exitCode && redWords?.sha256 === words.sha256,
  )
  const worse = [tests.missing, tests.newlySkipped, tests.newlyFailing, tests.stillFailing]
  const isWhole = tests.after.passed > 0 && worse.every(({ count }) => count === 0)
  return isSame && isWhole ? words.said : undefined
}

function has(tests: readonly NamedTest[], wanted: NamedTest['status']): boolean {
  return tests.some(({ status }) => status === wanted)
}

/** False if a run fails without a failed test, for example by a coverage threshold or a crash after the last test. */
function isExplained({ result, tests = [] }: NamedCheck): boolean {
  return result.exitCode === 0 || has(tests, 'failed')
}

/** Whether tests have vanished, as in a run that broke off. Renamed tests do not count, since they have a new name. */
async function vanished(before: readonly NamedTest[], after: readonly NamedTest[]): Promise<boolean> {
  return (await passedBeside(before, after)) > (await passedBeside(after, before))
}

/** How many passed tests the other run does not report. */
async function passedBeside(tests: readonly NamedTest[], others: readonly NamedTest[]): Promise<number> {
  const known = await statusesInTurns(others)
  let count = 0
  for await (const some of fewAtATime(tests)) {
    for (const { name, status } of some) if (status === 'passed' && !known.has(name)) count++
  }
  return count
}
