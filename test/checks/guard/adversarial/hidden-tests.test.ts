import { expect, test } from 'vitest'
import { guarded } from '../guarded-file.ts'
import { type Case, reasonsFor } from './reasons-for.ts'

const CASES: readonly Case[] = [
  [
    'py case without its base',
    guarded('tests/test_a.py', [
      '-class ATest(unittest.TestCase):',
      '+class ATest:',
      '     def test_a(self):',
    ]),
  ],
  [
    'py class with another base',
    guarded('tests/test_a.py', ['-class TestA(Base):', '+class CheckA(Base):', '     def test_a(self):']),
  ],
  ['go build tag', guarded('a_test.go', ['+//go:build integration', '+', ' package a'])],
  ['go build tag windows', guarded('a_test.go', ['+//go:build windows', '+', ' package a'])],
  ['go renamed os', guarded('a_windows_test.go', [], { status: 'renamed', previousPath: 'a_test.go' })],
  ['rust cfg feature', guarded('tests/a.rs', ['+#[cfg(feature = "slow")]', ' #[test]', ' fn adds() {'])],
  ['rust cfg windows', guarded('src/lib.rs', ['+#[cfg(windows)]', ' #[test]', ' fn adds() {'])],
  ['rust mod gone', guarded('src/lib.rs', ['-#[cfg(test)]', '-mod tests;'])],
  [
    'rust cfg mod',
    guarded('src/lib.rs', ['-#[cfg(test)]', '+#[cfg(all(test, feature = "x"))]', ' mod tests {']),
  ],
  [
    'junit EnabledIf',
    guarded('src/test/java/ATest.java', [
      '+    @EnabledIfEnvironmentVariable(named = "X", matches = "y")',
      '     @Test',
      '     void adds() {',
    ]),
  ],
  [
    'junit EnabledOnOs',
    guarded('src/test/java/ATest.java', [
      '+    @EnabledOnOs(OS.WINDOWS)',
      '     @Test',
      '     void adds() {',
    ]),
  ],
  [
    'junit assume',
    guarded('src/test/java/ATest.java', ['     @Test', '     void adds() {', '+        assumeTrue(false);']),
  ],
  ['junit @Test dropped', guarded('src/test/java/ATest.java', ['-    @Test', '     void adds() {'])],
  [
    'testng',
    guarded('src/test/java/ATest.java', ['-    @Test', '+    @Test(enabled = false)', '     void adds() {']),
  ],
  ['kotlin ignore', guarded('src/test/kotlin/ATest.kt', ['+    @Ignore', '     @Test', '     fun adds() {'])],
  ['pytest slow mark', guarded('tests/test_a.py', ['+@pytest.mark.slow', ' def test_a():'])],
  ['pytestmark skip', guarded('tests/test_a.py', ['+pytestmark = pytest.mark.skip', ' import a'])],
  ['__test__', guarded('tests/test_a.py', [' class TestA:', '+    __test__ = False'])],
  ['py rename', guarded('tests/test_a.py', ['-def test_a():', '+def _test_a():', '     assert a() == 1'])],
  [
    'py class rename',
    guarded('tests/test_a.py', ['-class TestA:', '+class CheckA:', '     def test_a(self):']),
  ],
  [
    'go rename',
    guarded('a_test.go', ['-func TestA(t *testing.T) {', '+func testA(t *testing.T) {', ' \tt.Error()']),
  ],
  ['runIf', guarded('a.spec.ts', ["-it('a', f)", `+it${'.'}runIf(process.env.X)('a', f)`])],
  ['node:test skip option', guarded('a.test.js', ["-test('a', f)", "+test('a', { skip: true }, f)"])],
  ['node:test skip var', guarded('a.test.js', ["-test('a', f)", "+test('a', { skip: process.env.CI }, f)"])],
  ['elixir tag', guarded('test/a_test.exs', ['+  @tag :skip', '   test "a" do'])],
  ['swift', guarded('Tests/ATests.swift', ['-    func testA() {', '+    func xtestA() {'])],
  ['dart', guarded('test/a_test.dart', ["-  test('a', f);", "+  test('a', f, skip: true);"])],
  ['scala ignore', guarded('src/test/scala/ASpec.scala', ['-  test("a") {', '+  ignore("a") {'])],
  ['suite.skip const', guarded('a.spec.ts', ['+const test = globalThis.test.skip', " test('a', f)"])],
  [
    'if CI skip alias',
    guarded('a.spec.ts', ["-it('a', f)", '+const maybe = process.env.CI ? it.skip : it', "+maybe('a', f)"]),
  ],
]

test.each(CASES)('%s is a reason for a draft', async (_what, file) => {
  expect(await reasonsFor(file)).not.toEqual([])
})
