import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packReading, unpackReading } from '../../../src/verify/reports/pack-reading.ts'
import { packTests, unpackTests } from '../../../src/verify/reports/pack-tests.ts'
import { type ReportFormat, readReport } from '../../../src/verify/reports/read-report.ts'
import { expectLinear } from '../../support/growth.ts'

const FORMATS = [
  'junit',
  'trx',
  'lines',
  'jest',
  'rspec',
  'tap',
  'tape',
  'go',
  'cargo',
  'unittest',
  'minitest',
] as const satisfies readonly ReportFormat[]
const PLACE = { root: '/workspace', folder: 'api' }
const FOLDER = join(import.meta.dirname, 'fixtures')
const SAMPLES = readdirSync(FOLDER).map((file) => readFileSync(join(FOLDER, file), 'utf8'))

function read(format: ReportFormat, ...texts: readonly string[]) {
  return readReport({ format, texts, place: PLACE })
}

/** Real reports with pieces cut out, doubled and replaced, and text of any kind. */
const pieces = fc.tuple(
  fc.constantFrom(...SAMPLES),
  fc.array(fc.tuple(fc.nat(), fc.nat(200), fc.string({ unit: 'binary' }))),
)
const broken = pieces.map(([sample, edits]) =>
  edits.reduce((text, [at, length, put]) => {
    const start = at % (text.length + 1)
    return text.slice(0, start) + put + text.slice(start + length)
  }, sample),
)

test('no report makes a reader throw, and names are unique, short and on one line', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...FORMATS),
      fc.oneof(broken, fc.string({ unit: 'binary' })),
      (format, text) => {
        const reading = read(format, text)
        if ('problem' in reading) return reading.problem !== ''
        const names = reading.tests.map(({ name }) => name)
        return new Set(names).size === names.length && names.every((name) => isTame(name))
      },
    ),
    { numRuns: 300 },
  )
})

function isTame(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is searched for
  return name.length > 0 && name.length <= 1_000 && name.isWellFormed() && !/[\x00-\x1f]/.test(name)
}

test.each([
  ['junit', '<testsuite>', '<testsuite name="a">', ''],
  ['junit', '<testsuites>', '<testcase name="a b" classname="c"/>', '</testsuites>'],
  ['junit', '<testsuite name="', '&amp;', '"></testsuite>'],
  ['junit', '<testsuite><testcase name="a"><failure>', '<![CDATA[x]]>', '</failure></testcase></testsuite>'],
  ['tap', '', '    not ok 1 - a {\n', ''],
  ['tap', '', '# Subtest: a\n', 'ok 1 - a\n'],
  ['tap', '1..1\nok 1 - a', ' # skip', '\n'],
  ['go', '', '{"Action":"output","Package":"p","Test":"T/a","Output":"x"}\n', ''],
  ['go', '{"Action":"run","Package":"p","Test":"', 'a/', '"}'],
  ['cargo', '     Running a (b)\n', 'test a ... b ', '\n'],
  ['cargo', '     Running a (b)\ntest ', ' (line 1', ' ... ok\n'],
  ['unittest', '', "test_a (m.T.test_a) ... skipped '", '\nRan 1 test in 0\n'],
  ['minitest', '', 'T#a = 1.0 s = ', '.\n'],
  ['jest', '{"a":', '[', ']}'],
  ['lines', '', '{"path":["a"],"status":"passed"}\n', ''],
] as const)('%s: the time of %s… grows with its length', (format, before, piece, after) => {
  expectLinear((text) => read(format, `${before}${text}${after}`), piece)
})

test('XML: nothing is expanded or fetched, and what a document declares is no name', () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>
<testsuite><testcase name="&b;&f;x"/></testsuite>`
  expect(JSON.stringify(read('junit', bomb))).not.toMatch(/aaaa|root:/)
  const odd = '<testsuite><testcase hasOwnProperty="1" __proto__="2" name="a" constructor="3"/></testsuite>'
  expect(read('junit', odd)).toBeDefined()
})

test.each([
  ['junit', '<testsuite><testcase name="a"/>'],
  ['junit', '<testsuite><testcase name="a"></testsuite>'],
  ['jest', '{"testResults": [{"name": "a"'],
  ['rspec', '[]'],
  ['lines', '{"path":["a"],"status":"gone"}'],
  ['tap', 'ok 1 - a\n  ---\n  message: never ends\n'],
  [
    'cargo',
    '     Running unittests src/lib.rs (a)\ntest a ... ok\ntest result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out',
  ],
  ['unittest', 'test_a (m.T.test_a) ... ok\nRan 5 tests in 0.1s\n'],
  ['minitest', 'T#a = 0.01 s = .\n2 runs, 2 assertions, 0 failures'],
] as const)('%s: a report that is not whole has no names (case %#)', (format, text) => {
  expect(read(format, text)).toHaveProperty('problem')
})

test('size and number are bounded', () => {
  const cases = Array.from({ length: 50_001 }, (_, index) => `<testcase name="${index}"/>`)
  expect(read('junit', `<testsuite>${cases.join('')}</testsuite>`)).toMatchObject({
    problem: 'there are more than 50,000 of them',
  })
  expect(read('tap', 'x'.repeat(6_000_000), 'x'.repeat(6_000_000))).toMatchObject({
    problem: 'its report is larger than 10 MiB',
  })
})

test('long names are bounded together', () => {
  const cases = Array.from({ length: 15_000 }, (_, index) => `<testcase name="${index}${'n'.repeat(594)}"/>`)
  expect(read('junit', `<testsuite>${cases.join('')}</testsuite>`)).toMatchObject({
    problem: 'their names are longer than 4 MiB together',
  })
})

test('names lose what is different in every sandbox', () => {
  const text = `<testsuite name="s"><testcase classname="c" file="/workspace/api/t/a.py" name="n[&lt;object at 0x7f3a12bc90&gt;]&#10;/workspace/api/x ${'y'.repeat(2000)}"/></testsuite>`
  expect(read('junit', text)).toMatchObject({
    tests: [
      {
        name: expect.stringMatching(/^api\/t\/a\.py > s > c > n\[<object at 0x…>\] api\/x y+$/),
        file: 'api/t/a.py',
      },
    ],
  })
})

test('a test that is repeated until it passes is mixed, and failed', () => {
  const text = '<testsuite><testcase name="a"><failure/></testcase><testcase name="a"/></testsuite>'
  expect(read('junit', text)).toMatchObject({ tests: [{ name: 'a', status: 'failed' }], mixed: ['a'] })
})

test('a reading comes out of a thread as it was', async () => {
  const text =
    '<testsuite><testcase name="a"><failure/></testcase><testcase name="a"/><testcase name="b"/></testsuite>'
  const reading = read('junit', text)
  expect(await unpackReading(structuredClone(packReading(reading)))).toEqual({
    ...reading,
    printed: undefined,
  })
  expect(await unpackReading(packReading({ problem: 'no' }))).toEqual({ problem: 'no' })
})

test('tests are kept as bytes, and other bytes are no tests', async () => {
  const tests = [
    { name: 'a > ü', file: 'a', status: 'passed' },
    { name: 'b', status: 'failed' },
  ] as const
  const many = Array.from({ length: 5000 }, (_, at) => ({
    ...tests[at % 2 === 0 ? 0 : 1],
    name: `"${at},\\n]`,
  }))
  for (const some of [tests, [], many]) {
    const bytes = await packTests(some)
    expect(await unpackTests(bytes ?? new Uint8Array())).toEqual(some)
  }
  // As earlier versions wrote them.
  expect(await unpackTests(deflateSync(JSON.stringify(tests)))).toEqual(tests)
  expect(await unpackTests(Buffer.from('no'))).toBeUndefined()
})
