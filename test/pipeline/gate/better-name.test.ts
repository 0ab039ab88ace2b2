import fc from 'fast-check'
import { expect, test } from 'vitest'
import { betterName } from '../../../src/pipeline/gate/better-name.ts'
import { gateChanges } from '../../../src/pipeline/gate/gate-changes.ts'
import { pathProblem } from '../../../src/pipeline/gate/paths.ts'
import { windowsProblem } from '../../../src/pipeline/gate/windows-names.ts'
import { atOnce } from '../../../src/time/pieces.ts'
import { changed, withoutFindings } from '../changed-file.ts'

test.each([
  ['nul', 'nul_'],
  ['aux .c', 'aux_.c'],
  ['log-10:00.json', 'log-10-00.json'],
  ['a. /b', 'a/b'],
  ['a\u2028b\u115f.md', 'ab.md'],
  ['exe\u202etxt.js', 'exetxt.js'],
  ['e\u0301?.txt', '\u00e9-.txt'],
  [`${'\u00e9'.repeat(130)}.txt`, `${'\u00e9'.repeat(125)}.txt`],
  [`${'deep-folder/'.repeat(19)}a-very-long-name.ts`, `${'deep-folder/'.repeat(19)}a-very-lo.ts`],
  ['taken?.ts', 'taken--2.ts'],
])('%j could be %j', (path, better) => {
  expect(betterName(path, (one) => one === 'taken-.ts')).toBe(better)
})

test.each([
  '...',
  ' ',
  '.git\u00ad/x',
  `${'deep-folder/'.repeat(25)}a.ts`,
  'd/'.repeat(110),
])('nothing near %j will do', (path) => expect(betterName(path, () => false)).toBeUndefined())

test('what is proposed is always a name that every system can hold, and another one', () => {
  const unit = fc.constantFrom(...'aux.nul /:\u0301\u200d\u202e\t?~git\u00e9\u{1f600}', '.git', 'con')
  const path = fc.string({ unit, minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(path, (name) => {
      const better = betterName(name, () => false)
      if (better === undefined) return
      expect([better === name, pathProblem(better), windowsProblem(better)]).toEqual([
        false,
        undefined,
        undefined,
      ])
    }),
  )
})

test('a file that cannot be beside another one goes into the folder that is there, or gets a number', () => {
  const paths = ['SRC/b.ts', 'src/README.md', 'src/A.ts', 'docs/x/y']
  const report = atOnce(
    gateChanges({
      changes: withoutFindings(paths.map((path) => changed({ path }))),
      baseTree: new Set(['src/a.ts', 'src/a-2.ts', 'src/readme.md', 'docs/x']),
      tainted: false,
    }),
  )
  expect(report.unfit).toEqual([
    '`SRC/b.ts` cannot be beside `src` on every system; `src/b.ts` would do',
    '`src/README.md` cannot be beside `src/readme.md` on every system; `src/README-2.md` would do',
    '`src/A.ts` cannot be beside `src/a.ts` on every system; `src/A-2.ts` would do',
    '`docs/x/y` needs `docs/x` as a file and as a folder',
  ])
})
