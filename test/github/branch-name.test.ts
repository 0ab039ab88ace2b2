import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BackspaceError } from '../../src/errors.ts'
import { isBranchName } from '../../src/github/branches.ts'
import { parseCodeRequest } from '../../src/triggers/code-request.ts'

/** One shell for all names: starting a process from a large one like this takes ten times as long. */
const JUDGE =
  'while IFS= read -r -d "" name; do git check-ref-format --branch "$name" && echo 1 >&3 || echo 0 >&3; done 3>&1 >/dev/null 2>&1'

/** Outside a repository, where Git expands neither `@{-1}` nor `@{upstream}`. Names must hold no NUL. */
function gitAllows(names: readonly string[]): readonly boolean[] {
  const judged = execFileSync('bash', ['-c', JUDGE], {
    input: names.map((name) => `${name}\0`).join(''),
    encoding: 'utf8',
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, LC_ALL: 'C', GIT_CEILING_DIRECTORIES: '/' },
  })
  return judged
    .trim()
    .split('\n')
    .map((line) => line === '1')
}

function expectAsGit(names: readonly string[]): void {
  const allowed = gitAllows(names)
  expect(names.map((name) => [name, isBranchName(name)])).toEqual(names.map((name, i) => [name, allowed[i]]))
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
  const names = fc.array(
    name.filter((text) => text !== '@'),
    { minLength: 100, maxLength: 100 },
  )
  fc.assert(fc.property(names, expectAsGit), { numRuns: 4 })
})

test('each of these parts is judged as Git judges it, alone, in front, within and behind', () => {
  const parts = PARTS.filter((text) => text !== '@')
  expectAsGit(parts.flatMap((part) => [part, `${part}a`, `a${part}b`, `a${part}`, `a/${part}`, `${part}/a`]))
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
