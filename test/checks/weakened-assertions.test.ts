import { expect, test } from 'vitest'
import { testMarks } from '../../src/checks/test-marks.ts'
import { countWeakened } from '../../src/checks/weakened-assertions.ts'

function weakened(
  path: string,
  removed: string | readonly string[],
  added: string | readonly string[],
): number | undefined {
  const marks = testMarks(path)
  if (!marks) throw new Error('no such language')
  return countWeakened({ removed: [removed].flat(), added: [added].flat() }, marks.assertion)
}

test.each([
  ['a.test.js', "    .expect(200, 'hello')", '    .expect(200)'],
  ['a.test.js', '  expect(add(1, 2)).toBe(3)', '  expect(add(1, 2)).toBeDefined()'],
  ['a.test.js', '  expect(list).toEqual([1, 2, 3])', '  expect(list).toBeTruthy()'],
  ['a.test.js', "  expect(save).toHaveBeenCalledWith('a', 1)", '  expect(save).toHaveBeenCalled()'],
  ['a.test.js', "  expect(() => parse('{')).toThrow(/line 1/)", "  expect(() => parse('{')).toThrow()"],
  ['a.test.js', '  assert.equal(add(1, 2), 3)', '  assert.ok(add(1, 2))'],
  ['a.test.js', '  assert.deepEqual(read(), { a: 1, b: 2 })', '  assert.deepEqual(read(), { a: 1 })'],
  ['test_a.py', '    assert add(1, 2) == 3', '    assert add(1, 2)'],
  ['test_a.py', '    assert add(1, 2) == 3', '    assert add(1, 2) is not None'],
  ['test_a.py', '        self.assertEqual(add(1, 2), 3)', '        self.assertTrue(add(1, 2))'],
  ['a_test.go', '\trequire.Equal(t, 3, Add(1, 2))', '\trequire.NotNil(t, Add(1, 2))'],
  ['tests/a.rs', '    assert_eq!(add(1, 2), 3);', '    assert!(add(1, 2));'],
  ['ATest.java', '    assertEquals(3, add(1, 2));', '    assertNotNull(add(1, 2));'],
] as const)('%s: %s → %s is weaker', (path, removed, added) => {
  expect(weakened(path, removed, added)).toBe(1)
})

test.each([
  ['another value', 'a.test.js', '  expect(add(1, 2)).toBe(3)', '  expect(add(1, 2)).toBe(4)'],
  ['another name', 'a.test.js', '  expect(add(1, 2)).toBe(3)', '  expect(sum(1, 2)).toBe(3)'],
  ['a stricter one', 'a.test.js', '  expect(list).toBeTruthy()', '  expect(list).toEqual([1])'],
  [
    'a message that goes',
    'a.test.js',
    "  assert.equal(add(1, 2), 3, 'adds')",
    '  assert.equal(add(1, 2), 3)',
  ],
  ['a message that goes', 'test_a.py', '    self.assertEqual(a, b, "same")', '    self.assertEqual(a, b)'],
  ['moved', 'a.test.js', '  expect(a).toBe(1)', '    expect(a).toBe(1)'],
  ['split', 'a.test.js', ["    .expect(200, 'x')"], ['    .expect(200)', "    .expect('x')"]],
] as const)('%s is not weaker', (_case, path, removed, added) => {
  expect(weakened(path, removed, added)).toBe(0)
})

test('too many are not counted, so that none is passed over', () => {
  const many = (text: string) => Array.from({ length: 200 }, (_, at) => `  expect(a(${at})).${text}`)
  expect(weakened('a.test.js', many('toBe(1)'), many('toBe(2)'))).toBeUndefined()
  expect(weakened('a.test.js', many('toBe(1)').slice(0, 100), many('toBe(2)').slice(0, 100))).toBe(0)
})
