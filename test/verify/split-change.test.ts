import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { roleOf } from '../../src/checks/file-roles.ts'
import { packChecks, unpackChecks } from '../../src/verify/pack-checks.ts'
import { hunksOf, onChange, takeBack } from '../../src/verify/source-hunks.ts'
import { splitChange } from '../../src/verify/split-change.ts'
import type { VerifiedFile } from '../../src/verify/verified-file.ts'
import { expectLinearWork } from '../support/growth.ts'
import { collected } from './collected.ts'
import { checkOf } from './named-checks.ts'

const lines = (count: number, end = '\n') => Array.from({ length: count }, (_, at) => `line ${at + 1}${end}`)

/** Replaces whole lines, counted from 1. */
function edit(text: readonly string[], edits: Readonly<Record<number, string>>): string {
  return text.map((line, at) => edits[at + 1] ?? line).join('')
}

function withoutEach(file: VerifiedFile): (string | null | undefined)[] {
  return hunksOf(file).map((hunk) => {
    const [state] = takeBack([hunk]) ?? []
    return state?.bytes === null ? null : Buffer.from(state?.bytes ?? []).toString()
  })
}

test.each(['\n', '\r\n'])('each hunk is taken back alone, byte by byte (%j)', (end) => {
  const base = lines(40, end)
  const [two, thirty] = [`two${end}2b${end}`, '']
  const file = collected('a.ts', base.join(''), edit(base, { 2: two, 30: thirty, 40: 'the last has no end' }))
  expect(withoutEach(file)).toEqual([
    edit(base, { 30: thirty, 40: 'the last has no end' }),
    edit(base, { 2: two, 40: 'the last has no end' }),
    edit(base, { 2: two, 30: thirty }),
  ])
  expect(hunksOf(file).map(({ from, to, size }) => [from, to, size])).toEqual([
    [2, 3, 3],
    [30, 30, 1],
    [40, 40, 2],
  ])
  const [all] = takeBack(hunksOf(file)) ?? []
  expect(Buffer.from(all?.bytes ?? []).toString()).toBe(base.join(''))
})

test('a file without a last line end, bytes that are no text, and a whole file that is new or gone', () => {
  expect(withoutEach(collected('a.ts', 'one\ntwo', 'one\ntwo\n'))).toEqual(['one\ntwo'])
  expect(withoutEach(collected('a.ts', 'one', 'two'))).toEqual(['one'])
  expect(withoutEach(collected('a.ts', null, 'new\n'))).toEqual([null])
  expect(withoutEach(collected('a.ts', 'gone\n', null))).toEqual(['gone\n'])
  expect(withoutEach(collected('a.ts', '', 'now it has text\n'))).toEqual([''])
  const binary = collected('a.wasm', 'a\0b', 'a\0c')
  expect(withoutEach(binary)).toEqual(['a\0b'])
  const cut = collected('a.ts', 'x\n', 'y\n', {
    diff: '@@ -1,1 +1,1 @@\n-x\n(1 more lines of this diff are not shown)\n',
  })
  expect(withoutEach(cut)).toEqual(['x\n'])
})

test('a renamed file goes back to its earlier name; bytes that were not read cannot come back', () => {
  const renamed = collected('new.ts', 'a\n', 'b\n', { previousPath: 'old.ts', status: 'renamed' })
  const [hunk] = hunksOf(renamed)
  expect(hunk && takeBack([hunk])?.map(({ path, bytes }) => [path, bytes?.toString()])).toEqual([
    ['new.ts', undefined],
    ['old.ts', 'a\n'],
  ])
  expect(onChange(renamed).map(({ path, bytes }) => [path, bytes?.toString()])).toEqual([
    ['old.ts', undefined],
    ['new.ts', 'b\n'],
  ])
  expect(takeBack(hunksOf({ ...renamed, before: undefined }))).toBeUndefined()
})

test('a change is taken apart into source and the rest', () => {
  const files = [
    collected('src/a.ts', lines(30).join(''), edit(lines(30), { 1: 'A\n', 25: 'B\nC\nD\n' })),
    collected('src/a.test.ts', 'x\n', 'y\n'),
    collected('test/data/in.json', '1\n', '2\n'),
    collected('package.json', '{}\n', '{ }\n'),
    collected('README.md', 'x\n', 'y\n'),
    collected('gone.test.ts', 'x\n', null),
  ]
  const split = splitChange(files)
  expect(split.source.map(({ file, from }) => [file.path, from])).toEqual([
    ['src/a.ts', 25],
    ['src/a.ts', 1],
  ])
  expect(split.rest.map(({ path }) => path)).toEqual(files.slice(1).map(({ path }) => path))
  expect(split).toMatchObject({ hasTests: true, testFiles: ['src/a.test.ts'] })
})

test('where nothing is source, data that a program may read is', () => {
  const data = collected('data/limits.json', '1\n', '2\n')
  expect(splitChange([data]).source).toHaveLength(1)
  expect(splitChange([collected('package.json', '1\n', '2\n')]).source).toEqual([])
  expect(splitChange([collected('.github/workflows/ci.yml', '1\n', '2\n')]).source).toEqual([])
  expect(splitChange([data, collected('a.go', '1\n', '2\n')]).source.map(({ file }) => file.path)).toEqual([
    'a.go',
  ])
})

test('a Rust file with its own tests is taken apart by hunk', () => {
  const base = [...lines(20), '#[cfg(test)]\n', 'mod tests {\n', ...lines(10), '}\n']
  const after = edit(base, { 3: 'fixed\n', 28: '#[test] fn new() {}\n' })
  const split = splitChange([collected('src/lib.rs', base.join(''), after)])
  expect(split.source.map(({ from }) => from)).toEqual([3])
  expect(split.rest.map(({ bytes }) => bytes?.toString())).toEqual([
    edit(base, { 28: '#[test] fn new() {}\n' }),
  ])
  expect(split).toMatchObject({ hasTests: true, testFiles: ['src/lib.rs'] })
})

test('in Rust, what is tests alone ends with its brace; a test module in another file is none', () => {
  const base = [
    '#[cfg(test)]\n',
    'mod tests;\n',
    'pub fn one() {}\n',
    '  #[cfg(all(test, feature = "x"))]\n',
    '  #[allow(unused)]\n',
    '  fn helper(\n',
    '  ) -> u8 {\n',
    '    1\n',
    '  }\n',
    'pub fn two() {}\n',
    '#[cfg(test)] use std::io;\n',
    'pub fn three() {}\n',
  ]
  const after = edit(base, {
    3: 'fixed\n',
    8: '    2\n',
    10: 'fixed\n',
    11: '#[cfg(test)] use std::fs;\n',
    12: 'fixed\n',
  })
  const sourceOf = (path: string, text: string) =>
    splitChange([collected(path, base.join(''), text)]).source.map(({ from, to }) => [from, to])
  expect(sourceOf('src/lib.rs', edit(base, { 3: 'fixed\n' }))).toEqual([[3, 3]])
  expect(sourceOf('src/lib.rs', edit(base, { 8: '    2\n' }))).toEqual([])
  expect(sourceOf('src/lib.rs', after)).not.toEqual([])
  expect(sourceOf('src/lib.rs', edit(base, { 12: 'fixed\n' }))).toEqual([[12, 12]])
  expect(sourceOf('src/lib.rs', `#![cfg(test)]\n${edit(base, { 12: 'fixed\n' })}`)).toEqual([])
})

test.each([
  ['test', 'tests/a.py src/a_test.go a.spec.ts testdata/x.bin src/__snapshots__/a.snap'],
  [
    'configuration',
    'package.json Cargo.lock go.mod go.sum tsconfig.json vite.config.ts .github/x.sh Makefile logo.png',
  ],
  ['configuration', 'requirements.txt setup.py pom.xml build.gradle.kts requirements/dev.txt'],
  ['text', 'README.md docs/a.rst LICENSE notes.txt'],
  ['source', 'src/a.ts lib/a.rb a.vue style.css query.sql bin/run contest/a.py model.mod.rs'],
])('%s: %s', (role, paths) => {
  expect(paths.split(' ').map(roleOf)).toEqual(paths.split(' ').map(() => role))
})

/** The work of taking a change apart grows with its size alone, whatever its lines are. */
test.each([
  '\n',
  'a\n',
  'x',
  '\r\n',
])('S12: a file of a million %j is taken apart in linear time', async (unit) => {
  await expectLinearWork(
    (text) => {
      const hunks = Array.from(
        { length: 500 },
        (_, at) => `@@ -${at * 20 + 1},1 +${at * 20 + 1},1 @@\n-a\n+b\n`,
      )
      const mark = '#[cfg(test)]\n'
      const file: VerifiedFile = {
        ...{ path: 'src/lib.rs', status: 'modified' as const, mode: '100644' },
        ...{
          sha: 'x',
          diff: hunks.join(''),
          before: Buffer.from(text + mark),
          bytes: Buffer.from(text + mark),
        },
      }
      return splitChange([file, { ...file, path: 'a.py', diff: 'Binary files differ' }])
    },
    unit,
    1024 * 1024 - 100,
  )
})

test('S12: a large file is taken back as a whole, without counting its lines', () => {
  const large = Buffer.alloc(1024 * 1024 + 1, '\n')
  const file = collected('src/a.ts', 'a\nb\n', 'a\nc\n', { bytes: large })
  expect(hunksOf(file).map(({ from, to, place }) => [from, to, place])).toEqual([[1, 1, undefined]])
  expect(withoutEach(file)).toEqual(['a\nb\n'])
})

test('packed checks are bounded together: what is too much has no names', async () => {
  const random = () =>
    Array.from({ length: 20_000 }, () => ({
      name: randomBytes(30).toString('hex'),
      status: 'passed' as const,
    }))
  const checks = [
    checkOf(0, '+a'),
    { ...checkOf(0), tests: random() },
    { ...checkOf(0), tests: random() },
    checkOf(0, '+b'),
  ]
  const kept = await unpackChecks(await packChecks(checks))
  expect(kept.map(({ tests }) => tests?.length)).toEqual([1, 20_000, undefined, 1])
})
