import { expect, test } from 'vitest'
import { inStyle, titleStyleOf } from '../../../src/pipeline/conventions/title-style.ts'

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
const at = (...paths: string[]) => ({ paths, isFix: false })

test('styles are read from titles, and a few plain ones are none', () => {
  expect([CONVENTIONAL.kind, SCOPED.kind, GO.kind]).toEqual(['conventional', 'conventional', 'area'])
  expect(titleStyleOf(['Fix it', 'Add that', 'ABC-1: do', 'More', 'Less', 'Same']).kind).toBe('plain')
  expect(titleStyleOf(['fix: a', 'fix: b']).kind).toBe('plain')
  expect(titleStyleOf([], true).kind).toBe('conventional')
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
] as const)('%s', (title, style, change, expected) => {
  expect(inStyle(title, style, change)).toBe(expected)
})
