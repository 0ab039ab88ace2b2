import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readReport } from '../../../src/verify/reports/read-report.ts'

const fixture = (file: string) => readFileSync(join(import.meta.dirname, 'fixtures', file), 'utf8')
const readText = (text: string) =>
  readReport({ format: 'printed', texts: [text], place: { root: '/workspace', folder: '' } })
const SIGNS = { passed: '+', failed: '-', skipped: '/' } as const

function named(text: string): readonly string[] {
  const reading = readText(text)
  return 'problem' in reading
    ? [reading.problem]
    : reading.tests.map(({ name, status }) => `${SIGNS[status]} ${name}`)
}

const AUTOMAKE = [
  '+ lib > one.sh',
  '+ lib > two.sh',
  '+ tests > ok.sh',
  '- tests > bad.sh',
  '/ tests > skip.sh',
  '/ tests > known.sh',
  '- tests > hard.sh',
  '+ tests > sub/deep.sh',
]

const GO = [
  '+ example.com/m/a > TestPass',
  '+ example.com/m/a > TestSub/one_two',
  '- example.com/m/a > TestSub/bad',
  '/ example.com/m/a > TestSkip',
  '+ example.com/m/a > TestP1',
  '- example.com/m/a > TestP2',
  '+ example.com/m/a > Example',
  '+ example.com/m/b > TestB',
  '- example.com/m/d',
  '+ example.com/m/e > TestFine',
  '- example.com/m/e > TestBoom',
  // Two more that ran beside it when it panicked were not reported.
  '- example.com/m/f > TestLate/in',
]

test.each([
  ['automake.txt', AUTOMAKE],
  ['automake-serial.txt', AUTOMAKE],
  ['ctest.txt', ['+ good', '- with', '- bad', '/ skipped', '/ off', '- slow', '- crash', '- missing']],
  ['prove.txt', ['+ t/a.t', '- t/b.t', '/ t/c.t', '- t/d.t', '+ t/e.t']],
  ['prove-v.txt', ['+ t/a.t', '- t/b.t', '/ t/c.t', '- t/d.t', '+ t/e.t']],
  ['go-v.txt', GO],
] as const)('what programs under make print: %s', (file, tests) => {
  expect(named(fixture(file))).toEqual(tests)
})

test('what programs under make print counts only with the right number of tests; without a number there is no report', () => {
  const absent = (text: string) => {
    const reading = readText(text)
    return 'problem' in reading && reading.isAbsent === true
  }
  for (const text of [
    '',
    'PASS: a\nFAIL: b\n',
    'PASS: a\n====\nAll 2 tests passed\n====\n',
    fixture('automake.txt').replace('FAIL: bad.sh\n', ''),
    fixture('ctest.txt').replace(/^1\/8 .*\n/m, ''),
    fixture('prove.txt').replace('t/a.t .. ok', ''),
    'Ran 2 tests in 0.001s\n\nOK\n',
    fixture('go-v.txt').replace('--- PASS: TestB (0.00s)', ''),
    fixture('go-v.txt').replace(/^FAIL\t.*\/f\t.*$/m, ''),
  ])
    expect(absent(text)).toBe(true)
  const both = `${fixture('unittest.txt')}\n${fixture('ctest.txt')}`
  expect(named(both)).toEqual(expect.arrayContaining(['+ good', '+ tests.test_a.TestAdding.test_zero']))
})

test('people see what `go test` prints without -v', () => {
  expect(
    readText(fixture('go-v.txt'))
      .printed?.replace(/^panic: [\s\S]*?\n(?=FAIL)/gm, '')
      .replaceAll(/0\.0\d+s$/gm, 'TIME'),
  ).toBe(`go vet ./b
go build ./...
go test ./...
# example.com/m/d [example.com/m/d.test]
d/d_test.go:3:27: undefined: undefined
    a_test.go:4: seen one
    a_test.go:4: seen bad
--- FAIL: TestSub (0.00s)
    --- FAIL: TestSub/bad (0.00s)
    a_test.go:7: p2 bad
--- FAIL: TestP2 (0.00s)
FAIL
FAIL\texample.com/m/a\tTIME
ok  \texample.com/m/b\t(cached)
?   \texample.com/m/c\t[no test files]
FAIL\texample.com/m/d [build failed]
--- FAIL: TestBoom (0.00s)
FAIL\texample.com/m/e\tTIME
--- FAIL: TestLate (0.00s)
    --- FAIL: TestLate/in (0.00s)
FAIL\texample.com/m/f\tTIME
FAIL
make: *** [Makefile:4: test] Error 1
`)
})
