import { expect, test } from 'vitest'
import type { GuardFinding } from '../../../src/checks/guard/guarded-change.ts'
import { settleFindings } from '../../../src/pipeline/publish/settle-findings.ts'
import type { Verification } from '../../../src/runs/verification.ts'
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
  const settled = settleFindings([EDIT], { verification: seen(), withoutEdits })
  expect(settled).toEqual({
    reasons: [],
    notes: [`${EDIT.text}; the checks say the same without this edit`],
  })
  const checks = [check('passes', { missing: named('a') })]
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
  const checks = [check('passes', { newlyPassing: named('a') })]
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
