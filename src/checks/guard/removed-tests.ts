import type { TestMarks } from '../test-marks.ts'
import type { ReadFile } from './guarded-change.ts'

const TITLE =
  /(?:"([^"]{2,200})"|'([^']{2,200})'|`([^`]{2,200})`)|\b(?:def|func|fn|fun|void|Task|function)\s+(\w{2,100})/

/** The name of a test, in its first lines: attributes stand in front of it. */
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

/** The removed lines of a file, by the test that they begin with. */
export function removedTests(
  { hunks }: ReadFile,
  { test }: TestMarks,
): { readonly tests: readonly (readonly string[])[]; readonly others: readonly string[] } {
  const tests: string[][] = []
  const others: string[] = []
  for (const hunk of hunks) {
    let current: string[] | undefined
    for (const { sign, text } of hunk) {
      const isStart = test.test(text)
      if (sign !== '-') {
        if (isStart) current = undefined
        continue
      }
      if (isStart) {
        current = []
        tests.push(current)
      }
      ;(current ?? others).push(text)
    }
  }
  return { tests, others }
}
