import { expect, test } from 'vitest'
import { diffGuard, type GuardedFile } from '../../src/checks/diff-guard.ts'

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

test('an ordinary change raises nothing', () => {
  expect(
    diffGuard([
      file('src/a.ts', ['-const a = 1', '+const a = 2', ' // eslint-disable-next-line']),
      file('test/a.test.ts', ["-test('a', () => {})", "+test('b', () => {})", "+test('c', () => {})"]),
      file('package.json', ['+    "left-pad": "1.0.0"']),
      file('package-lock.json', ['+  x']),
      file('README.md', ['+Title', '+=======']),
    ]),
  ).toEqual([])
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
  ['2 fewer tests', file('test/a.test.js', ["-test('a', f)", "-test('b', f)", '+// gone'])],
  ['1 fewer test than', file('tests/test_a.py', ['-def test_a():', '-    pass'])],
  ['looks like a leftover', file('src/a.ts.orig', ['+x'], 'added')],
  ['looks like a leftover', file('__pycache__/a.pyc', [], 'added')],
  ['looks like a leftover', file('debug.py', ['+x'], 'added')],
  ['`package.json` did not', file('package-lock.json', ['+x'])],
  ['changes what the checks run', file('package.json', ['-    "test": "vitest",', '+    "test": "true",'])],
  ['changes what the checks run', file('package.json', ['-  "scripts": { "test": "vitest" }'])],
  ['changes what the checks run', file('.github/backspace.yml', ['+checks: []'], 'added')],
])('%s is a warning', (warning, changed) => {
  expect(diffGuard([changed]).join('\n')).toContain(warning)
})

test('what was there before, or lies where it belongs, is no warning', () => {
  expect(diffGuard([file('logs/app.log', ['+x'])])).toEqual([])
  expect(diffGuard([file('src/debug.ts', ['+x'], 'added')])).toEqual([])
  expect(diffGuard([file('test/fixtures/skip.test.ts', [`+it${'.'}skip('a')`])])).toEqual([])
  expect(diffGuard([file('src/a.ts', ['-<<<<<<< HEAD', '--- x'])])).toEqual([])
})
