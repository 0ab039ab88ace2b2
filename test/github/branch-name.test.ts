import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BackspaceError } from '../../src/errors.ts'
import { isBranchName } from '../../src/github/branches.ts'
import { parseCodeRequest } from '../../src/triggers/code-request.ts'

/** Outside a repository, where Git expands neither `@{-1}` nor `@{upstream}`. */
function gitAllows(name: string): boolean {
  const { status } = spawnSync('git', ['check-ref-format', '--branch', name], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, GIT_CEILING_DIRECTORIES: '/' },
  })
  return status === 0
}

const PARTS = [
  ...['-', '--', '.', '..', '/', '//', '@', '{', '}', '@{', '@{-1}', '.lock', 'lock', 'HEAD', 'refs/heads/'],
  ...['~', '^', ':', '?', '*', '[', ']', '\\', ' ', '\t', '\n', '\r', '\u0001', '\u001f', '\u007f', '"', "'"],
  ...['\u0080', '\u0085', '\u00a0', '\u00ad', '\u200b', '\u2028', '\u2029', '\u3000', '\ufeff', '\ue0b0'],
  ...[
    'a',
    'main',
    'é',
    'ß',
    '中',
    '😀',
    '$',
    '%',
    '&',
    '(',
    ')',
    '+',
    ',',
    ';',
    '<',
    '=',
    '>',
    '|',
    '`',
    '!',
  ],
]

test('a name is a branch name exactly when Git says so', () => {
  const pieces = fc.array(
    fc.oneof(fc.constantFrom(...PARTS), fc.string({ unit: 'grapheme', maxLength: 3 })),
    {
      maxLength: 6,
    },
  )
  const name = pieces.map((parts) => parts.join('').replaceAll('\0', ''))
  fc.assert(
    fc.property(
      name.filter((text) => text !== '@'),
      (text) => {
        expect([text, isBranchName(text)]).toEqual([text, gitAllows(text)])
      },
    ),
    { numRuns: 400 },
  )
})

test('each of these parts is judged as Git judges it, alone, in front, within and behind', () => {
  for (const part of PARTS.filter((text) => text !== '@')) {
    for (const name of [part, `${part}a`, `a${part}b`, `a${part}`, `a/${part}`, `${part}/a`]) {
      expect([name, isBranchName(name)]).toEqual([name, gitAllows(name)])
    }
  }
})

test('what Git cannot be asked for, or what it reads as HEAD, is no branch name', () => {
  for (const name of ['@', 'a\0b', 'a\ud800b', '\udc00', 'HEAD', '']) {
    expect([name, isBranchName(name)]).toEqual([name, false])
  }
})

test('a name may have 255 bytes of UTF-8 and no more', () => {
  for (const [name, allowed] of [
    ['x'.repeat(255), true],
    ['x'.repeat(256), false],
    ['é'.repeat(127), true],
    ['é'.repeat(128), false],
    [`${'a'.repeat(120)}/${'b'.repeat(134)}`, true],
    [`${'a'.repeat(120)}/${'b'.repeat(135)}`, false],
  ] as const) {
    expect([name, isBranchName(name)]).toEqual([name, allowed])
  }
})

test('a hostile name is judged in linear time', () => {
  for (const part of ['a', '/', '.lock', '@{', 'a/.']) {
    expect(isBranchName(part.repeat(1_000_000))).toBe(false)
  }
})

test.each([
  'a\u00a0b',
  'a\u2028b',
  'a\u0085b',
  'release/2.1',
  '@a',
  'é/ü',
])('POST /code takes %j as base, as Git does', (base) => {
  const body = { repoUrl: 'https://github.com/acme/api', prompt: 'x', base }
  const rules = { webUrl: 'https://github.com', budgetCapUsd: 5 }
  expect(parseCodeRequest(body, rules).options.base).toBe(base)
  expect(() => parseCodeRequest({ ...body, base: `${base}~1` }, rules)).toThrow(BackspaceError)
})
