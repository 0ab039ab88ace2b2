import type { SteeredCheck } from '../runs/verification.ts'
import { checkEnding } from '../text/check-ending.ts'
import { nameList, namesOf } from './compare-tests.ts'
import type { NamedCheck } from './run-named-checks.ts'
import { inEachRun } from './several-runs.ts'

interface SteeredRuns {
  /** The run at the base commit. */
  readonly before: NamedCheck
  readonly onChange: NamedCheck
  /** Runs on the change without its edits to how the check runs: one, or two if the first failed. */
  readonly asBefore: readonly [NamedCheck, ...NamedCheck[]]
  /** Paths of these edits. */
  readonly files: readonly string[]
}

/**
 * Whether a check owes its result to the change's own edits to how it runs. New tests may need these edits, but tests of before that
 * pass on the change must pass without them, whether they passed before or are what the change fixes.
 */
export function judgeSteered({ before, onChange, asBefore, files }: SteeredRuns): SteeredCheck | undefined {
  const earlier = before.tests && namesOf(before.tests, 'passed').union(namesOf(before.tests, 'failed'))
  if (earlier !== undefined && asBefore.some(({ tests = [] }) => namesOf(tests, 'failed').size > 0)) {
    const failed = namesOf(inEachRun('failed', asBefore).tests ?? [], 'failed')
    const known = namesOf(onChange.tests ?? [], 'failed')
    const hidden = [...failed].filter((name) => earlier.has(name) && !known.has(name))
    return hidden.length === 0 ? undefined : { files: nameList(files), failing: nameList(hidden) }
  }
  // Without names, a check that failed before may read the very source that the change fixes.
  const isLost = asBefore.every(({ result }) => !passes(result))
  const wasGood = passes(before.result) && passes(onChange.result)
  return isLost && wasGood ? { files: nameList(files) } : undefined
}

function passes(result: NamedCheck['result']): boolean {
  return ['passed', 'flaky'].includes(checkEnding(result))
}
