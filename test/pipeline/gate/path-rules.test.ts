import fc from 'fast-check'
import { expect, test } from 'vitest'
import { modeProblem, pathProblem } from '../../../src/pipeline/gate/paths.ts'

test.each([
  'src/index.ts',
  'README',
  'docs/ünïcode/日本語.md',
  'emoji/👩‍💻.txt',
  'a b/c (1).txt',
  '.gitignore',
  '.github/CODEOWNERS',
  'src/.gitkeep',
  'git/config',
  'x.git/config',
  'weird:name',
  'a'.repeat(255),
])('an ordinary name may be published: %j', (path) => {
  expect(pathProblem(path)).toBeUndefined()
})

test.each([
  ['', 'is empty'],
  ['/etc/passwd', 'absolute'],
  ['../x', '".."'],
  ['a/../b', '".."'],
  ['a/./b', '"."'],
  ['a//b', 'empty folder'],
  ['a/', 'empty folder'],
  ['a\\b', 'backslash'],
  ['C:/x', 'Windows drive'],
  ['a\u0000b', 'control'],
  ['a\nb', 'control'],
  ['a\u007fb', 'control'],
  ['a\u009bb', 'control'],
  ['exe\u202etxt.js', 'reordering'],
  ['a\u200bb', 'invisible'],
  ['a\ufffdb', 'invisible'],
  ['a\ud800b', 'Unicode'],
  [`${'a'.repeat(256)}`, '255 bytes'],
  [`${'é'.repeat(128)}`, '255 bytes'],
  ['abcdefghij'.repeat(25).concat('/').repeat(20).slice(0, -1), '4096 bytes'],
  ['a/'.repeat(2050).slice(0, -1), 'more than 100 folders'],
])('%j is refused: %s', (path, reason) => {
  expect(pathProblem(path)).toContain(reason)
})

const dotGit = fc.constantFrom('.git', 'git~1', 'GIT~2', 'gi7eba~1', 'GitMod~3')
const ntfsTail = fc
  .array(fc.constantFrom(' ', '.', '. ', ' .'), { maxLength: 3 })
  .map((tail) => tail.join(''))
const stream = fc.constantFrom('', ':', '::$INDEX_ALLOCATION', ':stream')
const hfsIgnored = fc.constantFrom('', '\u200c', '\u200d')

test('whatever the case, tail, stream or ignored character, a name that opens .git is refused at any depth', () => {
  fc.assert(
    fc.property(
      fc.record({
        name: dotGit,
        upper: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        ignored: hfsIgnored,
        at: fc.nat(4),
        tail: ntfsTail,
        stream,
        folder: fc.constantFrom('', 'a/', 'a/b/'),
        rest: fc.constantFrom('', '/config', '/hooks/post-checkout'),
      }),
      ({ name, upper, ignored, at, tail, stream, folder, rest }) => {
        const cased = [...name].map((c, i) => (upper[i] ? c.toUpperCase() : c.toLowerCase())).join('')
        const hidden = `${cased.slice(0, at)}${ignored}${cased.slice(at)}`
        expect(pathProblem(`${folder}${hidden}${tail}${stream}${rest}`)).toBeDefined()
      },
    ),
  )
})

test('a path that passes stays inside the repository and outside .git however it is read', () => {
  const segment = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 6 }),
    fc.constantFrom('.', '..', '.git', '.GIT ', 'a', '\\', 'src'),
  )
  fc.assert(
    fc.property(
      fc.array(segment, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/')),
      (path) => {
        if (pathProblem(path) !== undefined) return
        const resolved = new URL(path.split('/').map(encodeURIComponent).join('/'), 'file:///root/').pathname
        expect(resolved.startsWith('/root/')).toBe(true)
        expect(path.split('/').some((part) => part.trim().toLowerCase() === '.git')).toBe(false)
      },
    ),
    { numRuns: 2000 },
  )
})

test('only regular files, executable or not, and deletions may be published', () => {
  for (const mode of ['100644', '100755', '000000']) expect(modeProblem(mode)).toBeUndefined()
  expect(modeProblem('120000')).toContain('symbolic link')
  expect(modeProblem('160000')).toContain('submodule')
  expect(modeProblem('040000')).toContain('040000')
})
