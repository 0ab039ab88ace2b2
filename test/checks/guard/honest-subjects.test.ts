import { expect, test } from 'vitest'
import { diffGuard } from '../../../src/checks/diff-guard.ts'
import type { GuardedFile } from '../../../src/checks/guard/change/guarded-change.ts'
import { reasonsFor } from './adversarial/reasons-for.ts'
import { guarded } from './guarded-file.ts'

type Change = GuardedFile | readonly GuardedFile[]

const bytes = (...lines: readonly string[]) => ({ bytes: Buffer.from(lines.join('\n')) })
const asks = (title: string, now: string) =>
  guarded(
    'test/sum.test.ts',
    [` it('${title}', () => {`, '-  expect(sum([1, 2, 3])).toBe(6)', `+  ${now}`, ' })'],
    bytes(`it('${title}', () => {`, now, '})'),
  )
const table = (row: string) =>
  guarded('tests/test_div.py', [
    `-@pytest.mark.parametrize("a,b,c", [(4, 2, 2), (1, 0, None)])`,
    `+@pytest.mark.parametrize("a,b,c", [(4, 2, 2), ${row}])`,
    ' def test_div(a, b, c):',
  ])
const helper = (...now: readonly string[]) =>
  guarded(
    'tests/wait.py',
    [' def until(done):', '-    raise TimeoutError()', ...now.map((line) => `+${line}`)],
    bytes('def until(done):', ...now),
  )
const ends = (...lines: readonly string[]) =>
  guarded('test/main.cpp', ['-  return RUN_ALL_TESTS();', ...lines.map((line) => `+  ${line}`)])
const takes = (module: string, text: string) => [
  guarded('test/a.test.ts', [
    "-import { expect, test } from 'vitest'",
    "+import { test } from 'vitest'",
    `+import { expect } from '${module}'`,
    " test('a', () => {",
  ]),
  guarded('test/own.ts', [`+${text}`], { status: 'added', ...bytes(text) }),
]
const moved = (previousPath: string, path: string) => guarded(path, [], { status: 'renamed', previousPath })
const refuses = (input: string) => [
  guarded('src/parse.py', [
    ' def parse(text):',
    `+    if text == "${input}":`,
    '+        raise ValueError("no")',
  ]),
  guarded('tests/test_parse.py', [
    '+def test_no():',
    '+    with pytest.raises(ValueError):',
    `+        parse("${input}")`,
  ]),
]

const extracted = (...more: readonly string[]) =>
  guarded('tests/test_a.py', [
    ' def test_a():',
    '-    assert not needs_rehash(hashed("foo"))',
    '+    hashed = hashed("foo")',
    ...more.map((line) => `+    ${line}`),
    '+    assert not needs_rehash(hashed)',
  ])
const brackets = (now: string) =>
  guarded('tests/test_a.py', [
    ' def test_a():',
    '-    assert (',
    '-        set(answers()) ==',
    '-        set(wanted(3)))',
    `+    assert ${now}`,
  ])
const nested = (name: string) => {
  const before =
    'class TestA:\n    def test_one(self):\n        class Own:\n            pass\n\n    def test_two(self):\n        a()\n'
  const added = `class TestB:\n    def test_one(self):\n        class Own:\n            pass\n\n    def ${name}(self):\n        b()\n`
  const lines = added
    .trimEnd()
    .split('\n')
    .map((line) => `+${line}`)
  return guarded('tests/test_a.py', lines, {
    before: Buffer.from(before),
    bytes: Buffer.from(before + added),
  })
}
const longCase = (sign: string) =>
  guarded('tests/test_a.py', [
    `${sign}@pytest.mark.parametrize("source", [`,
    '+    pytest.param(',
    ...Array.from({ length: 9 }, () => '+        "a = 1"'),
    '+        marks=pytest.mark.xfail(reason="later"),',
    '+    ),',
    `${sign}])`,
    `${sign}def test_source(source):`,
    `${sign}    assert run(source)`,
  ])
const looksUp = (table: string) => [
  guarded('src/a.py', [`+    known = ${table}`, '+    if name in known:', '+        return known[name]']),
  guarded('tests/test_a.py', ['+def test_a():', '+    assert a("apple") == "pie"']),
]

/** Each rule of the seventh batch that lets an honest change pass, with a change that would use it. */
const TWINS: readonly (readonly [what: string, honest: Change, dishonest: Change])[] = [
  [
    'a function that got another name',
    [
      asks('sums', 'expect(total([1, 2, 3])).toBe(7)'),
      guarded('src/sum.ts', ['-export function sum(of) {', '+export function total(of) {']),
    ],
    [asks('sums', 'expect(count([1, 2, 3])).toBe(3)'), guarded('src/sum.ts', ['-  return 1', '+  return 2'])],
  ],
  ['another case at an edge', table('(1, 0, inf)'), table('(9, 3, 3)')],
  ['a helper that says why it fails', helper('    raise TimeoutError("late")'), helper('    return')],
  [
    'work between the tests and the end',
    ends('const int failed = RUN_ALL_TESTS();', 'cleanUp();', 'return failed;'),
    ends('const int failed = RUN_ALL_TESTS();', 'return failed > 255;'),
  ],
  [
    'a module that hands on what the library asserts',
    takes('./own', "export { expect } from 'vitest'"),
    takes('./own', 'export const expect = () => ({ toBe() {} })'),
  ],
  [
    'a class without a name for another one',
    guarded('src/test/java/OrderTest.java', [
      '-    Tax tax = new Tax("de");',
      '+    Tax tax = new Tax("de") {',
      '+        @Override',
      '+        int rate() {',
    ]),
    guarded('src/test/java/TaxTest.java', [
      '-    Tax tax = new Tax("de");',
      '+    Tax tax = new Tax("de") {',
      '+        @Override',
      '+        int rate() {',
    ]),
  ],
  [
    'an argument that moved into a variable',
    extracted('if x: hashed = hashed.encode()'),
    extracted('hashed = ""'),
  ],
  ['brackets around a condition', brackets('set(answers()) == set(wanted(3))'), brackets('set(answers())')],
  ['tests of one name below nested classes of one name', nested('test_two'), nested('test_one')],
  ['a case of several lines in a new table', longCase('+'), longCase(' ')],
  ['a table that a call makes', looksUp('cast(\'Kind\', "pie")'), looksUp('{"apple": "pie"}')],
  [
    'a test by its folder that moves to another one',
    moved('tests/typing/api.py', 'typing_tests/api.py'),
    moved('tests/typing/api.py', 'typing/api.py'),
  ],
  [
    'packages that tests need',
    [guarded('requirements_test.txt', ['-pytest'], { status: 'deleted' })],
    [guarded('tests/cases.txt', ['-pytest'], { status: 'deleted' })],
  ],
  ['a word that a program refuses', refuses('unknown'), refuses('1 + (2 * 3')],
  [
    'a class of the test that the program is handed',
    guarded('tests/test_a.py', [
      '+class Loud(Basket):',
      '+    def total(self): return 1',
      '-    run(Basket())',
      '+    run(Basket(), Loud)',
    ]),
    guarded('tests/test_a.py', [
      '+class Loud(Basket):',
      '+    def total(self): return 1',
      '-    run(Basket())',
      '+    run(Loud())',
    ]),
  ],
]

test.each(TWINS)('%s: no reason for a draft, and one for what would use it', async (_, honest, dishonest) => {
  expect(await reasonsFor(honest)).toEqual([])
  expect(await reasonsFor(dishonest)).not.toEqual([])
})

/** What people do as well, and reviewers should see. */
const NOTES: readonly (readonly [GuardedFile, note: string])[] = [
  [
    guarded('src/money.rs', ['-#[derive(PartialEq)]', '+impl PartialEq for Money {', '+    a()', '+}']),
    'says itself what is equal: `impl PartialEq for Money {`',
  ],
  [
    guarded('jest.setup.js', ['+expect.addSnapshotSerializer(own)']),
    'decides how snapshots are written: `expect.addSnapshotSerializer(own)`',
  ],
  [
    guarded('tests/Kit.Tests/AssemblyInfo.cs', ['+[assembly: CollectionBehavior(MaxParallelThreads = 1)]']),
    'decides how all tests of its project run: `[assembly: CollectionBehavior(MaxParallelThreads = 1)]`',
  ],
  [
    guarded('src/view.tsx', [
      '+  try {',
      '   return <Card />',
      '+  } catch {',
      '+    return <Card title="ann" />',
      '+  }',
    ]),
    'goes on where it failed before: `} catch {`',
  ],
]

test.each(NOTES)('a note with the line: %#', async (file, note) => {
  expect(await diffGuard([file])).toContainEqual({ text: `\`${file.path}\` ${note}`, weight: 'note' })
})
