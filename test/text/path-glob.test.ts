import { expect, test } from 'vitest'
import { createPathGlob } from '../../src/text/path-glob.ts'
import { expectLinear } from '../support/growth.ts'

test.each([
  ['test/fixtures/**', 'test/fixtures/token.json', true],
  ['test/fixtures/**', 'test/fixtures/deep/er/.hidden', true],
  ['test/fixtures/**', 'src/test/fixtures/a', false],
  ['test/fixtures/**', 'test/fixtures-of-others/a', false],
  ['*.json', 'a.json', true],
  ['*.json', 'a/b.json', false],
  ['**/*.json', 'a.json', true],
  ['**/*.json', 'a/b/c.json', true],
  ['**/*.test.*', 'src/a.b.test.ts', true],
  ['src/**/fixtures/*.pem', 'src/fixtures/a.pem', true],
  ['src/**/fixtures/*.pem', 'src/a/b/fixtures/a.pem', true],
  ['src/**/fixtures/*.pem', 'src/a/fixtures/b/a.pem', false],
  ['a?.txt', 'ab.txt', true],
  ['a?.txt', 'a.txt', false],
  ['a?.txt', 'a/.txt', false],
  ['A.txt', 'a.txt', false],
  ['a.txt', 'axtxt', false],
  ['[ab].txt', 'a.txt', false],
  ['{a,b}.txt', '{a,b}.txt', true],
  ['a**', 'abc', true],
  ['a**', 'ab/c', false],
  ['**', 'any/thing', true],
  ['', 'a', false],
  ['a', '', false],
])('the pattern %j and the path %j: %j', (pattern, path, fits) => {
  expect(createPathGlob(pattern)(path)).toBe(fits)
})

test('a pattern made to take long takes no longer for a path of its kind than its length', () => {
  const hostile = createPathGlob(`${'*a'.repeat(90)}b`)
  const folders = createPathGlob(`${'**/a/'.repeat(30)}b`)
  expectLinear((path) => hostile(path), 'a', 8000)
  expectLinear((path) => folders(path), 'a/', 8000)
})
