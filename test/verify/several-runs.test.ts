import { expect, test } from 'vitest'
import { inBoth, inEachRun, noticeOf } from '../../src/verify/several-runs.ts'
import { checkOf } from './named-checks.ts'

const NO_END = { cause: { kind: 'did_not_end', text: 'did not end within 5 minutes' } } as const

test.each([
  // What a part of the change is needed for: `whole` has it, `without` does not.
  [['a'], false, checkOf(0, '+a +b'), checkOf(1, '-a +b')],
  [['a'], false, checkOf(1, '+a -red'), checkOf(1, '-a -red')],
  [[], true, checkOf(0, '+a'), checkOf(1, '-file')],
  [[], true, checkOf(0, '+a'), checkOf(1, '+a')],
  [[], true, checkOf(0, '+a'), checkOf(101)],
  [[], true, checkOf(1, '+a -red'), checkOf(101)],
  [[], true, checkOf(0, '+a'), checkOf(124, undefined, NO_END)],
  [[], true, checkOf(0), checkOf(1)],
] as const)('noticed (case %#)', (tests, isBroken, whole, without) => {
  expect(noticeOf(whole, without)).toMatchObject({ tests: new Set(tests), isBroken })
})

test.each([
  [checkOf(0, '+a'), checkOf(0, '+a')],
  [checkOf(0, '+a'), checkOf(0)],
  // A test that does not always pass on the whole change counts as failing there.
  [checkOf(0, '-flaky +a'), checkOf(1, '-flaky +a')],
  [checkOf(1, '-red +a'), checkOf(1, '-red +a')],
  [checkOf(1), checkOf(1)],
  [checkOf(0, '+a'), checkOf(124, undefined, { cause: { kind: 'not_started', text: 'was not started' } })],
] as const)('not noticed (case %#)', (whole, without) => {
  expect(noticeOf(whole, without)).toBeUndefined()
})

test('a test passes if it passes in each run on the same files, and fails if it fails in each', () => {
  const namesOf = (status: 'passed' | 'failed', runs: readonly string[]) => {
    const [first = checkOf(0), ...more] = runs.map((run) => checkOf(0, run))
    const { tests = [] } = inEachRun(status, [first, ...more])
    return tests.filter((found) => found.status === status).map(({ name }) => name)
  }
  expect(namesOf('passed', ['-a +b', '+a +b +new'])).toEqual(['b', 'new'])
  expect(namesOf('failed', ['-a -b', '+a -b'])).toEqual(['b'])
  expect(namesOf('failed', ['-a +b', '-a -b'])).toEqual(['a'])
})

test('two looks agree on the tests that both name, or that something in front of them breaks', () => {
  const whole = checkOf(0, '+a +b')
  const look = (text: string) =>
    noticeOf(whole, checkOf(1, text)) ?? { tests: new Set(), isBroken: false, isDoubtful: false }
  expect(inBoth(look('-a +b'), look('-a -b'))).toMatchObject({ tests: new Set(['a']) })
  expect(inBoth(look('-a +b'), look('+a -b'))).toBeUndefined()
  expect(inBoth(look('-file'), look('-file'))).toMatchObject({ isBroken: true })
  expect(inBoth(look('-a'), undefined)).toBeUndefined()
})
