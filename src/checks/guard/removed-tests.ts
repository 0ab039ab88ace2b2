import type { TestMarks } from '../test-marks.ts'
import type { ReadFile } from './guarded-change.ts'

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
