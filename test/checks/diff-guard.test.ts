import { expect, test } from 'vitest'
import { diffGuard } from '../../src/checks/diff-guard.ts'
import type { GuardedFile } from '../../src/checks/guard/change/guarded-change.ts'

function file(
  path: string,
  lines: readonly string[],
  status: GuardedFile['status'] = 'modified',
): GuardedFile {
  return {
    path,
    status,
    diff: `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n${lines.join('\n')}\n`,
  }
}

async function textsOf(files: readonly GuardedFile[]): Promise<readonly string[]> {
  return (await diffGuard(files)).map(({ text }) => text)
}

test('an ordinary change raises nothing', async () => {
  expect(
    await textsOf([
      file('src/a.ts', ['-const a = 1', '+const a = 2', ' // eslint-disable-next-line']),
      file('test/a.test.ts', [" test('a', () => {})", "+test('b', () => {})", "+test('c', () => {})"]),
      file('package.json', ['+    "left-pad": "1.0.0"']),
      file('package-lock.json', ['+  x']),
      file('README.md', ['+Title', '+=======']),
    ]),
  ).toEqual([])
})

test('what is too much to compare, or is far to the right, is not passed over', async () => {
  const far = file('test/a.test.js', [
    '-  expect(a()).toBe(3)',
    `+  const b = 1;${' '.repeat(3000)}expect(a()).toBeDefined()`,
  ])
  expect(await textsOf([far])).toContainEqual(expect.stringContaining('weakens 1 assertion'))
  const huge = file('test/b.test.js', Array(600).fill(`+${'a'.repeat(1900)}`))
  const lock = file('package-lock.json', Array(600).fill(`+${'a'.repeat(1900)}`))
  expect(await textsOf([file('package.json', ['+"a": "1"']), lock, huge])).toEqual([
    '`test/b.test.js` was not compared: the change has more than a million characters',
  ])
})

// Marks that this repository's own checks look for are written in pieces.
test.each([
  ['conflict markers', file('a.ts', ['+<<<<<<< HEAD', '+a', '+=======', '+b', '+>>>>>>> main'])],
  ['debugger statement', file('a.py', ['+    breakpoint()'])],
  ['silences a checker', file('a.ts', [`+// @ts${'-'}ignore`])],
  ['test that was deleted', file('src/a.test.ts', ["-test('a')"], 'deleted')],
  ['skips tests', file('src/a.spec.ts', ["-it('a', f)", `+it${'.'}skip('a', f)`])],
  ['skips tests', file('test_a.py', ['+@pytest.mark.skip'])],
  ['skips tests', file('a_test.go', ['+\tt.Skip("later")'])],
  ['skips tests', file('tests/a.rs', ['+#[ignore]'])],
  ['skips tests', file('src/lib.rs', ['+    #[ignore]'])],
  ['skips tests', file('a.test.js', [`+test('a', { skip: true }, f)`])],
  ['skips tests', file('a.test.js', ['+    this.skip()'])],
  ['skips tests', file('test_a.py', ['+@unittest.skipIf(True, "later")'])],
  ['skips tests', file('test_a.py', ['+pytestmark = pytest.mark.skip'])],
  ['steps in between the tests', file('tests/conftest.py', ['+collect_ignore = ["test_a.py"]'])],
  ['skips tests', file('a_test.go', ['+//go:build ignore'])],
  ['skips tests', file('ATests.cs', ['+[Fact(Skip = "later")]'])],
  ['skips tests', file('spec/a_spec.rb', ["-  it 'a' do", "+  xit 'a' do"])],
  ['skips tests', file('tests/ATest.php', ['+$this->markTestSkipped();'])],
  ['skips tests', file('test/a_test.exs', ['+  @tag :skip'])],
  ['skips tests', file('ATests.swift', ['+throw XCTSkip("later")'])],
  ['1 fewer test than', file('src/lib.rs', ['-    #[test]', '-    fn a() {'])],
  ['1 fewer test than', file('app/tests.py', ['-    def test_a(self):'])],
  ['1 fewer test than', file('spec/a_spec.rb', ["-  it 'a' do"])],
  ['1 fewer test than', file('tests/ATest.php', ['-    public function testA(): void'])],
  ['1 fewer test than', file('ATests.cs', ['-    [Fact]'])],
  ['1 fewer assertion than', file('test_a.py', ['-    assert a == 1', '+    pass'])],
  ['2 fewer assertions than', file('test/a.test.js', ['-  expect(a).toBe(1)', '-  expect(b).toBe(2)'])],
  [
    '`test/a.test.js` was a test',
    { path: 'docs/a.js', previousPath: 'test/a.test.js', status: 'renamed', diff: '' } as const,
  ],
  ['changes what the checks run', file('tox.ini', ['-commands = pytest', '+commands = true'])],
  ['changes what the checks run', file('pyproject.toml', ['+addopts = "--ignore=tests"'])],
  ['changes what the checks run', file('Makefile', ['-\tpytest', '+\ttrue'])],
  ['changes what the checks run', file('vitest.config.ts', ["+  exclude: ['**']"], 'added')],
  ['2 fewer tests', file('test/a.test.js', ["-test('a', f)", "-test('b', f)", '+// gone'])],
  ['1 fewer test than', file('tests/test_a.py', ['-def test_a():', '-    pass'])],
  ['looks like a leftover', file('src/a.ts.orig', ['+x'], 'added')],
  ['looks like a leftover', file('__pycache__/a.pyc', [], 'added')],
  ['looks like a leftover', file('debug.py', ['+x'], 'added')],
  ['`package.json` did not', file('package-lock.json', ['+x'])],
  ['changes what the checks run', file('package.json', ['-    "test": "vitest",', '+    "test": "true",'])],
  ['changes what the checks run', file('package.json', ['-  "scripts": { "test": "vitest" }'])],
  ['changes what the checks run', file('.github/backspace.yml', ['+checks: []'], 'added')],
])('%s is found', async (warning, changed) => {
  expect((await textsOf([changed])).join('\n')).toContain(warning)
})

test('a test that is skipped already, or asserts in another way, is no warning', async () => {
  const skipped = `it${'.'}skip('a', f)`
  expect(await textsOf([file('a.spec.ts', [`-${skipped}`, `+  ${skipped}`])])).toEqual([])
  expect(await textsOf([file('a.spec.ts', ['-expect(a).toBe(1)', '+expect(a).toEqual(1)'])])).toEqual([])
  expect(await textsOf([file('src/lib.rs', ['-    assert!(a > 0);', '+    let b = a;'])])).toEqual([])
  expect(await textsOf([file('pyproject.toml', ['+version = "2"'])])).toEqual([])
  expect(await textsOf([file('Makefile', ['-.PHONY: test', '+.PHONY: lint test', '+lint:'])])).toEqual([])
})

test('what was there before, or lies where it belongs, is no warning', async () => {
  expect(await textsOf([file('logs/app.log', ['+x'])])).toEqual([])
  expect(await textsOf([file('src/debug.ts', ['+x'], 'added')])).toEqual([])
  expect(await textsOf([file('test/fixtures/skip.test.ts', [`+it${'.'}skip('a')`])])).toEqual([])
  expect(await textsOf([file('src/a.ts', ['-<<<<<<< HEAD', '--- x'])])).toEqual([])
})
