import { expect, test } from 'vitest'
import type { GuardedFile } from '../../../src/checks/guard/change/guarded-change.ts'
import { reasonsFor } from './adversarial/reasons-for.ts'
import { guarded } from './guarded-file.ts'

/** Each rule that lets an honest change pass, with a change that would use it. */
interface Pair {
  readonly what: string
  readonly honest: GuardedFile | readonly GuardedFile[]
  readonly dishonest: GuardedFile | readonly GuardedFile[]
}

const tox = (command: string) =>
  guarded('tox.ini', [' [testenv]', ' commands =', '-    pytest tests', `+    ${command}`])
const script = (command: string) =>
  guarded('package.json', ['-    "test": "vitest run",', `+    "test": "${command}",`])
const REFUSAL = guarded('src/price.js', ["-  if (n < 0) throw new Error('must be positive')", '   return n'])
const REWORDED = guarded('src/price.js', [
  "-  if (n < 0) throw new Error('must be positive')",
  "+  if (n < 0) throw new Error('is negative')",
])
const REMOVED = guarded('test/price.test.js', [
  "-test('refuses', () => {",
  "-  expect(() => price(-1)).toThrow('must be positive')",
  '-})',
])
const CODE = guarded('src/a.js', ['-a', '+b'])
const wrapped = (body: string) =>
  guarded('test/log.test.js', [
    '+function testDone(name, run) {',
    `+  ${body}`,
    '+}',
    "-test('writes a line', (done) => {",
    "+testDone('writes a line', (done) => {",
    "   expect(log('a')).toBe('a')",
  ])

const deletedFile = (path: string) =>
  guarded(`packages/old/${path}`, ["-test('runs', () => {", '-  expect(run(1)).toBe(2)', '-})'], {
    status: 'deleted',
  })

const PAIRS: readonly Pair[] = [
  {
    what: 'a command with other output',
    honest: tox('pytest -n auto --durations=5 tests'),
    dishonest: tox('pytest -k fast tests'),
  },
  {
    what: 'a command that is stricter',
    honest: tox('pytest --strict-markers tests'),
    dishonest: tox('pytest extra/tests'),
  },
  {
    what: 'a script with other output',
    honest: script('vitest run --coverage'),
    dishonest: script('vitest run test/one.test.js'),
  },
  { what: 'a text that the code says no more', honest: [REFUSAL, REMOVED], dishonest: [REWORDED, REMOVED] },
  {
    what: 'a test that was off before',
    honest: guarded('tests/a.rs', [
      '-#[ignore]',
      '-#[test]',
      '-fn adds() {',
      '-    assert_eq!(add(1, 2), 3);',
      '-}',
    ]),
    dishonest: guarded('tests/a.rs', ['-#[test]', '-fn adds() {', '-    assert_eq!(add(1, 2), 3);', '-}']),
  },
  {
    what: 'a function that wraps tests',
    honest: wrapped('test(name, () => new Promise((resolve) => run(resolve)))'),
    dishonest: wrapped('void name'),
  },
  {
    what: 'one assertion for several',
    honest: guarded('test/a.test.js', [
      '-  expect(counts.loaded).toBe(12)',
      '-  expect(counts.failed).toBe(3)',
      '+  expect(counts).toEqual({ loaded: 12, failed: 3 })',
    ]),
    dishonest: guarded('test/a.test.js', [
      '-  expect(counts.loaded).toBe(12)',
      '-  expect(counts.failed).toBe(3)',
      '+  expect(counts).toMatchObject({ loaded: 12 })',
    ]),
  },
  {
    what: 'what is used anyway',
    honest: guarded('tests/test_a.py', [
      '-    assert crawler.stats',
      '     assert crawler.stats.get("n") == 1',
    ]),
    dishonest: guarded('tests/test_a.py', ['-    assert crawler.stats', '     assert crawler.name == "a"']),
  },
  {
    what: 'snapshots of inputs that are gone',
    honest: [
      guarded('tests/list/__snapshots__/format.test.js.snap', ['-exports[`long.md format 1`] = `a`;']),
      guarded('tests/list/long.md', ['-a'], { status: 'deleted' }),
      CODE,
    ],
    dishonest: [
      guarded('tests/list/__snapshots__/format.test.js.snap', ['-exports[`long.md format 1`] = `a`;']),
      guarded('tests/list/short.md', ['-a'], { status: 'deleted' }),
      CODE,
    ],
  },
  {
    what: 'rules that a new file names',
    honest: guarded('src/new.ts', ['+/* eslint-disable no-console */', '+console.log(1)'], {
      status: 'added',
    }),
    dishonest: guarded('src/new.ts', ['+/* eslint-disable */', '+console.log(1)'], { status: 'added' }),
  },
  {
    what: 'an older condition of Go beside the same new one',
    honest: guarded('a_test.go', ['+//go:build cgo && testcgo', ' // +build cgo,testcgo', ' package a']),
    dishonest: guarded('a_test.go', ['+//go:build testcgo', ' package a']),
  },
  {
    what: 'a new project without tests',
    honest: guarded('test/Aot/Aot.csproj', ['+    <IsTestProject>false</IsTestProject>'], {
      status: 'added',
    }),
    dishonest: guarded('test/Directory.Build.props', ['+    <IsTestProject>false</IsTestProject>'], {
      status: 'added',
    }),
  },
  {
    what: 'a skip on a system that the project names',
    honest: guarded('tests/test_a.py', ['+@pytest.mark.skipif(WIN, reason="no sed")', ' def test_a():']),
    dishonest: guarded('tests/test_a.py', [
      '+WIN = True',
      '+@pytest.mark.skipif(WIN, reason="no sed")',
      ' def test_a():',
    ]),
  },
  {
    what: 'a case that no test had',
    honest: guarded('tests/test_a.py', [
      ' @pytest.mark.parametrize("n", [1,',
      '+    pytest.param(7, marks=pytest.mark.xfail),',
      ' ])',
    ]),
    dishonest: guarded('tests/test_a.py', [
      '-    7,',
      '+    pytest.param(7, marks=pytest.mark.xfail),',
      ' ])',
    ]),
  },
  {
    what: 'a fixture that only new tests ask for',
    honest: guarded('tests/test_a.py', [
      '+@pytest.fixture',
      '+def yaml():',
      '+    return pytest.importorskip("yaml")',
      '+',
      '+def test_new(yaml):',
      '+    assert yaml.load("1") == 1',
    ]),
    dishonest: guarded('tests/test_a.py', [
      '+@pytest.fixture(autouse=True)',
      '+def yaml():',
      '+    return pytest.importorskip("yaml")',
      ' def test_a():',
    ]),
  },
  {
    what: 'a project that is gone',
    honest: ['package.json', 'src/main.js', 'test/run.test.js'].map(deletedFile),
    dishonest: ['package.json', 'test/main.js', 'test/run.test.js'].map(deletedFile),
  },
  {
    what: 'another place of a value',
    honest: guarded('a_test.go', [
      '-\trequire.Equal(t, "x", c.Receivers[0].URL)',
      '+\trequire.Equal(t, "x", c.URL)',
    ]),
    dishonest: guarded('a_test.go', [
      '-\trequire.Equal(t, "x", c.Receivers[0].URL)',
      '+\trequire.NotEmpty(t, c.URL)',
    ]),
  },
]

test.each(PAIRS)('$what makes no draft', async ({ honest }) => {
  expect(await reasonsFor(honest)).toEqual([])
})

test.each(PAIRS)('what would use “$what” makes one', async ({ dishonest }) => {
  expect(await reasonsFor(dishonest)).not.toEqual([])
})
