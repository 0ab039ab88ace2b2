import { expect, test } from 'vitest'
import { namePaths, partsByReason } from '../../../src/checks/plans/parts-by-reason.ts'

const say = (paths: readonly string[], reason = 'r') =>
  partsByReason(paths.map((path) => ({ path, reason }))).map((one) =>
    namePaths(one.paths, (path) => `<${path}>`),
  )

test.each([
  [[''], 'the root'],
  [['a'], '<a>'],
  [['a', ''], 'each of <a> and the root'],
  [['a', 'b', 'a', 'c'], 'each of <a>, <b> and <c>'],
  [['a', 'b', 'c', 'd', 'e', 'f'], 'each of <a>, <b>, <c>, <d>, <e> and <f>'],
  [['a', 'b', 'c', 'd', 'e', 'f', 'g'], 'each of <a>, <b>, <c>, <d>, <e> and 2 more'],
])('parts with one reason are named together: %j', (paths, named) => {
  expect(say(paths)).toEqual([named])
})

test('each reason is said once, in the order of the parts', () => {
  const parts = [
    { path: 'a', reason: 'one' },
    { path: 'b', reason: 'two' },
    { path: 'c', reason: 'one' },
  ]
  expect(partsByReason(parts)).toEqual([
    { paths: ['a', 'c'], reason: 'one' },
    { paths: ['b'], reason: 'two' },
  ])
})
