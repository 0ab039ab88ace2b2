import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gateChanges } from '../../../src/pipeline/gate/gate-changes.ts'
import { windowsProblem } from '../../../src/pipeline/gate/windows-names.ts'
import { atOnce } from '../../../src/time/pieces.ts'
import { changed, withoutFindings } from '../changed-file.ts'

const gate = (files: Parameters<typeof changed>[0][], baseTree: readonly string[] = ['src/a.ts']) =>
  atOnce(
    gateChanges({
      changes: withoutFindings(files.map(changed)),
      baseTree: new Set(baseTree),
      tainted: false,
    }),
  )

test.each([
  'nul',
  'NUL',
  'Aux.ts',
  'src/con.tar.gz',
  'prn/readme.md',
  'com1.txt',
  'LPT9',
  'com².log',
  'nul .txt',
  'CONOUT$',
  'log-10:00.json',
  'what?.md',
  'a*b',
  'a|b',
  '<generated>.ts',
  'say "hi".txt',
  'trailing.',
  'trailing ',
  'folder./file.ts',
  `${'deep-folder/'.repeat(25)}file.ts`,
])('a new file that Windows cannot hold is left out, named, and makes a draft: %j', (path) => {
  const report = gate([{ path }, { path: 'src/b.ts' }])
  expect(report.publish.map((file) => file.path)).toEqual(['src/b.ts'])
  expect(report.withheld.map((file) => file.path)).toEqual([path])
  expect(report.draft).toBe(true)
  expect(report.reasons[0]).toContain('a clone on Windows would fail')
  expect(report.reasons[0]).toContain(path.slice(0, 90).replaceAll('|', '\\u{7c}'))
})

test.each([
  'null.ts',
  'auxiliary.ts',
  'console.ts',
  'con-fig',
  'com10.txt',
  'common/lpt.ts',
  '.nul',
  'src/my.aux.ts',
  "it's (1) [ok] {x} #1 %2 & ~.md",
  '.gitignore',
  '日本語.md',
  `${'deep-folder/'.repeat(19)}file.ts`,
])('Windows can hold %j', (path) => {
  expect(windowsProblem(path)).toBeUndefined()
  expect(gate([{ path }])).toMatchObject({ withheld: [], draft: false })
})

test('a repository that has such names already may have them changed, removed and renamed away', () => {
  const base = ['src/aux.ts', 'logs/10:00.json', 'c:/x', 'a\\b', 'bad\tname', 'nul']
  const files = [
    { path: 'src/aux.ts', status: 'modified' },
    { path: 'logs/10:00.json', status: 'deleted' },
    { path: 'c:/x', status: 'modified' },
    { path: 'a\\b', status: 'modified' },
    { path: 'bad\tname', status: 'modified' },
    { path: 'null.txt', previousPath: 'nul', status: 'renamed' },
  ] as const
  expect(gate([...files], base)).toMatchObject({ withheld: [], draft: false, publish: { length: 6 } })
})

test('a new file in a folder that Windows cannot hold already is published; one with a bad name of its own is not', () => {
  const report = gate([{ path: 'aux/new.ts' }, { path: 'aux/new?.ts' }], ['aux/old.ts'])
  expect(report.publish.map(({ path }) => path)).toEqual(['aux/new.ts'])
  expect(report.withheld.map(({ path }) => path)).toEqual(['aux/new?.ts'])
})

test('a rename to such a name is left out as a whole: the old file stays', () => {
  const report = gate([{ path: 'con.ts', previousPath: 'src/a.ts', status: 'renamed' }])
  expect(report).toMatchObject({ publish: [], withheld: [{ path: 'con.ts', previousPath: 'src/a.ts' }] })
})

test('a name that leads into .git is refused, whatever else is wrong with it', () => {
  expect(() => gate([{ path: '.git::$INDEX_ALLOCATION/config' }])).toThrow()
  expect(() => gate([{ path: '.git:x', status: 'modified' }], ['.git:x'])).toThrow()
})

test('no name of letters, digits and single inner dots is refused, unless it is a device', () => {
  const word = fc.stringMatching(/^[a-z0-9_-]{5,20}$/)
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
      expect(windowsProblem(words.join('.'))).toBeUndefined()
    }),
  )
})
