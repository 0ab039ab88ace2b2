import { expect, test } from 'vitest'
import type { GuardFinding } from '../../../src/checks/guard/guarded-change.ts'
import { settleFindings } from '../../../src/pipeline/publish/settle-findings.ts'
import type { Verification } from '../../../src/runs/verification.ts'

const NONE = { count: 0, names: [] }
const COUNTS = { passed: 1, failed: 0, skipped: 0 }
const TESTS = {
  before: COUNTS,
  after: COUNTS,
  newlyFailing: NONE,
  newlyPassing: NONE,
  stillFailing: NONE,
  newlySkipped: NONE,
  missing: NONE,
  added: NONE,
}

function seen(some: Partial<Verification> = {}): Verification {
  return {
    mode: 'full',
    baseBranch: 'main',
    baseSha: 'a'.repeat(40),
    tree: 'b'.repeat(40),
    checks: [{ command: 'npm test', folder: '', verdict: 'passes', tests: TESTS }],
    notChecked: [],
    differences: [],
    rooms: [],
    ...some,
  }
}

const EDIT: GuardFinding = {
  text: '`vitest.config.ts` changes what the checks run',
  weight: 'reason',
  settledBy: 'as_before',
  path: 'vitest.config.ts',
}
const EXPECTS: GuardFinding = {
  text: '`a.test.ts` changes values',
  weight: 'reason',
  settledBy: 'tests_alone',
}
const NO_SOURCE = { verdict: 'no_source', held: NONE, loose: NONE } as const

test('an edit of how checks run is a note if the checks ran without it and said the same', () => {
  const withoutEdits = ['vitest.config.ts']
  const settled = settleFindings([EDIT], { verification: seen(), withoutEdits })
  expect(settled).toEqual({
    reasons: [],
    notes: [`${EDIT.text}; the checks say the same without this edit`],
  })
  const fewer = { ...TESTS, missing: { count: 1, names: ['a'] } }
  const checks = [{ command: 'npm test', folder: '', verdict: 'passes', tests: fewer } as const]
  for (const verified of [
    undefined,
    { verification: seen(), withoutEdits: [] },
    { verification: seen({ unverified: 'No sandbox.' }), withoutEdits },
    { verification: seen({ checks: [] }), withoutEdits },
    { verification: seen({ checks }), withoutEdits },
  ]) {
    expect(settleFindings([EDIT], verified).reasons).toEqual([EDIT.text])
  }
})

test('rewritten expectations are a note if no test that failed passes by them', () => {
  const good = { verification: seen({ regression: NO_SOURCE }), withoutEdits: [] }
  expect(settleFindings([EXPECTS], good).reasons).toEqual([])
  const fixed = { ...TESTS, newlyPassing: { count: 1, names: ['a'] } }
  const checks = [{ command: 'npm test', folder: '', verdict: 'passes', tests: fixed } as const]
  const bad = { verification: seen({ regression: NO_SOURCE, checks }), withoutEdits: [] }
  expect(settleFindings([EXPECTS], bad).reasons).toEqual([EXPECTS.text])
})

test('what no run can show remains a reason, and a note remains a note', () => {
  const findings: readonly GuardFinding[] = [
    { text: 'skips', weight: 'reason' },
    { text: 'silences', weight: 'note' },
  ]
  expect(settleFindings(findings, { verification: seen(), withoutEdits: [] })).toEqual({
    reasons: ['skips'],
    notes: ['silences'],
  })
})
