import { expect, test } from 'vitest'
import { judgeRegression } from '../../src/verify/judge-regression.ts'
import type { NamedCheck } from '../../src/verify/run-named-checks.ts'
import { checkOf } from './named-checks.ts'

const NO_END = { cause: { kind: 'did_not_end', text: 'did not end within 5 minutes' } } as const

test.each([
  ['fails_on_base', checkOf(1, '-new +old'), checkOf(0, '+new +old'), ['new'], []],
  ['passes_on_base', checkOf(0, '+new +old'), checkOf(0, '+new +old'), [], ['new']],
  ['fails_on_base', checkOf(1, '-new +loose'), checkOf(0, '+new +loose'), ['new'], ['loose']],
  // A module that cannot be imported fails under a name of its own.
  ['does_not_build', checkOf(1, '-tests/a.py'), checkOf(0, '+new +old'), [], []],
  ['does_not_build', checkOf(1, '-pkg +old'), checkOf(0, '+new +old'), [], []],
  ['does_not_build', checkOf(101), checkOf(0, '+new'), [], []],
  ['not_collected', checkOf(0, '+old'), checkOf(0, '+new +old'), [], []],
  ['not_collected', checkOf(1, '+old -bad'), checkOf(1, '+new +old -bad'), [], []],
  ['exit_code_only', checkOf(1), checkOf(0), [], []],
  ['passes_on_base', checkOf(0), checkOf(0), [], []],
  ['skipped', checkOf(1), checkOf(1), [], []],
  ['skipped', checkOf(1, '-new'), checkOf(1, '-new'), [], []],
  ['skipped', checkOf(124, undefined, NO_END), checkOf(0, '+new'), [], []],
] as const)('%s (case %#)', async (verdict, base, head, held, loose) => {
  const judged = await judgeRegression({ base, head, before: checkOf(0, '+old'), testFiles: [] })
  expect(judged.verdict).toBe(verdict)
  expect(judged.held.names).toEqual(held)
  expect(judged.loose.names).toEqual(loose)
})

test('a test of another file that the change fixes is none of its tests', async () => {
  const inFile = (name: string, status: 'passed' | 'failed', file: string) => ({ name, status, file })
  const runs = ['failed', 'passed'] as const
  const [base, head] = runs.map((status) => ({
    ...checkOf(status === 'failed' ? 1 : 0),
    tests: [inFile('fixed', status, 'test/other.js'), inFile('edited', status, 'test/a.js')],
  }))
  if (!base || !head) throw new Error('there are two runs')
  const judged = await judgeRegression({ base, head, before: base, testFiles: ['api/test/a.js'] })
  expect(judged.held.names).toEqual(['edited'])
})

test.each([
  ['-new', 'no new test of the change always passes on it'],
  ['/new', 'its new tests are skipped here'],
])('new tests that do not always pass show nothing (%s)', async (fresh, reason) => {
  const [base, head] = [checkOf(1, `${fresh} +old`), checkOf(1, `${fresh} +old`)]
  const judged = await judgeRegression({ base, head, before: checkOf(0, '+old'), testFiles: [] })
  expect(judged).toMatchObject({ verdict: 'skipped', reason })
})

test('the edited test may be the one that fails both with the change and without it', async () => {
  const same = checkOf(1, '-red +old')
  const judged = await judgeRegression({ base: same, head: same, before: same, testFiles: [] })
  expect(judged).toMatchObject({ verdict: 'skipped', reason: '1 test among them fails with it as well' })
})

test('a reason says what the tests did', async () => {
  const endless = checkOf(124, undefined, NO_END)
  const judged = (base: NamedCheck, head: NamedCheck) => judgeRegression({ base, head, testFiles: [] })
  const onBase = 'on the source of the base commit the check did not end within 5 minutes'
  expect((await judged(endless, checkOf(0, '+new'))).reason).toBe(onBase)
  const onChange = `on the change \`${endless.result.command}\` did not end within 5 minutes`
  expect((await judged(checkOf(1, '-new'), endless)).reason).toBe(onChange)
})
