import { expect, test } from 'vitest'
import { checkReport, compareChecks, nothingNewlyFails } from '../../src/checks/compare-checks.ts'

const result = (command: string, exitCode: number, tail = '') => ({ command, exitCode, durationMs: 5, tail })
const verdicts = (
  before: readonly (readonly [string, number])[],
  after: readonly (readonly [string, number])[],
) =>
  compareChecks(
    before.map(([command, code]) => result(command, code)),
    after.map(([command, code]) => result(command, code)),
  ).map(({ verdict }) => verdict)

test('every pair of exit codes has one verdict', () => {
  expect(verdicts([['a', 0]], [['a', 0]])).toEqual(['passes'])
  expect(verdicts([['a', 1]], [['a', 0]])).toEqual(['fixed'])
  expect(verdicts([['a', 0]], [['a', 1]])).toEqual(['newly_failing'])
  expect(verdicts([['a', 0]], [['a', 124]])).toEqual(['newly_failing'])
  expect(verdicts([['a', 0]], [['a', 127]])).toEqual(['newly_failing'])
  expect(verdicts([['a', 2]], [['a', 1]])).toEqual(['still_failing'])
  expect(verdicts([['a', 127]], [['a', 127]])).toEqual(['no_proof'])
  expect(verdicts([], [['a', 1]])).toEqual(['newly_failing'])
  expect(verdicts([], [['a', 0]])).toEqual(['passes'])
  expect(verdicts([['a', 0]], [])).toEqual(['not_run'])
})

test('only what newly fails counts against a change', () => {
  expect(nothingNewlyFails(compareChecks([result('a', 1)], [result('a', 1)]))).toBe(true)
  expect(nothingNewlyFails(compareChecks([result('a', 0)], [result('a', 1)]))).toBe(false)
})

test('the report shows every command, the output of what newly fails, and the warnings', () => {
  const { ok, report } = checkReport({
    before: [result('npm test', 0), result('npm run lint', 1), result('just x', 127)],
    after: [
      result('npm test', 1, 'expected 2'),
      result('npm run lint', 1, 'old noise'),
      result('just x', 127),
    ],
    warnings: ['`a.orig` looks like a leftover'],
  })
  expect(ok).toBe(false)
  expect(report).toBe(
    [
      'FAIL npm test: exit code 1 (exit code 0 before)',
      'FAIL npm run lint: exit code 1 (exit code 1 before; it does not count against this change)',
      'SKIP just x: could not run (exit code 127) (before: could not run (exit code 127)); it says nothing about this change',
      '',
      'Output of npm test:',
      'expected 2',
      '',
      'Check these again:',
      '- `a.orig` looks like a leftover',
    ].join('\n'),
  )
})

test('a repository without checks is fine and says so', () => {
  expect(checkReport({ before: [], after: [], warnings: [] })).toEqual({
    ok: true,
    report: 'This repository has no checks that Backspace can run.',
  })
})
