import { expect, test } from 'vitest'
import { diffFiles } from '../../../src/web/pages/changes-part.ts'
import { DIFF } from '../a-run.ts'

test('a diff is split into files with their counts and line numbers', () => {
  const files = diffFiles(DIFF)
  expect(files.map(({ path, additions, deletions }) => [path, additions, deletions])).toEqual([
    ['app.js', 2, 1],
    ['test/app.test.js', 3, 0],
  ])
  expect(files[0]?.lines.map(({ kind, number }) => [kind, number])).toEqual([
    ['hunk', undefined],
    ['context', 1],
    ['delete', 2],
    ['add', 2],
    ['add', 3],
    ['context', 4],
    ['context', 5],
    ['context', 6],
  ])
})

test('lines that look like headers are content where the hunk says so', () => {
  const diff = '--- a/x.sql\n+++ b/x.sql\n@@ -1,2 +1,2 @@\n--- a comment\n+++ a comment\n same\n'
  const [file, ...others] = diffFiles(diff)
  expect(others).toEqual([])
  expect(file).toMatchObject({ path: 'x.sql', additions: 1, deletions: 1 })
})

test('deleted, renamed and binary files have their names', () => {
  const diff = [
    'diff --git a/old.txt b/old.txt\ndeleted file mode 100644\n--- a/old.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n',
    'diff --git a/a.txt b/b.txt\nsimilarity index 100%\nrename from a.txt\nrename to b.txt\n',
    'diff --git a/p.png b/p.png\nindex 1..2 100644\nBinary files a/p.png and b/p.png differ\n',
  ].join('')
  expect(diffFiles(diff).map(({ path }) => path)).toEqual(['old.txt', 'b.txt', 'p.png'])
})

test('a diff that was cut off or is none gives what is there', () => {
  expect(diffFiles('')).toEqual([])
  expect(diffFiles('no diff at all')).toEqual([])
  const cut = DIFF.slice(0, DIFF.indexOf('return a + b'))
  expect(diffFiles(cut)).toHaveLength(1)
  expect(diffFiles(`${cut}\n[cut]\n`)[0]?.lines.at(-1)).toMatchObject({ kind: 'note', text: '[cut]' })
})
