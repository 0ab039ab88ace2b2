import { expect, test } from 'vitest'
import type { GuardFinding } from '../../../src/checks/guard/change/guarded-change.ts'
import { settleFindings } from '../../../src/pipeline/publish/settle-findings.ts'
import type { Verification } from '../../../src/runs/verification.ts'
import type { NamedTest } from '../../../src/verify/reports/named-test.ts'
import { check, named, verificationOf } from '../../runs/summary/verifications.ts'

const seen = (some: Partial<Verification> = {}) => verificationOf({ checks: [check('passes', {})], ...some })

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
const NO_SOURCE = { verdict: 'no_source', held: named(), loose: named() } as const

test('an edit of how checks run is a note if the checks ran without it and said the same', () => {
  const withoutEdits = ['vitest.config.ts']
  const settled = settleFindings([EDIT], { verification: seen(), withoutEdits, tests: [] })
  expect(settled).toEqual({
    reasons: [],
    notes: [`${EDIT.text}; the checks say the same without this edit`],
  })
  const checks = [check('passes', { missing: named('a') })]
  for (const verified of [
    undefined,
    { verification: seen(), withoutEdits: [], tests: [] },
    { verification: seen({ unverified: 'No sandbox.' }), withoutEdits, tests: [] },
    { verification: seen({ checks: [] }), withoutEdits, tests: [] },
    { verification: seen({ checks }), withoutEdits, tests: [] },
  ]) {
    expect(settleFindings([EDIT], verified).reasons).toEqual([EDIT.text])
  }
})

test('rewritten expectations are a note if no test that failed passes by them', () => {
  const good = { verification: seen({ regression: NO_SOURCE }), withoutEdits: [], tests: [] }
  expect(settleFindings([EXPECTS], good).reasons).toEqual([])
  const checks = [check('passes', { newlyPassing: named('a') })]
  const bad = { verification: seen({ regression: NO_SOURCE, checks }), withoutEdits: [], tests: [] }
  expect(settleFindings([EXPECTS], bad).reasons).toEqual([EXPECTS.text])
})

test('a skip under a condition is a note if the tests that it may skip ran and passed in their file', () => {
  const left = (path: string, title: string, ...tests: readonly NamedTest[]) => {
    const text = `\`${path}\` skips tests or runs only some`
    const skip: GuardFinding = { text, weight: 'reason', settledBy: 'still_run', path, tests: [title] }
    return settleFindings([skip], { verification: seen(), withoutEdits: [], tests }).reasons.length
  }
  const ran = (name: string, status: NamedTest['status'] = 'passed', file?: string): NamedTest => ({
    name,
    status,
    file,
  })
  const py = ['test/test_a.py', 'test_ends'] as const
  expect(left(...py, ran('test/test_a.py > A > test_ends', 'passed', py[0]))).toBe(0)
  expect(left(...py, ran('test.test_a.A > test_ends[1-2]'))).toBe(0)
  expect(left('src/UserTest.php', 'testEnds', ran('A\\UserTest > testEnds with data set #1'))).toBe(0)
  expect(left('test/cart_test.rb', 'ends', ran('CartTest#test_0003_ends'))).toBe(0)
  expect(
    left('sum/sum_test.go', 'TestSum', ran('a.b/c/sum > TestSum'), ran('a.b/c/sum > TestSum/zero')),
  ).toBe(0)
  expect(left('sum_test.go', 'TestSum', ran('a.b/c > TestSum'), ran('a.b/c/sum > TestOther'))).toBe(0)
  expect(left(...py)).toBe(1)
  expect(left(...py, ran('test_ends[1]', 'passed', py[0]), ran('test_ends[2]', 'skipped', py[0]))).toBe(1)
  expect(left(...py, ran('test_ends', 'failed', py[0]))).toBe(1)
  expect(left(...py, ran('test_ends', 'passed', 'test/test_b.py'), ran('test_b > test_ends'))).toBe(1)
  expect(left(...py, ran('test_never_ends', 'passed', py[0]))).toBe(1)
  expect(left('sum/sum_test.go', 'TestSum', ran('a.b/c > TestSum'), ran('a.b/c/other > TestSum'))).toBe(1)
  expect(left('sum_test.go', 'TestSum', ran('a.b/c > TestOther'), ran('a.b/c/other > TestSum'))).toBe(1)
  expect(
    left('sum/sum_test.go', 'TestSum', ran('a/sum > TestSum'), ran('a/sum > TestSum/one', 'skipped')),
  ).toBe(1)
})

test('what no run can show remains a reason, and a note remains a note', () => {
  const findings: readonly GuardFinding[] = [
    { text: 'skips', weight: 'reason' },
    { text: 'silences', weight: 'note' },
  ]
  expect(settleFindings(findings, { verification: seen(), withoutEdits: [], tests: [] })).toEqual({
    reasons: ['skips'],
    notes: ['silences'],
  })
})
