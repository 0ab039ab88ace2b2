import { expect, test } from 'vitest'
import { codeOwnersOf } from '../../../src/agent/dummy/owners.ts'
import { expectLinear } from '../../support/growth.ts'

test.each([
  ['*', 'src/a.ts', true],
  ['*.js', 'src/deep/a.js', true],
  ['*.js', 'src/a.jsx', false],
  ['/docs/', 'docs/api/a.md', true],
  ['/docs/', 'src/docs/a.md', false],
  ['docs/', 'src/docs/a.md', true],
  ['docs/', 'docs', false],
  ['docs/*', 'docs/a.md', true],
  ['docs/*', 'docs/api/a.md', false],
  ['/src', 'src/deep/a.ts', true],
  ['src/**/a.ts', 'src/a.ts', true],
  ['src/**/a.ts', 'src/one/two/a.ts', true],
  ['.github', '.github/workflows/ci.yml', true],
  ['[ab].ts', 'a.ts', false],
])('the pattern %s and the path %s: %s', (pattern, path, owns) => {
  expect(codeOwnersOf({ text: `${pattern} @acme/team`, paths: [path] })).toEqual(owns ? ['@acme/team'] : [])
})

test('the last line that matches decides, and may name no owner', () => {
  const text = '* @a # all\n# /src @x\n/src @b @c\n/src/free\n'
  expect(codeOwnersOf({ text, paths: ['README.md', 'src/a.ts', 'src/free/b.ts'] })).toEqual([
    '@a',
    '@b',
    '@c',
  ])
})

test.each(['*a', '**/', '?*', '*'])('a pattern of many %j takes no longer than its length', (unit) => {
  expectLinear((text) => codeOwnersOf({ text: `${text}b @a`, paths: ['a'.repeat(250)] }), unit, 200)
})
