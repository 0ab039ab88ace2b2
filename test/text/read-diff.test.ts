import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { changedLines, readDiff } from '../../src/text/read-diff.ts'
import { expectLinear } from '../support/growth.ts'

/** What git itself says about a change. */
function gitDiff(before: string, after: string, config = '', options = ''): string {
  const directory = mkdtempSync(join(tmpdir(), 'read-diff-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: directory, GIT_CONFIG_NOSYSTEM: '1' }
  const run = (script: string) =>
    execFileSync('bash', ['-ec', script], { cwd: directory, env, encoding: 'utf8' })
  run('git init -q; git config user.email a@b.c; git config user.name a')
  run(`${before}\ngit add -A; git commit -qm before --allow-empty`)
  run(`${after}\ngit add -A`)
  return run(`git ${config} diff --cached -M ${options}`)
}

const brief = (diff: string) =>
  readDiff(diff).map(({ path, status, binary, hunks }) => [path, status, binary, hunks.length])

test('git’s renames, mode changes, binary files, additions and deletions are read', () => {
  const diff = gitDiff(
    "echo x > gone; seq 20 > old; echo 'echo' > run.sh; printf '\\0a' > image; echo same > moved",
    "rm gone; git mv old new; seq 21 > new; chmod +x run.sh; printf '\\0b' > image; git mv moved there; echo y > made",
  )
  expect(brief(diff)).toEqual([
    ['gone', 'deleted', false, 1],
    ['image', 'modified', true, 0],
    ['made', 'added', false, 1],
    ['new', 'renamed', false, 1],
    ['run.sh', 'modified', false, 0],
    ['there', 'renamed', false, 0],
  ])
  const files = readDiff(diff)
  expect(files[4]?.header).toEqual(['old mode 100644', 'new mode 100755'])
  expect(files[1]?.header).toEqual(['Binary files a/image and b/image differ'])
})

test('a binary patch is binary, and its encoded bytes are left out', () => {
  const diff = gitDiff(
    "printf '\\0a' > image",
    'head -c 3000 /dev/zero > image; echo t > text',
    '',
    '--binary',
  )
  expect(brief(diff)).toEqual([
    ['image', 'modified', true, 0],
    ['text', 'added', false, 1],
  ])
  expect(readDiff(diff)[0]?.header).toEqual(['GIT binary patch'])
})

test.each([
  'a name with spaces.txt',
  'x b/y b/x b',
  'ünïcode-✨.txt',
  'tab\tand"quote.txt',
  'back\\slash.txt',
  'diff --git a b',
])('the path %j is read as git means it', (path) => {
  const quoted = `$'${path.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\t', '\\t')}'`
  const make = `mkdir -p -- "$(dirname -- ${quoted})"; echo 1 > ${quoted}`
  for (const config of ['-c core.quotePath=true', '-c core.quotePath=false']) {
    expect(readDiff(gitDiff('', make, config)).map((file) => file.path)).toEqual([path])
  }
  expect(readDiff(gitDiff(make, `chmod +x ${quoted}`)).map((file) => file.path)).toEqual([path])
})

test('carriage returns stay, and so does the remark on a missing newline', () => {
  const [file] = readDiff(gitDiff("printf 'a\\r\\n\\r\\nb' > f", "printf 'a\\r\\n\\r\\nc' > f"))
  expect(file?.hunks[0]?.lines).toEqual([
    ' a\r',
    ' \r',
    '-b',
    '\\ No newline at end of file',
    '+c',
    '\\ No newline at end of file',
  ])
})

test('lines that look like headers are content where the hunk says so', () => {
  const diff = gitDiff("printf -- '-- x\\n@@ 1\\n' > f", "printf -- '++ y\\ndiff --git a/q b/q\\n' > f")
  const files = readDiff(diff)
  expect(brief(diff)).toEqual([['f', 'modified', false, 1]])
  expect(changedLines(files, '-')).toEqual(['-- x', '@@ 1'])
  expect(changedLines(files, '+')).toEqual(['++ y', 'diff --git a/q b/q'])
})

test('a hunk keeps its own header, with the function that git names', () => {
  const diff = gitDiff('(echo "int main() {"; seq 20) > a.c', 'sed -i s/15/x/ a.c')
  expect(readDiff(diff)[0]?.hunks[0]).toMatchObject({
    header: '@@ -13,7 +13,7 @@ int main() {',
    newStart: 13,
  })
})

test('a diff without git’s headers is read, several files too', () => {
  const diff = '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-1\n+2\n--- old/y\t2026\n+++ new/y\t2026\n@@ -0,0 +1 @@\n+3\n'
  expect(brief(diff)).toEqual([
    ['x', 'modified', false, 1],
    ['new/y', 'modified', false, 1],
  ])
})

test('wherever a diff is cut off, what is left is read, and the notes are kept', () => {
  const diff = gitDiff('seq 30 > a; seq 30 > b', 'sed -i "s/^3$/x/; s/^28$/y/" a; sed -i s/1/z/ b')
  for (let end = 0; end <= diff.length; end++) readDiff(diff.slice(0, end))
  const cut = `${diff.slice(0, diff.indexOf('+y'))}(2 more lines of this diff are not shown)\n`
  const [file, ...others] = readDiff(cut)
  expect(others).toEqual([])
  expect(changedLines(file ? [file] : [], '-')).toEqual(['3', '28'])
  expect(file?.notes).toEqual(['(2 more lines of this diff are not shown)'])
})

test('a hunk with other lines than its header counts is read by its lines', () => {
  const masked = 'diff --git a/k b/k\n--- a/k\n+++ b/k\n@@ -1,4 +1,9 @@ key\n-[masked]\n+two\n+three\n'
  expect(readDiff(masked)[0]?.hunks).toEqual([
    { header: '@@ -1,4 +1,9 @@ key', newStart: 1, lines: ['-[masked]', '+two', '+three'] },
  ])
})

test('the changed lines are read also where the name of the file breaks its headers', () => {
  const name = 'x\n--- y\n@@ z'
  const diff = `diff --git a/${name} b/${name}\n--- a/${name}\n+++ b/${name}\n@@ -1 +1 @@\n-old\n+new\n`
  expect(changedLines(readDiff(diff), '+')).toEqual(['new'])
  expect(changedLines(readDiff(diff), '-')).toEqual(['old'])
})

test('text that is no diff has no files', () => {
  for (const text of ['', '\n', 'no diff at all', '@@ nothing @@', '--- \n+++ \n', '+a\n-b\n']) {
    expect(readDiff(text)).toEqual([])
  }
})

test.each([
  ['headers of hunks', '@@ -1 +1 @@\n'],
  ['headers of files', 'diff --git a/x b/x\n'],
  ['names of files', '--- a/x\n+++ b/x\n'],
  ['files', '--- a\n+++ b\n@@ -1 +1 @@\n-1\n+2\n'],
  ['files of git', 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n-1\n+2\n'],
  ['one long hunk header', '@@ -1 +1 @@'],
  ['digits', '1'],
  ['parts of a git header', ' b/'],
  ['octal escapes', '\\303'],
  ['revisions', ' -r a'],
])('reading takes work in proportion to the text: %s', (_what, piece) => {
  for (const start of [
    '',
    'diff --git a/',
    'diff --git "a/',
    '@@ -',
    'diff',
    '--- a\n+++ b\n@@ -1,9 +1,9 @@\n',
  ]) {
    expectLinear((text) => readDiff(start + text), piece, 80_000)
  }
})
