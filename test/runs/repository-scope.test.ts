import { expect, test } from 'vitest'
import { isInScope, parseRepositoryPattern } from '../../src/runs/repository-scope.ts'

test.each([
  ['*', '*/*'],
  ['acme/*', 'acme/*'],
  ['Acme/API', 'acme/api'],
  ['acme-*/web.*', 'acme-*/web.*'],
  ['acme', undefined],
  ['acme/', undefined],
  ['/api', undefined],
  ['acme/api/x', undefined],
  ['acme/**', undefined],
  ['a*c*e/api', undefined],
  ['acme/a b', undefined],
  ['%/%', undefined],
  ['', undefined],
])('the pattern %j is read as %j', (text, pattern) => {
  expect(parseRepositoryPattern(text)).toBe(pattern)
})

test('a pattern covers what it says and no more', () => {
  const covers = (pattern: string, name: string) => {
    const [owner = '', repository = ''] = name.split('/')
    return isInScope([pattern], { owner, name: repository })
  }
  expect(covers('acme/*', 'ACME/x')).toBe(true)
  expect(covers('acme/*', 'acme-2/x')).toBe(false)
  expect(covers('acme/api', 'acme/api-2')).toBe(false)
  expect(covers('acme/a.b', 'acme/axb')).toBe(false)
  expect(covers('acme/a_b', 'acme/axb')).toBe(false)
  expect(covers('*/api', 'evil/api')).toBe(true)
  expect(covers('*/*', 'any/thing')).toBe(true)
  expect(isInScope([], { owner: 'acme', name: 'api' })).toBe(false)
})
