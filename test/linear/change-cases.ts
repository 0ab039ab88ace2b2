import { diffGuard } from '../../src/checks/diff-guard.ts'
import { describePatch } from '../../src/pipeline/checkpoint/patch.ts'
import { diffFile, replacedFile } from '../../src/pipeline/collect/diff-file.ts'
import { parseRawChanges } from '../../src/pipeline/collect/raw-changes.ts'
import { maskDiff } from '../../src/pipeline/gate/mask-diff.ts'
import { pathCollisions, pathProblem } from '../../src/pipeline/gate/paths.ts'
import { newWindowsProblems, windowsProblem } from '../../src/pipeline/gate/windows-names.ts'
import { showPath } from '../../src/text/show-path.ts'
import { atOnce } from '../../src/time/pieces.ts'
import { FEW_UNITS } from './hostile-units.ts'
import type { LinearCase } from './linear-case.ts'

const FILE = 1024 * 1024

const changed = (before: string, after: string) => ({
  ...{ path: 'a.txt', mode: '100644', oldMode: '100644' },
  ...{ before: Buffer.from(before), bytes: Buffer.from(after) },
})

const PATCH_START = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1,9 @@\n'

function refused(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

/** As many as are looked for in one file. */
function secretsIn(text: string) {
  const found = [...text.matchAll(/secret/g)].slice(0, 2000)
  return found.map(({ index }) => ({ start: index, end: index + 6, line: 1 }))
}

/** Removed and added lines in an existing test. */
function edited(path: string, { head, lines }: { readonly head: string; readonly lines: string }) {
  const diff = `diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n ${head}\n${lines}\n     assert xs\n`
  return diffGuard([{ path, status: 'modified', diff }])
}

/** Each line in the place of one that is a little different. */
function replaced(path: string, text: string) {
  const lines = text.split('\n')
  const body = [...lines.map((line, at) => `-${line} ${at}`), ...lines.map((line, at) => `+ ${line} ${at}.`)]
  return diffGuard([
    {
      path,
      status: 'modified',
      diff: `diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n${body.join('\n')}\n`,
    },
  ])
}

/** What the host reads out of a sandbox: changed files, their names and their diffs. */
export const CHANGE_CASES: readonly LinearCase[] = [
  {
    file: 'pipeline/collect/diff-file.ts',
    name: 'a search that gives up',
    limit: 16_000,
    work: (t) => diffFile(changed(`a\n${t}`, `${t}\nb`), 200),
  },
  {
    file: 'pipeline/collect/diff-file.ts',
    name: 'replacedFile',
    limit: FILE,
    units: FEW_UNITS,
    work: (t) => replacedFile(changed(t, `${t}b`)),
  },
  {
    file: 'pipeline/collect/raw-changes.ts',
    name: 'a list of files',
    limit: FILE,
    units: [`:000000 100644 ${'0'.repeat(40)} ${'a'.repeat(40)} A\0name\0`, 'a', '\0'],
    work: (t) => refused(() => parseRawChanges(Buffer.from(t), 2000)),
  },
  {
    file: 'pipeline/checkpoint/patch.ts',
    name: 'describePatch',
    limit: FILE,
    units: ['diff --git a/x b/x\n', '+a\n', '@@ -1 +1 @@\n', 'a'],
    work: (t) => describePatch(Buffer.from(`${PATCH_START}${t}`)),
  },
  {
    file: 'pipeline/gate/mask-diff.ts',
    name: 'a secret in every few characters',
    limit: FILE,
    units: ['secret ', 'secret\n', '+secret\n+'],
    work: (t) => maskDiff(`${PATCH_START}+${t.slice(0, 60_000)}`, { text: t, ranges: secretsIn(t) }),
  },
  { file: 'pipeline/gate/paths.ts', name: 'a path', limit: 4096, work: pathProblem },
  { file: 'text/show-path.ts', name: 'a path', limit: 4096, work: showPath },
  {
    file: 'pipeline/gate/path-tree.ts',
    name: 'deep folders',
    limit: 64_000,
    units: ['a/', 'A/', 'é/', '//'],
    work: (t) => atOnce(pathCollisions([], new Set([t]))),
  },
  { file: 'pipeline/gate/windows-names.ts', name: 'a path', limit: 4096, work: windowsProblem },
  {
    file: 'pipeline/gate/windows-names.ts',
    name: 'deep folders',
    limit: 64_000,
    units: ['a/', 'nul/'],
    work: (t) => atOnce(newWindowsProblems([], [t])),
  },
  ...[
    { path: 'tests/a.rs', units: ['#[test]\n'] },
    { path: 'tests/test_a.py', units: ['def test_a():\n', 'return\n'] },
    { path: 'vitest.config.ts', units: ['{ a: 1,\n'] },
  ].map(({ path, units }) => ({
    file: 'checks/diff-guard.ts',
    name: `replaced lines of ${path}`,
    limit: 64_000,
    units,
    work: (t: string) => replaced(path, t),
  })),
  ...[
    {
      path: 'tests/test_a.py',
      head: 'def test_a():',
      units: [
        '-    f(xs)\n+    xs.append(1)\n',
        '-    assert xs == 1\n+    for x in xs:\n+        assert x\n',
        '-    assert xs\n+def a():\n+    return\n',
      ],
    },
    {
      path: 'a.test.ts',
      head: "test('a', () => {",
      units: ['-    { a: "abcd", b: 1 },\n+    a: "abcd",\n', '-    ["abcd", 1],\n+    "abcd",\n'],
    },
    {
      path: 'Makefile',
      head: 'all:',
      units: ['-\tpytest a.py\n+\tpytest b.py\n', '-test: \n-\tpytest a\n+test: \n+\t-pytest b\n'],
    },
  ].map(({ path, head, units }) => ({
    file: 'checks/diff-guard.ts',
    name: `other lines of ${path}`,
    limit: 128_000,
    units,
    work: (lines: string) => edited(path, { head, lines }),
  })),
]
