import type { NameList, TestComparison, Verification, VerifiedCheck } from '../../../src/runs/verification.ts'

const NONE: NameList = { count: 0, names: [] }

export function named(...names: readonly string[]): NameList {
  return { count: names.length, names }
}

export function tests(some: Partial<TestComparison> = {}): TestComparison {
  const counts = { passed: 3, failed: 0, skipped: 0 }
  return {
    before: counts,
    after: counts,
    newlyFailing: NONE,
    newlyPassing: NONE,
    stillFailing: NONE,
    newlySkipped: NONE,
    missing: NONE,
    added: NONE,
    ...some,
  }
}

export function check(verdict: VerifiedCheck['verdict'], some?: Partial<TestComparison>): VerifiedCheck {
  return { command: 'npm test', folder: '', verdict, tests: some && tests(some) }
}

export function verificationOf(some: Partial<Verification> = {}): Verification {
  return {
    mode: 'full',
    baseBranch: 'main',
    baseSha: '1'.repeat(40),
    tree: '2'.repeat(40),
    checks: [],
    notChecked: [],
    differences: [],
    rooms: [],
    ...some,
  }
}

/** With and without what may be absent. */
export const VERIFICATIONS: readonly Verification[] = [
  verificationOf({ mode: 'checks', unverified: 'the clean sandbox could not be started. Try again.' }),
  verificationOf({
    checks: [check('fixed', { newlyPassing: named('adds') }), check('no_proof')],
    regression: { verdict: 'fails_on_base', held: named('adds'), loose: NONE },
    necessity: {
      hunks: 3,
      tried: 2,
      held: 1,
      loose: [{ path: 'app.js', from: 3, to: 4, diff: '@@ -3 +3 @@\n-a\n+b\n' }],
      reason: 'the time for verification was used up',
    },
    notChecked: [{ path: 'api', reason: 'no check covers it' }],
    differences: ["`npm test` passes in the agent's workspace and fails in a clean one."],
    rooms: [{ name: 'head', durationMs: 5000, setupMs: 2000, cached: true }],
  }),
  verificationOf({
    checks: [check('passes')],
    coverage: {
      lines: 20,
      run: 17,
      missed: [
        { path: 'src/a.ts', from: 14, to: 15 },
        { path: 'src/b.ts', from: 3, to: 3 },
      ],
      unmeasured: named('api/c.py'),
    },
  }),
  verificationOf({
    checks: [check('passes')],
    coverage: { lines: 0, run: 0, missed: [], unmeasured: NONE, reason: "the repository's tool gives none" },
  }),
]
