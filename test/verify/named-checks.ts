import type { CheckResult } from '../../src/checks/run-checks.ts'
import type { NamedTest } from '../../src/verify/reports/named-test.ts'
import type { NamedCheck } from '../../src/verify/run-named-checks.ts'

const SIGNS = { '+': 'passed', '-': 'failed', '/': 'skipped' } as const

/** `'+a -b /c +d>e'`: a passes, b fails, c is skipped, and e passes in the group d. */
export function testsOf(text: string): readonly NamedTest[] {
  return text.split(' ').flatMap((word): NamedTest[] => {
    const status = SIGNS[word.charAt(0) as keyof typeof SIGNS]
    return status === undefined ? [] : [{ name: word.slice(1).replaceAll('>', ' > '), status }]
  })
}

/** A check that ended with this exit code; `tests` as `testsOf` reads them, undefined if there was no report. */
export function checkOf(exitCode: number, tests?: string, result: Partial<CheckResult> = {}): NamedCheck {
  return {
    result: { command: 'npm test', exitCode, durationMs: 1, tail: '', ...result },
    tests: tests === undefined ? undefined : testsOf(tests),
  }
}
