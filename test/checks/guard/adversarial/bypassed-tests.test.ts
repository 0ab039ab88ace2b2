import { expect, test } from 'vitest'
import { guarded } from '../guarded-file.ts'
import { type Case, reasonsFor } from './reasons-for.ts'

const CASES: readonly Case[] = [
  [
    'CI return js',
    guarded('test/a.test.js', [
      " test('a', () => {",
      '+  if (process.env.CI) return',
      '   expect(a()).toBe(1)',
    ]),
  ],
  [
    'CI return block',
    guarded('test/a.test.js', [
      " test('a', () => {",
      '+  if (process.env.CI) {',
      '+    return',
      '+  }',
      '   expect(a()).toBe(1)',
    ]),
  ],
  [
    'CI return py',
    guarded('tests/test_a.py', [
      ' def test_a():',
      '+    if os.environ.get("CI"):',
      '+        return',
      '     assert a() == 1',
    ]),
  ],
  [
    'CI return go',
    guarded('a_test.go', [
      ' func TestA(t *testing.T) {',
      '+\tif os.Getenv("CI") != "" {',
      '+\t\treturn',
      '+\t}',
    ]),
  ],
  ['CI return ruby', guarded('spec/a_spec.rb', ["   it 'adds' do", "+    next if ENV['CI']"])],
  [
    'return later',
    guarded('tests/test_a.py', [
      ' def test_a():',
      '     x = setup()',
      '     y = other()',
      '     z = more()',
      '+    return',
      '     assert a() == 1',
    ]),
  ],
  [
    'return value',
    guarded('test/a.test.js', [" test('a', () => {", '+  return undefined', '   expect(a()).toBe(1)']),
  ],
  [
    'java return',
    guarded('src/test/java/ATest.java', [
      '     @Test',
      '     void adds() {',
      '+        if (true) return;',
      '         assertEquals(3, add(1, 2));',
    ]),
  ],
  [
    'try except pass',
    guarded('tests/test_a.py', [
      '-    assert a() == 1',
      '+    try:',
      '+        assert a() == 1',
      '+    except Exception:',
      '+        pass',
    ]),
  ],
  [
    'try catch js',
    guarded('test/a.test.js', [
      '-  expect(a()).toBe(1)',
      '+  try {',
      '+    expect(a()).toBe(1)',
      '+  } catch {}',
    ]),
  ],
  [
    'contextlib.suppress',
    guarded('tests/test_a.py', [
      '+    with contextlib.suppress(AssertionError):',
      '-    assert a() == 1',
      '+        assert a() == 1',
    ]),
  ],
  [
    'expect soft/async not awaited',
    guarded('test/a.test.js', ['-  await expect(a()).resolves.toBe(1)', '+  expect(a()).resolves.toBe(1)']),
  ],
  [
    'assert behind if',
    guarded('tests/test_a.py', ['-    assert a() == 1', '+    if a() == 1:', '+        assert a() == 1']),
  ],
  [
    'assert behind if CI',
    guarded('test/a.test.js', ['-  expect(a()).toBe(1)', '+  if (!process.env.CI) expect(a()).toBe(1)']),
  ],
  [
    'commented py',
    guarded('tests/test_a.py', ['-    assert a() == 1', '+    # assert a() == 1', '     b()']),
  ],
  ['early process exit', guarded('test/a.test.js', ['+process.exit()'])],
  ['exitCode', guarded('test/setup.ts', ["+process.on('exit', () => { process.exitCode = 0 })"])],
]

test.each(CASES)('%s is a reason for a draft', async (_what, file) => {
  expect(await reasonsFor(file)).not.toEqual([])
})
