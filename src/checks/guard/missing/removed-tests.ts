import type { TestMarks } from '../../test-marks.ts'
import type { ReadFile } from '../change/guarded-change.ts'

const TITLE =
  /(?:"([^"]{2,200})"|'([^']{2,200})'|`([^`]{2,200})`)|\b(?:def|func|fn|fun|void|Task|function)\s+(\w{2,100})/

/** The name of a test from its first lines, which may begin with attributes. */
export function testName(lines: readonly string[], { test }: TestMarks): string | undefined {
  const head = lines
    .slice(0, MOST_ATTRIBUTES)
    .filter((line, at) => at === 0 || !/^\s*(?:\/\/|#\s|\*)/.test(line))
  const start = head.findIndex((line) => !/^\s*(?:@|#\[|\[)/.test(line))
  const [first = ''] = head
  // `@Test("doubles")` says the name itself, `#[test_case("x")]` does not.
  const named = start === -1 || (test.test(first) && /^\s*\w/.test(first)) ? first : (head[start] ?? '')
  return TITLE.exec(named)
    ?.slice(1)
    .find((group) => group !== undefined)
}

const MOST_ATTRIBUTES = 8

/** The removed lines of a file, grouped by the test that they belong to. */
export function removedTests(
  { hunks }: ReadFile,
  { test }: TestMarks,
): { readonly tests: readonly (readonly string[])[]; readonly others: readonly string[] } {
  const tests: string[][] = []
  const others: string[] = []
  for (const hunk of hunks) {
    let current: string[] | undefined
    for (const [at, { sign, text }] of hunk.entries()) {
      const isStart = test.test(text) && !(sign === '-' && isAttributeOfKept(hunk, at, test))
      if (sign !== '-') {
        if (isStart) current = undefined
        continue
      }
      if (isStart) {
        current = attributesOf(current ?? others)
        tests.push(current)
      }
      ;(current ?? others).push(text)
    }
  }
  return { tests, others }
}

const ATTRIBUTE = /^\s*(?:@|#\[|\[\w)/

/** True for an attribute in front of a definition that stays, as when `[Test]` becomes `[Test, Retry(3)]`. */
function isAttributeOfKept(hunk: ReadFile['hunks'][number], at: number, test: RegExp): boolean {
  if (!ATTRIBUTE.test(hunk[at]?.text ?? '')) return false
  const rest = hunk.slice(at + 1, at + 1 + MOST_IN_FRONT)
  const hasOther = rest.some(({ sign, text }) => sign === '+' && ATTRIBUTE.test(text) && test.test(text))
  return hasOther && rest.find(({ text }) => !ATTRIBUTE.test(text))?.sign === ' '
}

/** The most lines of attributes in front of one test. */
const MOST_IN_FRONT = 30

/**
 * Removes the attributes at the end of the lines and returns them, since they belong to the test that
 * follows.
 */
function attributesOf(lines: string[]): string[] {
  const from = Math.max(0, lines.length - MOST_IN_FRONT)
  const end = lines.slice(from).findLastIndex((line) => !/^\s*(?:@|#\[|\[\w)/.test(line))
  return lines.splice(from + end + 1)
}

/** Matches marks that switch a test off on every system. */
const OFF =
  /^\s*(?:it|test|describe|specify)(?:\.\w{1,20}){0,2}\.(?:skip|todo)\(|^\s*x(?:it|test|specify)\b|#\[ignore\b|@(?:Ignore|Disabled)(?:\(|\s*$)|@(?:pytest\.mark|unittest)\.skip\b(?!if|If)|\[Ignore\b|\[(?:Fact|Theory)\(.{0,40}\bSkip\s*=|@tag\s+:?skip\b|\bskip:\s*(?:true\b|['"])|\bDISABLED_\w/
const MOST_HEAD = 4

/** True for a test that did not run before either. */
export function wasOff(lines: readonly string[], { test }: TestMarks): boolean {
  const start = lines.findIndex((line) => test.test(line))
  return lines.slice(0, Math.max(0, start) + MOST_HEAD).some((line) => OFF.test(line))
}
