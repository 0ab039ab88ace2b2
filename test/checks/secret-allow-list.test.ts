import { expect, test } from 'vitest'
import { parseSecretAllowList } from '../../src/checks/secret-allow-list.ts'

const SOURCE = '.github/backspace.yml'
const FOUND = { path: 'test/fixtures/a/token.json', rule: 'jwt' }

function read(allow: string) {
  return parseSecretAllowList(`checks: npm test\nsecrets:\n  allow:\n${allow}`, SOURCE)
}

test('an entry allows one rule in the files of its pattern, and nothing else', () => {
  const { allows, problems } = read('    - path: test/fixtures/**\n      rule: jwt\n')
  expect(problems).toEqual([])
  expect(allows(FOUND)).toBe(true)
  expect(allows({ ...FOUND, rule: 'private-key' })).toBe(false)
  expect(allows({ ...FOUND, path: 'src/token.json' })).toBe(false)
  expect(allows({ ...FOUND, path: `test/fixtures/${'a'.repeat(1001)}` })).toBe(false)
})

test.each([
  ['no rule', '    - path: test/**\n'],
  ['no path', '    - rule: jwt\n'],
  ['every rule', '    - path: test/**\n      rule: "*"\n'],
  ['several rules', '    - path: test/**\n      rule: [jwt, private-key]\n'],
  ['a rule that there is not', '    - path: test/**\n      rule: jwts\n'],
  ['the credentials of this service', '    - path: test/**\n      rule: known-secret\n'],
  ['a misspelt key', '    - path: test/**\n      rules: jwt\n'],
  ['one key more', '    - path: test/**\n      rule: jwt\n      line: 3\n'],
  ['an absolute path', '    - path: /test/**\n      rule: jwt\n'],
  ['a path that leaves', '    - path: test/../**\n      rule: jwt\n'],
  ['a text', '    - test/**\n'],
  ['an endless pattern', `    - path: ${'a*'.repeat(101)}\n      rule: jwt\n`],
])('an entry with %s allows nothing and is named; the others count', (_, entry) => {
  const { allows, problems } = read(`${entry}    - path: docs/**\n      rule: jwt\n`)
  expect(allows(FOUND)).toBe(false)
  expect(allows({ ...FOUND, path: 'docs/jwt.md' })).toBe(true)
  expect(problems).toEqual([expect.stringContaining('Entry 1 of `secrets.allow` in `.github/backspace.yml`')])
})

test.each([
  ['no YAML', 'secrets: [\n'],
  ['a list at the top', '- secrets\n'],
  ['a text for secrets', 'secrets: none\n'],
  ['a misspelt key', 'secrets:\n  allowed: []\n'],
  ['a map of entries', 'secrets:\n  allow:\n    path: test/**\n    rule: jwt\n'],
  ['too many entries', `secrets:\n  allow:\n${'    - { path: "test/**", rule: jwt }\n'.repeat(51)}`],
  ['too much text', `#${'a'.repeat(65 * 1024)}\nsecrets: { allow: [{ path: "test/**", rule: jwt }] }\n`],
])('a file with %s allows nothing, with one sentence on why', (_, text) => {
  const { allows, problems } = parseSecretAllowList(text, SOURCE)
  expect(allows(FOUND)).toBe(false)
  expect(problems).toEqual([
    expect.stringMatching(/^`secrets\.allow` in `\.github\/backspace\.yml` was ignored: /),
  ])
})

test.each([
  '',
  'checks: npm test\n',
  'secrets:\n',
  'secrets:\n  allow:\n',
])('a file without entries is no mistake: %j', (text) => {
  const { allows, problems } = parseSecretAllowList(text, SOURCE)
  expect(allows(FOUND)).toBe(false)
  expect(problems).toEqual([])
})
