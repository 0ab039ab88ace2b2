import { expect, test } from 'vitest'
import { changedLinesOf } from '../../../src/verify/line-coverage/changed-lines.ts'
import { coverageFacts } from '../../../src/verify/line-coverage/coverage-facts.ts'
import type { VerifiedFile } from '../../../src/verify/verified-file.ts'
import { expectLinear } from '../../support/growth.ts'

function fileOf(path: string, text: string, some: Partial<VerifiedFile> = {}): VerifiedFile {
  return { path, status: 'added', mode: '100644', bytes: Buffer.from(text), sha: null, diff: '', ...some }
}

test('changed lines are those of source that may hold code', () => {
  const code = `// hm
/* hm */ run()
/*
 * hm
 */

export const é = () => {
})
  *[Symbol.iterator]() {}
`
  expect(changedLinesOf([fileOf('src/a.ts', code)])).toEqual([
    { path: 'src/a.ts', lines: [2, 7, 9], total: 10 },
  ])
  const others = ['test/a.test.ts', 'README.md', 'package.json', 'src/style.css', 'a.config.ts']
  expect(changedLinesOf(others.map((path) => fileOf(path, code)))).toEqual([])
  expect(changedLinesOf([fileOf('src/gone.ts', '', { status: 'deleted', bytes: null })])).toEqual([])
})

test('an edited file counts by its diff; one whose diff was cut off is not known', () => {
  const diff = `diff --git a/src/a.ts b/src/a.ts
--- a/src/a.ts
+++ b/src/a.ts
@@ -1,3 +1,4 @@
 a()
-b()
+c()
+d()
 e()
@@ -8,1 +9,2 @@
 f()
+g()
`
  const text = 'x()\n'.repeat(10)
  expect(changedLinesOf([fileOf('src/a.ts', text, { status: 'modified', diff })])[0]?.lines).toEqual([
    2, 3, 10,
  ])
  const cut = `${diff}(12 more lines of this diff are not shown)\n`
  expect(
    changedLinesOf([fileOf('src/a.ts', text, { status: 'modified', diff: cut })])[0]?.lines,
  ).toBeUndefined()
})

test('S12: large files are not measured, and no line of a file becomes a string that is not asked for', () => {
  const large = fileOf('src/a.js', '\n'.repeat(1024 * 1024 + 1))
  expect(changedLinesOf([large])).toEqual([{ path: 'src/a.js', lines: undefined, total: 0 }])
  const many = Array.from({ length: 9 }, (_, at) => fileOf(`src/${at}.js`, 'run()\n'.repeat(170_000)))
  expect(changedLinesOf(many).map(({ lines }) => lines !== undefined)).toEqual([
    ...Array(8).fill(true),
    false,
  ])
})

test('tests inside of a file of Rust are no source', () => {
  const text = 'pub fn one() {}\n#[cfg(test)]\nmod tests {\n  fn two() {}\n}\n'
  expect(changedLinesOf([fileOf('src/lib.rs', text)])[0]?.lines).toEqual([1])
})

test.each([
  ' ',
  '*',
  '/*',
  '/* */',
  '{ ',
  "'",
])('a line of %j takes time that grows with its length', (piece) => {
  expectLinear((text) => changedLinesOf([fileOf('a.js', text)]), piece)
  expectLinear((text) => changedLinesOf([fileOf('a.js', `${text}\n`)]), `${piece.repeat(900)}\n`)
})

test('facts: lines that ran, the first places that did not, and files that no report names', () => {
  const changed = ['a', 'b', 'c'].map((path) => ({ path, lines: [1, 2, 3, 4], total: 9 }))
  const reading = {
    files: [
      { path: 'b', run: [1], missed: [2, 3] },
      { path: 'a', run: [], missed: [1, 3] },
    ],
    reports: 1,
  }
  expect(coverageFacts(changed, [reading])).toEqual({
    lines: 5,
    run: 1,
    missed: [
      { path: 'a', from: 1, to: 1 },
      { path: 'a', from: 3, to: 3 },
      { path: 'b', from: 2, to: 3 },
    ],
    unmeasured: { count: 1, names: ['c'] },
  })
  expect(coverageFacts(changed, [{ files: [], reports: 0 }])).toMatchObject({
    lines: 0,
    reason: "the repository's tool gives none",
  })
  expect(coverageFacts([], [reading])).toBeUndefined()
})
