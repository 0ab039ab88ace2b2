import type { Regression } from '../runs/verification.ts'
import { checkEnding } from '../text/check-ending.ts'
import { nameList, namesOf, statusByName } from './compare-tests.ts'
import type { NamedTest } from './reports/named-test.ts'
import type { NamedCheck } from './run-named-checks.ts'

interface RegressionRuns {
  /** The tests of the change on the source of the base commit. */
  readonly base: NamedCheck
  /** The same tests on the change. */
  readonly head: NamedCheck
  /** At the base commit without the change, to know which tests are new; may be missing. */
  readonly before?: NamedCheck | undefined
  /** Those that the change adds or edits; empty if it only edits what tests read. */
  readonly testFiles: readonly string[]
}

type Judged = Pick<Regression, 'verdict' | 'held' | 'loose' | 'reason'>

const NONE = { held: nameList([]), loose: nameList([]) }

/** Whether the tests of a change fail without it. */
export function judgeRegression({ base, head, before, testFiles }: RegressionRuns): Judged {
  const on = checkEnding(base.result)
  if (on !== 'passed' && on !== 'failed' && on !== 'flaky') {
    const what = base.result.cause?.text ?? 'could not run'
    return skipped(`on the source of the base commit the check ${what}`)
  }
  if (head.tests === undefined) return judgeCodes(base, head)
  const passing = namesOf(head.tests, 'passed')
  if (passing.size === 0) return skipped('no test of the change passes on it')
  if (base.tests === undefined) {
    return { ...NONE, verdict: base.result.exitCode === 0 ? 'not_collected' : 'does_not_build' }
  }
  const there = statusByName(base.tests)
  const known = before?.tests && statusByName(before.tests)
  // A check that takes no files runs tests of other files as well, and the change may fix some of these.
  const others = new Set(
    base.tests.flatMap(({ name, file }) => (known?.has(name) && !isAmong(testFiles, file) ? [name] : [])),
  )
  const held = [...passing].filter((name) => there.get(name) === 'failed' && !others.has(name))
  const loose = [...passing].filter((name) => there.get(name) === 'passed' && known?.has(name) === false)
  const names = { held: nameList(held), loose: nameList(loose) }
  if (held.length > 0) return { ...names, verdict: 'fails_on_base' }
  const fresh = known && head.tests.filter(({ name }) => !known.has(name))
  if (fresh && fresh.length > 0 && !fresh.some(({ name }) => passing.has(name)))
    return skipped('no new test of the change always passes on it')
  const absent = [...passing].filter((name) => !there.has(name))
  if (absent.length === 0) return { ...names, verdict: 'passes_on_base' }
  return {
    ...names,
    verdict: isBroken(base, { tests: base.tests, head: head.tests }) ? 'does_not_build' : 'not_collected',
  }
}

/** By the last part of the path alone: runners start at different folders. */
function isAmong(testFiles: readonly string[], file: string | undefined): boolean {
  if (file === undefined || testFiles.length === 0) return true
  const name = lastPart(file)
  return testFiles.some((path) => lastPart(path) === name)
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** A file or package that cannot be loaded fails as a whole, under a name that no test on the change has. */
function isBroken(
  { result }: NamedCheck,
  { tests, head }: { readonly tests: readonly NamedTest[]; readonly head: readonly NamedTest[] },
): boolean {
  const onHead = statusByName(head)
  const shared = tests.some(({ name }) => onHead.has(name))
  return (
    result.exitCode !== 0 &&
    (!shared || tests.some(({ name, status }) => status === 'failed' && !onHead.has(name)))
  )
}

function judgeCodes(base: NamedCheck, head: NamedCheck): Judged {
  if (head.result.exitCode !== 0)
    return skipped('the check fails on the change, and the names of its tests cannot be read')
  return { ...NONE, verdict: base.result.exitCode === 0 ? 'passes_on_base' : 'exit_code_only' }
}

function skipped(reason: string): Judged {
  return { ...NONE, verdict: 'skipped', reason }
}
