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
}

type Judged = Pick<Regression, 'verdict' | 'held' | 'loose' | 'reason'>

const NONE = { held: nameList([]), loose: nameList([]) }

/** Whether the tests of a change fail without it. */
export function judgeRegression({ base, head, before }: RegressionRuns): Judged {
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
  const held = [...passing].filter((name) => there.get(name) === 'failed')
  const known = before?.tests && statusByName(before.tests)
  const loose = [...passing].filter((name) => there.get(name) === 'passed' && known?.has(name) === false)
  const names = { held: nameList(held), loose: nameList(loose) }
  if (held.length > 0) return { ...names, verdict: 'fails_on_base' }
  const absent = [...passing].filter((name) => !there.has(name))
  if (absent.length === 0) return { ...names, verdict: 'passes_on_base' }
  return {
    ...names,
    verdict: isBroken(base, { tests: base.tests, head: head.tests }) ? 'does_not_build' : 'not_collected',
  }
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
