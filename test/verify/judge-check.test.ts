import { expect, test } from 'vitest'
import { compareTests, nameList } from '../../src/verify/compare-tests.ts'
import { judgeCheck } from '../../src/verify/judge-check.ts'
import { readRedWords } from '../../src/verify/red-words.ts'
import type { NamedCheck } from '../../src/verify/run-named-checks.ts'
import { checkOf, testsOf } from './named-checks.ts'

const CANNOT = {
  cause: { kind: 'cannot_run', text: 'could not run because `jest` is not installed' },
} as const
const NO_END = { cause: { kind: 'did_not_end', text: 'did not end within 5 minutes' } } as const

async function verdict(before: NamedCheck | undefined, after: NamedCheck, again?: NamedCheck) {
  return (await judgeCheck({ command: 'npm test', folder: '', before, after, again })).verdict
}

test.each([
  // Names decide where the base is red (V1: 2 tests failed before the change, 39 after it).
  ['newly_failing', checkOf(1, '-a -b +c'), checkOf(1, '-a -b -c')],
  ['still_failing', checkOf(1, '-a -b +c'), checkOf(1, '-a -b +c')],
  ['still_failing', checkOf(1, '-a -b +c'), checkOf(1, '-a +b +c')],
  ['fixed', checkOf(1, '-a +b'), checkOf(0, '+a +b')],
  ['fixed', checkOf(1, '-a +b'), checkOf(0, '+renamed +b')],
  ['fixed', checkOf(1, '+a'), checkOf(0, '+a')],
  // What failed is only gone.
  ['passes', checkOf(1, '-a +b'), checkOf(0, '+b')],
  ['passes', checkOf(1, '-a +b'), checkOf(0)],
  ['newly_failing', checkOf(1, '-a +b'), checkOf(1, '-a +b -new')],
  // A skipped test that fails now, and a failing one under a new name.
  ['newly_failing', checkOf(1, '-a /b'), checkOf(1, '-a -b')],
  ['newly_failing', checkOf(1, '-a +b'), checkOf(1, '-renamed +b')],
  // A file that does not end fails under its own name, or under that of a test in it.
  ['still_failing', checkOf(1, '-f>timeout -f>timeout>a +f>b'), checkOf(1, '-f +f>b')],
  ['newly_failing', checkOf(1, '-f>timeout +f>b +g>a'), checkOf(1, '-f -g +f>b')],
  ['newly_failing', checkOf(1, '-f>a +f>b'), checkOf(1, '-f +f>a +f>b')],
  ['cannot_tell', checkOf(1, '-f>timeout +f>b +f>c'), checkOf(1, '-f +x')],
  // Without names, exit codes cannot tell.
  ['cannot_tell', checkOf(1), checkOf(1)],
  ['cannot_tell', checkOf(1, '-a +b'), checkOf(1)],
  ['cannot_tell', checkOf(1), checkOf(1, '-a +b')],
  // Something else than a test fails, and its words are not known.
  ['cannot_tell', checkOf(1, '+a'), checkOf(1, '+a')],
  ['cannot_tell', checkOf(1, '-a +b'), checkOf(1, '+a +b')],
  // A run that broke off, against tests that were only renamed.
  ['cannot_tell', checkOf(1, '-a +b +c +d'), checkOf(1, '-a +b')],
  ['still_failing', checkOf(1, '-a +b +c'), checkOf(1, '-a +b +c2')],
  // Nothing could be imported, before and after.
  ['cannot_tell', checkOf(1, '-suite'), checkOf(1, '-suite')],
  // The exit code is the word on pass or fail.
  ['passes', checkOf(0, '+a'), checkOf(0, '+a')],
  ['newly_failing', checkOf(0, '+a'), checkOf(1, '+a')],
  ['newly_failing', checkOf(0), checkOf(1)],
  ['passes', undefined, checkOf(0, '+a')],
  ['newly_failing', undefined, checkOf(1, '-a')],
  ['newly_failing', checkOf(0, '+a'), checkOf(127, undefined, CANNOT)],
  ['no_proof', checkOf(127, undefined, CANNOT), checkOf(127, undefined, CANNOT)],
  ['no_proof', checkOf(127, undefined, CANNOT), checkOf(1, '-a')],
  ['newly_failing', checkOf(0), checkOf(124, undefined, NO_END)],
  ['no_proof', checkOf(1), checkOf(124, undefined, NO_END)],
] as const)('%s (case %#)', async (expected, before, after) => {
  expect(await verdict(before, after)).toBe(expected)
})

const COVERED = 'ERROR: Coverage for lines (99.43%) does not meet global threshold (100%)'

/** A run in which no test fails, and that says this. */
async function red(said: string, tests = '+a', exitCode = 1): Promise<NamedCheck> {
  return { ...checkOf(exitCode, tests), redWords: await readRedWords(said) }
}

test.each([
  ['still_failing', COVERED, COVERED],
  // A threshold of coverage: percentages count, as every other number that is no time.
  ['cannot_tell', COVERED, COVERED.replace('99.43', '99.41')],
  ['cannot_tell', `a.js | 99.1 |\n${COVERED}`, `a.js | 98.7 |\n${COVERED}`],
  ['cannot_tell', '✖ 13 problems (12 errors)', '✖ 14 problems (13 errors)'],
  ['cannot_tell', 'a.ts\n 12:15 error no-eval', 'a.ts\n 12:17 error no-eval'],
  // What differs by chance.
  ['still_failing', `run 12 ms in /tmp/ab1\n${COVERED}`, `run 1.4 s in /tmp/x9\n${COVERED}`],
  [
    'still_failing',
    'error 0x7f00ab12 at 2026-11-30T16:18:59.123Z on 127.0.0.1:4711',
    'error 0x7f99ab12 at 2026-12-01T06:18:59Z on 127.0.0.1:4099',
  ],
  ['cannot_tell', '/tmp/copy1/a.js: error', '/tmp/copy2/b.js: error'],
  // Tests that pass and counts of them say nothing of the failure; everything else does, by whatever words.
  ['still_failing', `✓ a\n5 passing (3s)\n${COVERED}`, `✓ a\n✓ throws an error\n6 passing (4s)\n${COVERED}`],
  [
    'still_failing',
    '[INFO] Tests run: 20, Failures: 0\n[INFO] b SKIPPED\n[ERROR] no r8.jar',
    '[INFO] Tests run: 21, Failures: 0\n[INFO] Compiling\n[INFO] b SKIPPED\n[ERROR] no r8.jar',
  ],
  ['cannot_tell', '[INFO] a SKIPPED\n[ERROR] no r8.jar', '[ERROR] no r8.jar'],
  ['cannot_tell', 'gofmt failed\na.go', 'gofmt failed\na.go\nb.go'],
  ['cannot_tell', `${COVERED}\neslint: 1 error`, COVERED],
  // Nothing says what failed, or not everything that was said can be seen.
  ['cannot_tell', '5 passing', '5 passing'],
  ['cannot_tell', 'a.go', 'a.go'],
  ['cannot_tell', `a\n[… 12 bytes left out …]\n${COVERED}`, `a\n[… 12 bytes left out …]\n${COVERED}`],
  ['cannot_tell', COVERED, `${COVERED}\n\x1b]eslint: 1 error\n`],
  ['cannot_tell', COVERED, `${COVERED}\n\x1b]eslint: 1 error\x1b[0m\n`],
  ['cannot_tell', 'x'.repeat(2 ** 20) + COVERED, 'x'.repeat(2 ** 20) + COVERED],
] as const)('%s: red without a failing test (case %#)', async (expected, before, after) => {
  expect(await verdict(await red(before), await red(after, '+a +new'))).toBe(expected)
})

test('the same words do not excuse tests that are lost, another exit code, or edits of how the check runs', async () => {
  const before = await red(COVERED, '+a /b')
  const of = { command: 'npm test', folder: '', before }
  expect(await judgeCheck({ ...of, after: before })).toMatchObject({
    verdict: 'still_failing',
    redWords: { count: 1, names: [COVERED] },
  })
  const notes = '[proguard] Note: cannot find class A\n[proguard] Warning: unexpected class B'
  const { redWords } = await red(`${notes}\n[ERROR] Failed to execute goal`)
  expect(redWords?.said).toEqual({
    count: 3,
    names: ['[ERROR] Failed to execute goal', ...notes.split('\n')],
  })
  expect(await verdict(before, await red(COVERED, '+a'))).toBe('cannot_tell')
  expect(await verdict(await red(COVERED, '+a +b'), await red(COVERED, '+a /b'))).toBe('cannot_tell')
  expect(await verdict(await red(COVERED, '/b'), await red(COVERED, '/b'))).toBe('cannot_tell')
  expect(await verdict(before, await red(COVERED, '+a /b', 2))).toBe('cannot_tell')
  expect(await verdict(before, before, await red('eslint: 1 error', '+a /b'))).toBe('cannot_tell')
  expect((await judgeCheck({ ...of, after: before, isSteered: true })).verdict).toBe('cannot_tell')
})

test('what fails in only one of two runs on the same files is flaky, and does not count', async () => {
  const green = checkOf(0, '+a +b')
  expect(await verdict(green, checkOf(1, '-a +b'), checkOf(0, '+a +b'))).toBe('flaky')
  expect(await verdict(green, checkOf(1, '-a +b'), checkOf(1, '+a -b'))).toBe('flaky')
  expect(await verdict(green, checkOf(1, '-a +b'), checkOf(1, '-a -b'))).toBe('newly_failing')
  expect(await verdict(checkOf(1, '-a +b'), checkOf(1, '-a -b'), checkOf(1, '-a +b'))).toBe('still_failing')
  expect(await verdict(green, checkOf(1), checkOf(1))).toBe('newly_failing')
  expect(await verdict(green, checkOf(0, '+a', { failedFirst: 1 }))).toBe('flaky')
})

test('a comparison names what changed, sorted', async () => {
  const before = testsOf('+a -b +c -d +gone /s')
  const after = testsOf('-a +b /c -d +new /s')
  expect(await compareTests(before, after)).toEqual({
    before: { passed: 3, failed: 2, skipped: 1 },
    after: { passed: 2, failed: 2, skipped: 2 },
    newlyFailing: { count: 1, names: ['a'] },
    newlyPassing: { count: 1, names: ['b'] },
    stillFailing: { count: 1, names: ['d'] },
    newlySkipped: { count: 1, names: ['c'] },
    missing: { count: 1, names: ['gone'] },
    added: { count: 1, names: ['new'] },
  })
  const { tests } = await judgeCheck({
    command: 'npm test',
    folder: 'api',
    before: checkOf(1),
    after: checkOf(1, '-a'),
  })
  expect(tests).toBeUndefined()
})

test('a test whose name holds the time or an address is the same one in each run', async () => {
  const named = (status: 'passed' | 'failed', ...names: string[]) => names.map((name) => ({ name, status }))
  const before = named('failed', 'a[23:35:34 2026]', 'b[<x at 0x7f00aa11>]', 'c[10:00:00]', 'c[11:00:00]')
  const after = named('failed', 'a[23:35:50 2026]', 'b[<x at 0x7f00bb22>]', 'c[10:00:00]', 'd[12:00:00]')
  const compared = await compareTests(before, after)
  expect(compared).toMatchObject({ missing: { names: ['c[11:00:00]'] }, added: { names: ['d[12:00:00]'] } })
  expect(compared.stillFailing.count).toBe(3)
})

test('lists of names are bounded', () => {
  const names = Array.from(
    { length: 500 },
    (_, index) => `${String(index).padStart(3, '0')} ${'😀'.repeat(500)}`,
  )
  const list = nameList(names.toReversed())
  expect(list.count).toBe(500)
  expect(list.names).toHaveLength(20)
  expect(list.names[0]?.startsWith('000 ')).toBe(true)
  expect(JSON.stringify(list).length).toBeLessThan(8_000)
  expect(list.names.every((name) => name.isWellFormed())).toBe(true)
})

test('a run that passes without a word of tests has lost all of them', async () => {
  const of = { command: 'npm test', folder: '' }
  const { tests } = await judgeCheck({ ...of, before: checkOf(1, '-a +b'), after: checkOf(0) })
  expect(tests).toMatchObject({ missing: { names: ['a', 'b'] }, after: { passed: 0 } })
  const plain = await judgeCheck({ ...of, before: checkOf(0), after: checkOf(0) })
  expect(plain.tests).toBeUndefined()
})
