import { posix } from 'node:path'
import type { Regression } from '../runs/verification.ts'
import { counted } from '../text/amounts.ts'
import { checkEnding } from '../text/check-ending.ts'
import { inlineCode } from '../text/markdown/fenced.ts'
import { fewAtATime, nameList, namesOf, statusesInTurns } from './compare-tests.ts'
import type { NamedTest } from './reports/named-test.ts'
import type { NamedCheck } from './run-named-checks.ts'

interface RegressionRuns {
  /** The tests of the change on the source of the base commit. */
  readonly base: NamedCheck
  /** The same tests on the change. */
  readonly head: NamedCheck
  /** The check at the base commit, which shows which tests are new; may be missing. */
  readonly before?: NamedCheck | undefined
  /** Test files that the change adds or edits; empty if it only edits files that tests read. */
  readonly testFiles: readonly string[]
}

type Judged = Pick<Regression, 'verdict' | 'held' | 'loose' | 'byTestsAlone' | 'reason'>

const NONE = { held: nameList([]), loose: nameList([]) }

/** Whether the tests of a change fail without it. */
export async function judgeRegression(given: RegressionRuns): Promise<Judged> {
  const { base, head, before, testFiles } = given
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
  const there = await statusesInTurns(base.tests)
  const known = before?.tests && (await statusesInTurns(before.tests))
  // A check that cannot be narrowed also runs tests of other files, and the change may fix some of these.
  const isAmong = amongFiles(testFiles)
  const others = new Set<string>()
  for await (const some of fewAtATime(base.tests)) {
    for (const { name, file } of some) if (known?.has(name) && !isAmong(file)) others.add(name)
  }
  const held = [...passing].filter((name) => there.get(name) === 'failed' && !others.has(name))
  const loose = [...passing].filter((name) => there.get(name) === 'passed' && known?.has(name) === false)
  const alone = [...passing].filter((name) => there.get(name) === 'passed' && known?.get(name) === 'failed')
  const byTestsAlone = alone.length === 0 ? undefined : nameList(alone)
  const names = { held: nameList(held), loose: nameList(loose), byTestsAlone }
  if (held.length > 0) return { ...names, verdict: 'fails_on_base' }
  const fresh = known && head.tests.filter(({ name }) => !known.has(name))
  if (fresh && fresh.length > 0 && !fresh.some(({ name }) => passing.has(name))) {
    const isOff = fresh.every(({ status }) => status === 'skipped')
    return skipped(isOff ? 'its new tests are skipped here' : 'no new test of the change always passes on it')
  }
  const absent = [...passing].filter((name) => !there.has(name))
  if (absent.length === 0) {
    const red = head.tests.filter(({ file, status }) => status === 'failed' && isAmong(file)).length
    if (red === 0 || loose.length > 0) return { ...names, verdict: 'passes_on_base' }
    return {
      ...names,
      ...skipped(`${counted(red, 'test')} among them ${red === 1 ? 'fails' : 'fail'} with it as well`),
    }
  }
  return {
    ...names,
    verdict: (await isBroken(base, { tests: base.tests, head: head.tests }))
      ? 'does_not_build'
      : 'not_collected',
  }
}

/** Whether a test's file is among these. Only file names are compared, since runners report paths from different folders. */
function amongFiles(testFiles: readonly string[]): (file: string | undefined) => boolean {
  const names = new Set(testFiles.map((path) => posix.basename(path)))
  return (file) => file === undefined || names.size === 0 || names.has(posix.basename(file))
}

/** Whether the run failed to build or load: a broken file or package fails as a whole, under a name that no test has. */
async function isBroken(
  { result }: NamedCheck,
  { tests, head }: { readonly tests: readonly NamedTest[]; readonly head: readonly NamedTest[] },
): Promise<boolean> {
  const onHead = await statusesInTurns(head)
  const shared = tests.some(({ name }) => onHead.has(name))
  return (
    result.exitCode !== 0 &&
    (!shared || tests.some(({ name, status }) => status === 'failed' && !onHead.has(name)))
  )
}

function judgeCodes(base: NamedCheck, head: NamedCheck): Judged {
  const { result } = head
  // It may be a part of a check that passed as a whole, and that had no time left.
  if (result.cause !== undefined)
    return skipped(`on the change ${inlineCode(result.command, 120)} ${result.cause.text}`)
  if (result.exitCode !== 0)
    return skipped('the check fails on the change, and the names of its tests cannot be read')
  return { ...NONE, verdict: base.result.exitCode === 0 ? 'passes_on_base' : 'exit_code_only' }
}

function skipped(reason: string): Judged {
  return { ...NONE, verdict: 'skipped', reason }
}
