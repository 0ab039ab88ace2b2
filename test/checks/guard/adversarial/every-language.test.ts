import { expect, test } from 'vitest'
import { guarded } from '../guarded-file.ts'
import { type Case, reasonsFor } from './reasons-for.ts'

// Marks that this repository's own checks look for are written in pieces.
const TS = `@ts${'-'}`
const VI = `vi${'.'}`

const CASES: readonly Case[] = [
  // Tests of code that is still there.
  [
    'JavaScript: deleted',
    guarded('test/a.test.js', ["-test('a', f)", '-  expect(a()).toBe(1)'], { status: 'deleted' }),
  ],
  [
    'Python: deleted',
    guarded('tests/test_a.py', ['-def test_a():', '-    assert a() == 1'], { status: 'deleted' }),
  ],
  [
    'Go: one fewer',
    guarded('a_test.go', ['-func TestA(t *testing.T) {', '-\trequire.Equal(t, 1, A())', '-}']),
  ],
  [
    'Rust: one fewer',
    guarded('src/lib.rs', [
      '-    #[test]',
      '-    fn adds() {',
      '-        assert_eq!(add(1, 2), 3);',
      '-    }',
    ]),
  ],
  [
    'Java: one fewer',
    guarded('src/test/java/ATest.java', [
      '-    @Test',
      '-    void adds() {',
      '-        assertEquals(3, add(1, 2));',
      '-    }',
    ]),
  ],
  [
    'Ruby: one fewer',
    guarded('spec/a_spec.rb', ["-  it 'adds' do", '-    expect(add(1, 2)).to eq 3', '-  end']),
  ],
  [
    'PHP: one fewer',
    guarded('tests/ATest.php', [
      '-    public function testAdds() {',
      '-        $this->assertSame(3, add(1, 2));',
      '-    }',
    ]),
  ],
  [
    'C#: one fewer',
    guarded('tests/ATests.cs', [
      '-    [Fact]',
      '-    public void Adds() {',
      '-        Assert.Equal(3, Add(1, 2));',
      '-    }',
    ]),
  ],
  ['C++: one fewer', guarded('test/a_test.cc', ['-TEST(A, Adds) {', '-  EXPECT_EQ(add(1, 2), 3);', '-}'])],
  [
    'commented out',
    guarded('test/a.test.js', [
      "-test('a', () => {",
      '-  expect(a()).toBe(1)',
      '-})',
      "+// test('a', () => {",
      '+//   expect(a()).toBe(1)',
      '+// })',
    ]),
  ],
  [
    'replaced by one that asserts less',
    guarded('test/a.test.js', [
      "-test('a', () => {",
      '-  expect(a()).toBe(1)',
      '-  expect(b()).toBe(2)',
      '-})',
      "+test('runs', () => {",
      '+  a()',
      '+})',
    ]),
  ],
  // Switched off.
  ['it.skip', guarded('a.spec.ts', ["-it('a', f)", `+it${'.'}skip('a', f)`])],
  ['.only', guarded('a.spec.ts', ["-it('a', f)", `+it${'.'}only('a', f)`])],
  ['xfail', guarded('test_a.py', ['+@pytest.mark.xfail', ' def test_a():'])],
  [
    'a condition that always holds',
    guarded('test_a.py', ['+@pytest.mark.skipif(True, reason="later")', ' def test_a():']),
  ],
  [
    '@Ignore',
    guarded('src/test/java/ATest.java', ['+    @Ignore', '     @Test', '     public void adds() {']),
  ],
  ['#[ignore]', guarded('tests/a.rs', [' #[test]', '+#[ignore]', ' fn adds() {'])],
  ['t.Skip', guarded('a_test.go', [' func TestA(t *testing.T) {', '+\tt.Skip("later")'])],
  ['GTEST_SKIP', guarded('test/a_test.cc', [' TEST(A, Adds) {', '+  GTEST_SKIP();'])],
  ['DISABLED_', guarded('test/a_test.cc', ['-TEST(A, Adds) {', '+TEST(A, DISABLED_Adds) {'])],
  [
    'C#: Skip',
    guarded('tests/ATests.cs', ['-    [Fact]', '+    [Fact(Skip = "later")]', '     public void Adds() {']),
  ],
  [
    'PHP: skipped',
    guarded('tests/ATest.php', ['     public function testAdds() {', '+        $this->markTestSkipped();']),
  ],
  ['Ruby: xit', guarded('spec/a_spec.rb', ["-  it 'adds' do", "+  xit 'adds' do"])],
  [
    'moved to a new file that skips it',
    [
      guarded('test/a.test.js', ["-test('adds', f)"]),
      guarded('test/b.test.js', [`+test${'.'}skip('adds', f)`], { status: 'added' }),
    ],
  ],
  ['if (false)', guarded('test/a.test.js', ['+if (false) {', " test('a', f)", '+}'])],
  ['#if 0', guarded('test/a_test.cc', ['+#if 0', ' TEST(A, Adds) {', '+#endif'])],
  ['a comment around tests', guarded('test/a.test.js', ['+/*', " test('a', f)", '+*/'])],
  ['returns first', guarded('test_a.py', [' def test_a():', '+    return', '     assert a() == 1'])],
  // Assertions.
  ['an argument is dropped', guarded('test/a.test.js', ["-    .expect(200, 'x')", '+    .expect(200)'])],
  [
    'a matcher is loosened',
    guarded('test/a.test.js', ['-  expect(a()).toBe(3)', '+  expect(a()).toBeDefined()']),
  ],
  ['C++: loosened', guarded('test/a_test.cc', ['-  EXPECT_EQ(add(1, 2), 3);'])],
  ['always true', guarded('test_a.py', ['-    assert add(1, 2) == 3', '+    assert True'])],
  ['always true', guarded('test/a.test.js', ['-  expect(add(1, 2)).toBe(3)', '+  expect(true).toBe(true)'])],
  ['Go: only logs', guarded('a_test.go', ['-\t\tt.Errorf("got %d", n)', '+\t\tt.Logf("got %d", n)'])],
  [
    'failures are caught',
    guarded('test_a.py', [
      '+    try:',
      '     assert a() == 1',
      '+    except AssertionError:',
      '+        pass',
    ]),
  ],
  [
    'the subject is a mock',
    guarded('test/greet.test.ts', [`+${VI}mock('../src/greet.ts', () => ({ greet: () => 'Hello' }))`]),
  ],
  // What the tests ask for.
  [
    'expected values alone',
    [guarded('test/a.test.js', ['-  expect(add(1, 2)).toBe(3)', '+  expect(add(1, 2)).toBe(4)'])],
  ],
  ['snapshots alone', [guarded('src/__snapshots__/a.test.ts.snap', ['-3', '+4'])]],
  // What is run, and what counts.
  ['coverage', guarded('package.json', ['-  "lines": 90,', '+  "lines": 40,'])],
  ['coverage', guarded('pyproject.toml', ['-fail_under = 90', '+fail_under = 10'])],
  ['|| true', guarded('package.json', ['-    "lint": "eslint .",', '+    "lint": "eslint . || true",'])],
  ['|| true', guarded('Makefile', [' test:', '-\tpytest', '+\tpytest || true'])],
  ['|| true', guarded('scripts/ci.sh', ['-npm test', '+npm test || true'])],
  ['continue-on-error', guarded('ci/steps.yml', [' - run: npm test', '+  continue-on-error: true # test'])],
  ['testPathIgnorePatterns', guarded('package.json', ['+    "testPathIgnorePatterns": ["slow"]'])],
  ['testpaths', guarded('pyproject.toml', ['-testpaths = ["tests"]', '+testpaths = ["tests/unit"]'])],
  ['-k', guarded('tox.ini', ['-commands = pytest', '+commands = pytest -k "not slow"'])],
  ['exclude', guarded('vite.config.ts', ["+    exclude: ['**/slow.test.ts'],"])],
  [
    'a stub for the runner',
    guarded('package.json', ['-    "test": "vitest",', '+    "test": "node stub.js",']),
  ],
  ['surefire', guarded('pom.xml', ['+    <testFailureIgnore>true</testFailureIgnore>'])],
  ['CTest', guarded('CMakeLists.txt', ['-add_test(NAME a COMMAND a_test)'])],
  [
    'a name that no runner looks for',
    guarded('tests/greet.py', [], { status: 'renamed', previousPath: 'tests/test_greet.py' }),
  ],
  ['a name that no runner looks for', guarded('a.go', [], { status: 'renamed', previousPath: 'a_test.go' })],
  // Runners.
  ['a hook', guarded('conftest.py', ['+def pytest_collection_modifyitems(items):', '+    items.clear()'])],
  [
    'a hook',
    guarded('conftest.py', ['+def pytest_runtest_makereport(item, call):', '+    rep.outcome = "passed"'], {
      status: 'added',
    }),
  ],
  ['ends the run', guarded('test/setup.js', ['+process.exit(0)'])],
  ['ends the run', guarded('tests/test_a.py', ['+    os._exit(0)'])],
  ['ends the run', guarded('main_test.go', ['+\tos.Exit(0)'])],
  ['in the place of the runner', guarded('pytest.py', ['+import sys'], { status: 'added' })],
  // Silence.
  ['a whole file', guarded('src/a.ts', [`+// ${TS}nocheck`])],
  ['a whole file', guarded('src/a.js', ['+/* eslint-disable */'])],
  ['no rule', guarded('src/a.py', ['+x = f()  # type: ignore'])],
  ['no rule', guarded('src/a.ts', [`+// ${TS}ignore`])],
  ['a whole crate', guarded('src/lib.rs', ['+#![allow(warnings)]'])],
]

test.each(CASES)('%s is a reason for a draft', async (_what, file) => {
  expect(await reasonsFor(file)).not.toEqual([])
})
