import { expect, test } from 'vitest'
import type { CoverageFormat, CoverageText } from '../../../src/verify/line-coverage/read-coverage.ts'
import { readCoverage } from '../../../src/verify/line-coverage/read-coverage.ts'
import { expectLinear } from '../../support/growth.ts'

const ROOT = '/workspace'
const GO = [{ name: 'example.com/m', folder: 'api' }]

/** Lines 1 to 6 of each of these are changed; each has 12. */
const CHANGED = [
  'src/a.js',
  'web/src/a.js',
  'pkg/mod.py',
  'api/lib/lib.go',
  'core/src/main/java/com/ex/Sum.java',
]

function read(
  format: CoverageFormat,
  text: string,
  some: Partial<CoverageText> = {},
  more: readonly string[] = [],
) {
  return readAll([{ format, text, ...some }], more)
}

function readAll(texts: readonly CoverageText[], more: readonly string[] = []) {
  const changed = CHANGED.map((path) => ({ path, lines: [1, 2, 3, 4, 5, 6], total: 12 }))
  const { files } = readCoverage({ texts, root: ROOT, changed, paths: [...CHANGED, ...more], modules: GO })
  return files.map(({ path, run, missed }) => `${path}: ${run.join()} / ${missed.join()}`)
}

const LCOV =
  'TN:\nSF:src/a.js\nDA:2,1\nDA:3,0\nDA:9,1\nend_of_record\nSF:src/other.js\nDA:1,1\nend_of_record\n'

/** As these programs wrote them for small projects, without what is not read. */
const REPORTS = {
  go: `mode: set
example.com/m/lib/lib.go:3.21,4.11 1 1
example.com/m/lib/lib.go:4.11,6.3 1 0
example.com/m/lib/lib.go:3.21,4.11 1 0
example.com/other/lib/lib.go:1.1,2.1 1 0
`,
  coveragePy: `<?xml version="1.0" ?>
<coverage version="7.17.5"><sources><source>/workspace/pkg</source></sources><packages><package name="."><classes>
<class name="mod.py" filename="mod.py"><methods/><lines><line number="1" hits="1"/><line number="3" hits="0"/></lines></class>
<class name="idle.py" filename="idle.py"><lines><line number="1" hits="0"/></lines></class></classes></package></packages></coverage>`,
  jacoco: `<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">
<report name="core"><package name="com/ex"><class name="com/ex/Sum" sourcefilename="Sum.java"><method name="add" desc="(I)I" line="4"><counter type="LINE" missed="0" covered="1"/></method></class>
<sourcefile name="Sum.java"><line nr="4" mi="0" ci="3" mb="0" cb="0"/><line nr="6" mi="2" ci="0" mb="0" cb="0"/></sourcefile></package></report>`,
  clover: `<coverage generated="1"><project><file name="a.js" path="/workspace/src/a.js"><line num="2" count="1" type="stmt"/><line num="3" count="0" type="stmt"/></file></project></coverage>`,
  istanbul: JSON.stringify({
    '/workspace/src/a.js': {
      path: '/workspace/src/a.js',
      statementMap: {
        0: { start: { line: 2 }, end: { line: 7 } },
        1: { start: { line: 3 } },
        2: { start: {} },
      },
      s: { 0: 1, 1: 0, 2: 0 },
    },
  }),
  simplecov: JSON.stringify({
    RSpec: { coverage: { '/workspace/src/a.js': { lines: [null, 1, 0, 'ignored'] } }, timestamp: 1 },
  }),
} as const

test('each tool says which of the changed lines ran', () => {
  expect(read('lcov', LCOV, { folder: '' })).toEqual(['src/a.js: 2 / 3'])
  expect(read('go', REPORTS.go)).toEqual(['api/lib/lib.go: 3,4 / 5,6'])
  expect(read('xml', REPORTS.coveragePy)).toEqual(['pkg/mod.py: 1 / 3'])
  expect(read('xml', REPORTS.jacoco)).toEqual(['core/src/main/java/com/ex/Sum.java: 4 / 6'])
  expect(read('xml', REPORTS.clover)).toEqual(['src/a.js: 2 / 3'])
  expect(read('istanbul', REPORTS.istanbul)).toEqual(['src/a.js: 2 / 3'])
  expect(read('simplecov', REPORTS.simplecov)).toEqual(['src/a.js: 2 / 3'])
})

test('a line was run if one of several reports says so', () => {
  const other = LCOV.replace('DA:3,0', 'DA:3,2\nDA:5,0')
  const texts = [LCOV, other].map((text) => ({ format: 'lcov' as const, text, folder: '' }))
  expect(readAll(texts)).toEqual(['src/a.js: 2,3 / 5'])
})

test.each([
  ['out of the workspace', '../workspace/src/a.js'],
  ['another root', '/app/src/a.js'],
  ['a root that only begins alike', '/workspace2/src/a.js'],
  ['Windows', 'C:\\workspace\\src\\a.js'],
  ['a share', '\\\\host\\src\\a.js'],
  ['too long', `${'./'.repeat(600)}src/a.js`],
  ['no path', ''],
])('a path that leads elsewhere is no file of the change: %s', (_, path) => {
  expect(read('lcov', LCOV.replace('src/a.js', path), { folder: '' })).toEqual([])
})

test('absolute paths, backslashes and dots lead to the file that they mean', () => {
  for (const path of [
    '/workspace/src/a.js',
    'file:///workspace/src/a.js',
    '.\\src\\a.js',
    'x/../src//a.js',
  ]) {
    expect(read('lcov', LCOV.replace('src/a.js', path), { folder: '' })).toEqual(['src/a.js: 2 / 3'])
  }
  expect(read('lcov', LCOV, { folder: 'web' })).toEqual(['web/src/a.js: 2 / 3'])
})

test('a path that may mean two files means none', () => {
  expect(read('lcov', LCOV, { path: 'coverage/lcov.info' })).toEqual(['src/a.js: 2 / 3'])
  expect(read('lcov', LCOV, { path: 'web/coverage/lcov.info' })).toEqual([])
  expect(read('xml', REPORTS.jacoco, {}, ['other/src/main/java/com/ex/Sum.java'])).toEqual([])
})

test.each([
  ['a line beyond the end', 'DA:13,1'],
  ['a line before the start', 'DA:-1,1'],
  ['half a line', 'DA:1.5,1'],
  ['no number', 'DA:x,1'],
])('a report of another file of that name says nothing: %s', (_, line) => {
  expect(read('lcov', LCOV.replace('DA:9,1', line), { folder: '' })).toEqual([])
})

test('a file without a line that ran may have run as a compiled copy; a build of the sources themselves may not', () => {
  expect(read('lcov', LCOV.replaceAll(',1\n', ',0\n'), { folder: '' })).toEqual([])
  expect(read('go', REPORTS.go.replaceAll(' 1 1\n', ' 1 0\n'))).toEqual(['api/lib/lib.go:  / 3,4,5,6'])
})

test('lines of a compiled file are no lines of its source', () => {
  const mapped = REPORTS.istanbul.replace('"path"', '"inputSourceMap":{},"path"')
  expect(read('istanbul', mapped)).toEqual([])
})

test('what is no report counts as none', () => {
  const texts = (['lcov', 'go', 'istanbul', 'simplecov', 'xml'] as const).flatMap((format) =>
    ['', '{}', '[1]', 'null', '<coverage><line', '<testsuite/>', 'DA:1,1', 'x'].map((text) => ({
      format,
      text,
    })),
  )
  const input = { texts, root: ROOT, changed: [], paths: [], modules: [] }
  expect(readCoverage(input)).toEqual({ files: [], reports: 0 })
})

test.each([
  ['lcov', 'SF:src/a.js\n', 'DA:1,1\n', ''],
  ['lcov', '', 'SF:a/b/../src/a.js\n', ''],
  ['lcov', 'SF:', '../', ''],
  ['go', 'mode: set\n', 'example.com/m/lib/lib.go:1.1,12.1 1 1\n', ''],
  ['go', 'mode: set\n', 'a:1', ''],
  ['xml', '<coverage>', '<source>', ''],
  ['xml', '<coverage><source>/workspace', '/', '</source></coverage>'],
  ['xml', '<coverage>', '<class filename="src/a.js"><line number="1" hits="1"/></class>', '</coverage>'],
  ['xml', '<report>', '<sourcefile name="com/ex/Sum.java">', ''],
  ['simplecov', '{"a":{"coverage":{"/workspace/src/a.js":[', '1,', '1]}}}'],
  ['istanbul', '{"a":', '[', ''],
] as const)('%s: the time of %s… grows with its length', (format, before, piece, after) => {
  expectLinear((text) => read(format, `${before}${text}${after}`, { path: 'a/b/c/d/lcov.info' }), piece)
})
