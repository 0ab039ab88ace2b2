import { expect, test } from 'vitest'
import { inStyle } from '../../../src/pipeline/conventions/in-style.ts'
import { findTitleRules, titleRuleFiles } from '../../../src/pipeline/conventions/title-rules.ts'
import { titleStyleOf } from '../../../src/pipeline/conventions/title-style.ts'

const CONVENTIONAL = titleStyleOf([
  'fix(api): trim names',
  'feat(api): add paging',
  'chore: bump x',
  'docs: say more',
  'fix(web): stay open',
  'Merge branch main',
])
const SCOPED = titleStyleOf(['fix(api): trim', 'feat(web): add', 'fix(api): b', 'fix(web): c', 'fix(api): d'])
const GO = titleStyleOf([
  'net/http: close bodies',
  'cmd/go: say why',
  'net/http: x',
  'runtime: y',
  'os: z',
  'os: a',
])
const SPELT = titleStyleOf(['Feature: A', 'Bugfix: B', 'Bugfix: C', 'i18n: D', 'Feature(ui): E', 'fix: F'])
const BRACKETS = titleStyleOf(['[core] Fix a', '[ui] Add b', '[core] Fix c', '[docs] D', '[core] E'])
const ruled = (path: string, text: string, titles: readonly string[] = []) =>
  titleStyleOf(titles, findTitleRules([{ path, text }]))
const LINT = ruled(
  'commitlint.config.js',
  "export default { extends: ['@commitlint/config-conventional'], rules: { 'type-enum': [2, 'always', ['core', 'docs', 'bug']] } }",
)
const ANGULAR = ruled('.commitlintrc.json', '{"extends": ["@commitlint/config-angular"]}')
const ACTION = ruled(
  '.github/workflows/pr-title.yml',
  'jobs:\n  a:\n    steps:\n      - uses: amannn/action-semantic-pull-request@v6\n        with:\n          types: |\n            feature\n            fix\n          scopes: |\n            web\n            core\n          requireScope: true\n          subjectPattern: ^[A-Z].+$\n',
)
const GITMOJI = titleStyleOf(['✨ Add a', '🐛 Fix b', '📝 Update c', '♻️ Move d', '⬆ Bump e'])
const CODES = titleStyleOf([':bug: a', ':sparkles: b', ':memo: c', ':bug: d', ':art: e'])
const TICKETS = titleStyleOf(['ABC-1: A', 'ABC-22: B', 'ABC-3: C', 'ABC-4: D', 'XY-1: E'])
const IN_BRACKETS = titleStyleOf(['[AB2-1] A', '[AB2-2] B', '[AB2-3] C', '[AB2-4] D', '[AB2-5] E'])
const AS_SCOPE = titleStyleOf([
  'fix(ABC-1): a',
  'feat(ABC-2): b',
  'fix(ABC-3): c',
  'fix(ABC-9): d',
  'fix(ABC-5): e',
])
const asked = (text: string) => ({ ...at('src/a.ts'), request: { prompt: text } })
const at = (...paths: string[]) => ({ paths, isFix: false })

test('styles are read from titles, and a few plain ones are none', () => {
  expect([CONVENTIONAL.kind, SCOPED.kind, GO.kind]).toEqual(['conventional', 'conventional', 'area'])
  expect(titleStyleOf(['Fix it', 'Add that', 'ABC-1: do', 'X', 'Less', 'Same']).kind).toBe('plain')
  expect(titleStyleOf(['fix: a', 'fix: b']).kind).toBe('plain')
  const areas = ['web: a', 'web: b', 'core: c', 'core: d', 'web: e']
  expect(titleStyleOf(areas, { needsScope: false }).kind).toBe('area')
  expect(titleStyleOf([], { needsScope: false }).kind).toBe('conventional')
})

test.each([
  ['Trim the name', CONVENTIONAL, at('src/a.ts'), 'feat: trim the name'],
  ['Fix the greeting', CONVENTIONAL, at('src/a.ts'), 'fix: fix the greeting'],
  ['Trim the name', CONVENTIONAL, { paths: ['src/a.ts'], isFix: true }, 'fix: trim the name'],
  ['Say how it is tested', CONVENTIONAL, at('.github/backspace.yml'), 'ci: say how it is tested'],
  ['Fix the build', CONVENTIONAL, at('.github/workflows/a.yml', '.travis.yml'), 'ci: fix the build'],
  ['Fix the build', CONVENTIONAL, at('.github/workflows/a.yml', 'a.ts'), 'fix: fix the build'],
  ['Explain paging', CONVENTIONAL, at('README.md'), 'docs: explain paging'],
  ['JSON is read', CONVENTIONAL, at('src/a.ts'), 'feat: JSON is read'],
  ['fix(api): trim', CONVENTIONAL, at('src/a.ts'), 'fix(api): trim'],
  ['Trim the name', SCOPED, at('packages/api/src/a.ts'), 'feat(api): trim the name'],
  ['Trim the name', SCOPED, at('packages/api/a.ts', 'packages/web/a.ts'), 'feat: trim the name'],
  ['Close bodies', GO, at('net/http/client.go', 'net/http/client_test.go'), 'net/http: close bodies'],
  ['Close bodies', GO, at('net/http/a.go', 'os/b.go'), 'Close bodies'],
  ['Add paging.', SPELT, at('src/a.ts'), 'Feature: Add paging'],
  ['Fix the greeting', SPELT, at('src/a.ts'), 'Bugfix: Fix the greeting'],
  ['Trim the name.', BRACKETS, at('core/a.py'), '[core] Trim the name'],
  ['Fix the greeting', LINT, at('src/a.ts'), 'bug: fix the greeting'],
  ['Add paging', LINT, at('src/a.ts'), 'core: add paging'],
  ['docs: say more', LINT, at('README.md'), 'docs: say more'],
  ['feat(api)!: Drop paging', LINT, at('src/a.ts'), 'core(api)!: drop paging'],
  ['Bump yaml', ANGULAR, at('package.json'), 'build: bump yaml'],
  ['Add paging', ACTION, at('packages/web/a.ts'), 'feature(web): Add paging'],
  ['fix(api): trim', ACTION, at('src/a.ts'), 'fix(core): Trim'],
  ['Fix the greeting', GITMOJI, at('src/a.ts'), '🐛 Fix the greeting'],
  ['📝 Explain', GITMOJI, at('README.md'), '📝 Explain'],
  ['Explain paging', CODES, at('README.md'), ':memo: Explain paging'],
  ['Trim the name', TICKETS, asked('See ABC-77, not XABC-1'), 'ABC-77: Trim the name'],
  ['Trim the name', TICKETS, asked('Trim it'), 'Trim the name'],
  ['Trim the name', IN_BRACKETS, asked('AB2-9 again'), '[AB2-9] Trim the name'],
  ['Trim the name', AS_SCOPE, asked('Do ABC-7'), 'feat(ABC-7): trim the name'],
] as const)('%s', (title, style, change, expected) => {
  expect(inStyle(title, style, change)).toBe(expected)
})

test.each([
  ['.github/semantic.yml', 'types: [feat, fix]\n', { types: ['feat', 'fix'] }],
  ['.cz-config.js', "module.exports = { types: [{ value: 'core', name: 'core: x' }] }", { types: ['core'] }],
  ['pyproject.toml', '[tool.commitizen]\nname = "cz_conventional_commits"\n', { needsScope: false }],
  ['package.json', '{"commitlint": {"rules": {"header-max-length": [2, "always", 50]}}}', { maxLength: 50 }],
  ['release-please-config.json', '{}', { needsScope: false }],
  ['.commitlintrc.yml', 'rules:\n  type-enum: [2, never, [wip]]\n', { needsScope: false }],
  ['commitlint.config.ts', 'export default { rules: { "type-enum": [2, "always", [...types]] } }', {}],
  ['.github/workflows/pr.yml', 'jobs: {}\n', undefined],
  ['package.json', '{}', undefined],
] as const)('what %s demands of titles is read', (path, text, expected) => {
  const rules = findTitleRules([{ path, text }])
  if (expected === undefined) expect(rules).toBeUndefined()
  else expect(rules).toMatchObject(expected)
})

test('what may say something of titles is read, and nothing else', () => {
  const paths = ['package.json', 'pyproject.toml', 'a/commitlint.config.js', '.github/workflows/ci.yml']
  expect(titleRuleFiles(paths)).toEqual([])
  expect(titleRuleFiles([...paths, '.husky/commit-msg', '.pre-commit-config.yaml', '.commitlintrc'])).toEqual(
    ['.commitlintrc', 'package.json', 'pyproject.toml'],
  )
})
