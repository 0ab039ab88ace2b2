import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type ReportFormat, readReport } from '../../../src/verify/reports/read-report.ts'

/** What these programs wrote for small projects with a test of each kind; paths and dates aside, as they wrote it. */
function read(format: ReportFormat, ...files: readonly string[]) {
  const texts = files.map((file) => readFileSync(join(import.meta.dirname, 'fixtures', file), 'utf8'))
  return lines(format, ...texts)
}

function lines(format: ReportFormat, ...texts: readonly string[]): readonly string[] {
  const reading = readReport({ format, texts, place: { root: '/workspace', folder: '' } })
  if ('problem' in reading) return [`problem: ${reading.problem}`]
  return reading.tests.map(({ name, status }) => `${SIGNS[status]} ${name}`)
}

const SIGNS = { passed: '+', failed: '-', skipped: '/' } as const

test('pytest: files, classes, parameters; modules that cannot be imported and broken fixtures fail', () => {
  expect(read('junit', 'pytest.xml')).toEqual([
    '- tests/test_b.py > tests.test_b',
    '- tests/test_a.py > TestAdding > test_bad',
    '/ tests/test_a.py > TestAdding > test_expected',
    '/ tests/test_a.py > TestAdding > test_off',
    '- tests/test_a.py > TestAdding > test_subs',
    '+ tests/test_a.py > TestAdding > test_zero',
    '- tests/test_a.py > TestBroken > test_never',
    '+ tests/test_c.py > test_n[1]',
    '- tests/test_c.py > test_n[2]',
    '+ tests/test_c.py > test_n[a > b]',
    '+ tests/test_c.py > test_n[n3]',
    '/ tests/test_c.py > test_x',
    '- tests/test_c.py > test_fix',
    '+ tests/test_c.py > TestGroup > test_in',
    '- tests/test_c.py > test_teardown',
  ])
})

test('unittest: descriptions, subtests, printed lines, broken classes and modules', () => {
  expect(read('unittest', 'unittest.txt')).toEqual([
    '- tests.test_a.TestAdding.test_bad',
    '/ tests.test_a.TestAdding.test_expected',
    '/ tests.test_a.TestAdding.test_off',
    '- tests.test_a.TestAdding.test_subs',
    '+ tests.test_a.TestAdding.test_zero',
    '- tests.test_a.TestBroken.setUpClass',
    '- tests.test_b',
  ])
})

test('go: subtests, and packages that do not build; people read what `go test` prints', () => {
  expect(read('go', 'go.txt')).toEqual([
    '+ example.com/m > TestAdd',
    '- example.com/m > TestTable/one',
    '+ example.com/m > TestTable/two_words',
    '/ example.com/m > TestSkipped',
    '- example.com/m/sub',
  ])
  const text = readFileSync(join(import.meta.dirname, 'fixtures/go.txt'), 'utf8')
  const { printed } = readReport({ format: 'go', texts: [text], place: { root: '/workspace', folder: '' } })
  expect(printed).toContain(
    'sub/b_test.go:3:32: undefined: undefined\nFAIL\texample.com/m/sub [build failed]\n',
  )
  expect(printed).toContain('    a_test.go:5: bad one\n--- FAIL: TestTable/one (0.00s)\n')
  expect(printed).not.toContain('TestAdd ')
})

test.each([
  ['panic: late [recovered, repanicked]', ['- m > TestLate']],
  ['panic: test timed out after 1s', ['- m > TestBeside', '- m > TestLate']],
])('Go: what runs beside a test that ends with %s', (output, tests) => {
  const events = [
    { Action: 'run', Test: 'TestBeside' },
    { Action: 'run', Test: 'TestLate' },
    { Action: 'fail', Test: 'TestLate' },
    { Action: 'output', Output: `${output}\n` },
    { Action: 'fail' },
  ].map((event) => JSON.stringify({ ...event, Package: 'm' }))
  expect(lines('go', events.join('\n'))).toEqual(tests)
})

test('nextest and Gradle', () => {
  expect(read('junit', 'nextest.xml')).toEqual([
    '+ sums::it > adds',
    '- sums::it > fails',
    '+ sums > tests::inner',
  ])
  expect(read('junit', 'gradle.xml')).toEqual([
    '+ org.example.SumsTest > adds()',
    '+ org.example.SumsTest > [1] 2',
    '- org.example.SumsTest > halves()',
    '/ org.example.SumsTest > later()',
  ])
})

test('cargo: unit, integration and doc tests, these without their lines', () => {
  expect(read('cargo', 'cargo.txt')).toEqual([
    '+ adder (src/lib.rs) > tests::adds',
    '- adder (src/lib.rs) > tests::fails',
    '/ adder (src/lib.rs) > tests::slow',
    '+ adder (src/lib.rs) > tests::panics',
    '+ it (tests/it.rs) > outer',
    '+ adder (documentation) > src/lib.rs - add',
    '- adder (documentation) > src/lib.rs - add (2)',
  ])
})

test.each([
  ['vitest.json', 'jest', 'vt'],
  ['vitest.xml', 'junit', 'vt'],
] as const)('Vitest: %s', (file, format, folder) => {
  expect(read(format, file)).toEqual([
    `+ ${folder}/a.test.ts > adds > zero`,
    `- ${folder}/a.test.ts > adds > bad <&> "x"`,
    `/ ${folder}/a.test.ts > adds > off`,
    `+ ${folder}/a.test.ts > adds > n 1`,
    `+ ${folder}/a.test.ts > adds > n 2`,
    `/ ${folder}/a.test.ts > later`,
    `- ${folder}/b.test.ts`,
  ])
})

test('Jest: a file that cannot be loaded fails; jest-junit names suites', () => {
  expect(read('jest', 'jest.json')).toEqual([
    '+ jt/a.test.js > adds > zero',
    '- jt/a.test.js > adds > bad <&> "x"',
    '/ jt/a.test.js > adds > off',
    '/ jt/a.test.js > later',
    '- jt/b.test.js',
  ])
  expect(read('junit', 'jest-junit.xml')).toContain('- adds > adds bad <&> "x"')
})

test("Node's own runner: nested tests, directives, files that fail as a whole", () => {
  expect(read('tap', 'node.tap')).toEqual([
    '+ adds > zero',
    '- adds > bad # 1',
    '/ adds > off',
    '/ adds > later',
    '+ parent > child',
    '- parent > child two',
    '+ flat',
    '- nt/b.test.mjs',
    '+ nt/c.test.mjs',
  ])
  expect(read('junit', 'node.xml')).toContain('- nt/a.test.mjs > parent > child two')
})

test('TAP of ava, tap and tape', () => {
  expect(read('tap', 'ava.tap')).toEqual(['/ off', '/ later on', '+ zero', '- bad', '+ known'])
  expect(read('tap', 'tap.tap')).toEqual([
    '+ tp/a.test.js > adds > zero',
    '- tp/a.test.js > adds > deep > bad',
    '/ tp/a.test.js > off',
    '+ tp/a.test.js > flat',
  ])
  expect(read('tape', 'tape.tap')).toEqual(['+ adds > should be strictly equal', '- adds > bad'])
})

test('JUnit of Surefire, Bun and Deno', () => {
  expect(read('junit', 'surefire.xml', 'surefire-nested.xml')).toEqual([
    '+ a.AddTest > n(int)[1]',
    '+ a.AddTest > n(int)[2]',
    '- a.AddTest > bad',
    '/ a.AddTest > off',
    '+ a.AddTest > zero',
    '+ a.AddTest$Deep > inner',
  ])
  expect(read('junit', 'bun.xml')).toEqual([
    '+ t/a.test.ts > adds > zero',
    '- t/a.test.ts > adds > bad <&>',
    '/ t/a.test.ts > adds > off',
    '/ t/a.test.ts > later',
  ])
  expect(read('junit', 'deno.xml')).toEqual([
    '+ t/d_test.ts > zero',
    '- t/d_test.ts > bad',
    '/ t/d_test.ts > off',
    '+ t/d_test.ts > steps',
    '+ t/d_test.ts > steps > one',
  ])
})

test('RSpec, minitest and PHPUnit', () => {
  expect(read('rspec', 'rspec.json')).toEqual([
    '+ spec/a_spec.rb > adds zero',
    '- spec/a_spec.rb > adds bad',
    '/ spec/a_spec.rb > adds off',
    '+ spec/a_spec.rb > adds is expected to eq 1',
  ])
  expect(read('minitest', 'minitest.txt').toSorted()).toEqual([
    '+ AddTest#test_zero',
    '- AddTest#test_bad',
    '/ AddTest#test_off',
  ])
  expect(read('junit', 'phpunit.xml')).toEqual([
    '+ tests/AddTest.php > unit > AddTest > testZero',
    '- tests/AddTest.php > unit > AddTest > testBad',
    '/ tests/AddTest.php > unit > AddTest > testOff',
    '+ tests/AddTest.php > unit > AddTest > AddTest::testRows > testRows with data set "one"',
    '+ tests/AddTest.php > unit > AddTest > AddTest::testRows > testRows with data set "two"',
  ])
})

test('TRX of .NET: classes by the definitions, which come after the results', () => {
  const trx = `<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
<UnitTestResult testId="1" testName="Zero" outcome="Passed"/><UnitTestResult testId="2" testName="App.AddTests.Bad(n: 1)" outcome="Failed"><Output/></UnitTestResult>
<UnitTestResult testId="3" testName="Off" outcome="NotExecuted"/></Results><TestDefinitions>
<UnitTest name="Zero" id="1"><TestMethod className="App.AddTests, App" name="Zero"/></UnitTest><UnitTest name="Bad" id="2"><TestMethod className="App.AddTests" name="Bad"/></UnitTest>
<UnitTest name="Off" id="3"><TestMethod className="App.AddTests" name="Off"/></UnitTest></TestDefinitions></TestRun>`
  expect(lines('trx', trx)).toEqual([
    '+ App.AddTests > Zero',
    '- App.AddTests > Bad(n: 1)',
    '/ App.AddTests > Off',
  ])
})

test('JUnit of GoogleTest and CTest says in attributes what others say in elements', () => {
  const xml = `<testsuites name="AllTests"><testsuite name="Add" disabled="1"><testcase name="Zero" status="run" result="completed" classname="Add"/>
<testcase name="Off" status="notrun" result="suppressed" classname="Add"/><testcase name="Bad" status="fail" classname="Add"/></testsuite></testsuites>`
  expect(lines('junit', xml)).toEqual(['+ Add > Zero', '/ Add > Off', '- Add > Bad'])
})

test('JUnit of Bun for a file in the folder of the command: its name is no suite', () => {
  const xml = `<testsuites name="bun test"><testsuite name="a.test.ts" file="a.test.ts"><testsuite name="adds" file="a.test.ts" line="3">
<testcase name="one" classname="adds" file="a.test.ts"/></testsuite></testsuite></testsuites>`
  expect(lines('junit', xml)).toEqual(['+ a.test.ts > adds > one'])
})

test('TAP: points in braces, points that were planned and did not run, and comments that only look like points', () => {
  const tap = `TAP version 13
ok 1 - outer # time=5ms {
    ok 1 - inner \\# 1
    not ok 2 - bad
    1..2
}
# ok 9 - no
ok then
not ok 2 - known # todo later
1..4
`
  expect(lines('tap', tap)).toEqual([
    '+ outer > inner # 1',
    '- outer > bad',
    '/ known',
    '- (tests that were planned and did not run)',
  ])
})
