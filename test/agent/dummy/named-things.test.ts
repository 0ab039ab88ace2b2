import { expect, test } from 'vitest'
import { findWrittenChanges } from '../../../src/agent/dummy/find-written-changes.ts'
import { codeOwnersOf } from '../../../src/agent/dummy/owners.ts'
import { findNamedThings } from '../../../src/agent/dummy/search-terms.ts'
import { detectStack } from '../../../src/agent/dummy/triage.ts'

const FILES = ['src/parse.ts', 'src/index.ts', 'lib/index.ts', 'docs/guide.md', 'package.json']

function termsOf(text: string, kind: string): string[] {
  return findNamedThings(text, FILES)
    .terms.filter((term) => term.kind === kind)
    .map((term) => term.text)
}

test('files are found by path, by name, and in stack traces', () => {
  const paths = (text: string) => findNamedThings(text, FILES).files

  expect(paths('see src/parse.ts:12')).toEqual([{ path: 'src/parse.ts', line: 12 }])
  expect(paths('parse.ts is broken, e.g. in version 1.5')).toEqual([
    { path: 'src/parse.ts', line: undefined },
  ])
  expect(paths('    at parse (/app/src/parse.ts:3:14)')).toEqual([{ path: 'src/parse.ts', line: 3 }])
  expect(paths('index.ts').map(({ path }) => path)).toEqual(['src/index.ts', 'lib/index.ts'])
  expect(paths('none.ts and https://example.org/a.html')).toEqual([])
})

test('identifiers, errors and words are distinguished', () => {
  expect(termsOf('`Date.parse(x)` and parseDate, MAX_SIZE, run_all, toString()', 'identifier')).toEqual([
    'parse',
    'parseDate',
    'MAX_SIZE',
    'run_all',
    'toString',
  ])
  expect(termsOf("TypeError: Cannot read property 'x' of undefined", 'error')).toEqual([
    'Cannot read property',
  ])
  expect(termsOf('It says "file is too large" here', 'error')).toEqual(['file is too large'])
  expect(termsOf('The crashes when uploading pictures should work', 'word')).toEqual([
    'crash',
    'upload',
    'pictur',
  ])
})

test('hostile text is read in reasonable time', () => {
  const text = `${'a'.repeat(50_000)} ${'a/'.repeat(20_000)} ${'`'.repeat(1000)} ${'_'.repeat(10_000)}`

  expect(findNamedThings(text, FILES).files).toEqual([])
})

test('the last fitting line of CODEOWNERS decides', () => {
  const text =
    '# all\n* @acme/all\n*.md @acme/docs # words\n/src/ @acme/core\napps/ @acme/apps\n/build/*.log\n'

  expect(codeOwnersOf({ text, paths: ['lib/a.ts'] })).toEqual(['@acme/all'])
  expect(codeOwnersOf({ text, paths: ['docs/guide.md'] })).toEqual(['@acme/docs'])
  expect(codeOwnersOf({ text, paths: ['src/deep/a.ts'] })).toEqual(['@acme/core'])
  expect(codeOwnersOf({ text, paths: ['x/apps/a.ts'] })).toEqual(['@acme/apps'])
  expect(codeOwnersOf({ text, paths: ['build/a.log'] })).toEqual([])
  expect(codeOwnersOf({ text: `${'*a'.repeat(50)} @x`, paths: ['a'.repeat(100)] })).toEqual(['@x'])
})

test('stacks are recognised by their manifests, those at the root first', () => {
  expect(detectStack(['sub/deep/package.json', 'web/package.json', 'go.mod'])).toEqual([
    { stack: 'Node.js', manifest: 'web/package.json' },
    { stack: 'Go', manifest: 'go.mod' },
  ])
})

test('quoted blocks and blocks without a place are no changes', () => {
  const diff = '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b'
  const quoted = `\`\`\`diff\n${diff}\n\`\`\``.replaceAll(/^/gm, '> ')

  expect(findWrittenChanges([quoted, '```js\nfoo()\n```', '    indented path=a.js'])).toEqual([])
})

test('a block is found once, wherever it is', () => {
  const text = '- item\n\n  ```ts path="src/my file.ts"\n  const a = 1\n  ```\n'

  expect(findWrittenChanges([text, text])).toEqual([
    { kind: 'file', path: 'src/my file.ts', content: 'const a = 1\n' },
  ])
})

test('a suggestion must say which lines it replaces', () => {
  expect(findWrittenChanges(['```suggestion\nx\n```'])).toMatchObject([{ kind: 'unusable' }])
  expect(findWrittenChanges(['```suggestion path=a.ts lines=3-5\nx\n```'])).toEqual([
    { kind: 'suggestion', path: 'a.ts', from: 3, to: 5, content: 'x' },
  ])
})
