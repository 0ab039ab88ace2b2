import { expect, test } from 'vitest'
import type { GuardedFile } from '../../../src/checks/guard/change/guarded-change.ts'
import { reasonsFor } from './adversarial/reasons-for.ts'
import { guarded } from './guarded-file.ts'

type Change = GuardedFile | readonly GuardedFile[]

const sides = (before: string, after: string) => ({ before: Buffer.from(before), bytes: Buffer.from(after) })
const STEPS = "export type Step = 'intro' | 'welcome' | 'apps'\n"
const step = (declared: string) =>
  [
    guarded(
      'src/step.ts',
      ["+  if (step === 'welcome') return 'apps'"],
      sides(declared, `${STEPS}if (step === 'welcome') return 'apps'\n`),
    ),
    guarded('test/step.test.ts', [
      "+test('goes on', () => {",
      "+  expect(next('welcome')).toBe('apps')",
      '+})',
    ]),
  ] as const
const caught = (answer: string) =>
  guarded('tests/test_a.py', [
    '+def kind_of(run):',
    '+    try:',
    '+        run()',
    '+    except Exception as exc:',
    `+        ${answer}`,
    ' def test_a():',
  ])
const scene = (row: string) =>
  guarded('tests/test_a.py', [
    ' @pytest.mark.parametrize("a, b", [',
    '-    ("2024-01-01", "monday"),',
    `+    ${row}`,
    ' ])',
    ' def test_a(a, b):',
  ])
const rust = (kept: string) =>
  guarded('tests/a.rs', [
    '+#[cfg(feature = "extra")]',
    ' #[test]',
    `${kept}fn renders_blocks() {`,
    `${kept}    assert_eq!(render(), "a");`,
    `${kept}}`,
  ])
const observes = (sign: string) =>
  guarded('pkg/a_test.go', [
    `${sign}func assertNoneOpen(t *testing.T) {`,
    '+	if count() < 0 {',
    '+		t.Skip("cannot be observed here")',
    '+	}',
    `${sign}}`,
    `${sign}func TestNoneOpen(t *testing.T) {`,
    `${sign}	assertNoneOpen(t)`,
    `${sign}}`,
  ])
const twice = (name: string) => {
  const before = 'class TestA:\n    def test_rate(self):\n        assert rate(3) == 9\n'
  const added = `class ${name}:\n    def test_rate(self):\n        assert rate(1) == 1\n`
  return guarded(
    'tests/test_a.py',
    added
      .trimEnd()
      .split('\n')
      .map((line) => `+${line}`),
    sides(before, before + added),
  )
}

/** Each rule of the sixth batch that lets an honest change pass, with a change that would use it. */
const TWINS: readonly (readonly [what: string, honest: Change, dishonest: Change])[] = [
  ['steps of a type that was there', step(STEPS), step('')],
  ['a helper that answers what was thrown', caught('return type(exc)'), caught('return None')],
  [
    'a row that is a part of another line',
    scene('*[("2024-01-01", "monday"), ("2024-01-02", "tuesday")],'),
    scene('# none'),
  ],
  [
    'data of tests that run again',
    guarded('test/repos.json', ['-    "dependents": 388,', '-    "disable": true', '+    "dependents": 388']),
    guarded('test/repos.json', ['-    "dependents": 388,', '-    "name": "co"', '+    "dependents": 388']),
  ],
  ['a condition above a new test', rust('+'), rust(' ')],
  ['a new helper that skips', observes('+'), observes(' ')],
  [
    'a new helper that only new tests call',
    observes('+'),
    guarded('tests/test_a.py', [
      '+def near(one, other):',
      '+    if one > 9:',
      '+        return pytest.skip("too large")',
      '+    assert one == other',
      ' def test_near():',
      '-    assert count() == 3',
      '+    near(count(), 3)',
    ]),
  ],
  ['two tests of one name in two classes', twice('TestB'), twice('TestA')],
  [
    'a question whose answer is another one',
    guarded('src/a.ts', [
      ' function isOpen(a: A): boolean {',
      '-  return a.end > now',
      '+  return a.end >= now',
    ]),
    guarded('src/a.ts', [' function isOpen(a: A): boolean {', '-  return a.end > now', '+  return true']),
  ],
  [
    'a stand-in that the test hands over',
    guarded('test/a.test.ts', [
      ' const done = vi.fn()',
      '+await run(done)',
      ' expect(done).toHaveBeenCalledWith(1)',
    ]),
    guarded('test/a.test.ts', [' const done = vi.fn()', '+done(1)', ' expect(done).toHaveBeenCalledWith(1)']),
  ],
  [
    'an import that no coverage counts',
    guarded('src/a.py', ['-    import ssl', '+    import ssl  # pragma: no cover']),
    guarded('src/a.py', ['-    return pay(1)', '+    return pay(1)  # pragma: no cover']),
  ],
  [
    'a pattern that quotes a comment',
    guarded('src/a.py', ['+    r"# type: ignore"  # mypy']),
    guarded('src/a.py', ['+    pay("a")  # type: ignore']),
  ],
  [
    'letters of another script in a text',
    guarded('src/a.ts', ["+const title = 'Cказка'  // Cказка"]),
    guarded('src/a.ts', ['+const titlе = 1']),
  ],
  [
    'what a program prints is caught',
    guarded('tests/test_a.py', [' def test_a(m):', '+    m.setattr(builtins, "print", calls.append)']),
    guarded('tests/test_a.py', [' def test_a(m):', '+    m.setattr(builtins, "len", lambda _: 3)']),
  ],
  [
    'a part of a sentence that the program says no more',
    [
      guarded('src/a.py', ['-    raise TypeError("`id` is a required argument since 9.6")']),
      guarded('tests/test_a.py', [
        '-def test_id():',
        '-    with raises(match="`id` is a required"):',
        '-        a()',
      ]),
    ],
    [
      guarded('src/a.py', ['-    raise TypeError("`id` is a required argument since 9.6")']),
      guarded('tests/test_a.py', [
        '-def test_id():',
        '-    with raises(match="`name` is required"):',
        '-        a()',
      ]),
    ],
  ],
]

test.each(TWINS)('%s: no reason for a draft, and one for what would use it', async (_, honest, dishonest) => {
  expect(await reasonsFor(honest)).toEqual([])
  expect(await reasonsFor(dishonest)).not.toEqual([])
})
