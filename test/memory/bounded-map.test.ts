import { expect, test } from 'vitest'
import { BoundedMap } from '../../src/memory/bounded-map.ts'

test('above its limit, a map drops the entry that was set longest ago', () => {
  const map = new BoundedMap<string, number>(2)
  map.set('a', 1).set('b', 2)
  expect([...map]).toEqual([
    ['a', 1],
    ['b', 2],
  ])
  map.set('c', 3)
  expect([...map.keys()]).toEqual(['b', 'c'])
})

test('an entry that is set again becomes the newest, and drops no other', () => {
  const map = new BoundedMap<string, number>(2)
  map.set('a', 1).set('b', 2).set('a', 3)
  expect([...map]).toEqual([
    ['b', 2],
    ['a', 3],
  ])
  map.set('c', 4)
  expect(map.get('b')).toBeUndefined()
  expect(map.get('a')).toBe(3)
})

test('a key of undefined is a key like any other', () => {
  const map = new BoundedMap<string | undefined, number>(1)
  map.set(undefined, 1).set('a', 2)
  expect([...map.keys()]).toEqual(['a'])
})
