import { linesNow } from '../change/around-line.ts'
import { type GuardedLine, type GuardFinding, indentOf, type KeptTest } from '../change/guarded-change.ts'

/** Matches what says that the test is to fail, in PHPUnit and JUnit 4. */
const ASKS_FAILURE = /->expectException\w{0,20}\(|\bthrown\.expect\(|\bexpectedException\.expect\(/
/** Matches a function that runs in front of every test. */
const IN_FRONT = /\bfunction\s+setUp\w{0,20}\s*\(|\bbeforeEach\s*\(|\bvoid\s+setUp\w{0,20}\s*\(/
const FUNCTION = /\bfunction\b|\bvoid\b|\bbeforeEach\b|@Before\b/
const MOST_ABOVE = 30
/** Captures how often something has to be called, in tests of Swift, where 0 allows that it never is. */
const NO_CALL = /\b(?:expectedCount|expectedFulfillmentCount)\s*[:=]\s*0\b|\bisInverted\s*=\s*true\b/
const CALLS = /\bconfirmation\(|\bexpectedFulfillmentCount\b|\bisInverted\b|\bexpectation\(/

/**
 * Reports existing tests where a failure satisfies a test that did not ask for one: what one test asked for is asked in front of all, or
 * what had to be called need not be.
 */
export function failuresInFront({ file, hunks, added, removed }: KeptTest): readonly GuardFinding[] {
  const reason = (what: string) => [{ text: `\`${file.path}\` ${what}`, weight: 'reason' }] as const
  if (hunks.some(asksInFront)) return reason('lets every test fail where one was to')
  const isGone = removed.some((line) => CALLS.test(line) && !NO_CALL.test(line))
  return /\.swift$/.test(file.path) && isGone && added.some((line) => NO_CALL.test(line))
    ? reason('no longer asks that something is called')
    : []
}

function asksInFront(lines: readonly GuardedLine[]): boolean {
  const now = linesNow(lines)
  return now.some(({ sign, text }, at) => {
    if (sign !== '+' || !ASKS_FAILURE.test(text)) return false
    const above = now.slice(Math.max(0, at - MOST_ABOVE), at)
    const opener = above.findLast((one) => FUNCTION.test(one.text) && indentOf(one.text) < indentOf(text))
    return opener !== undefined && IN_FRONT.test(opener.text)
  })
}
