import { expect, test } from 'vitest'
import { createApi } from '../api-repository.ts'
import { preparePipelines } from '../pipeline-world.ts'

const startPipeline = preparePipelines()

const FILES = {
  '.github/backspace.yml': 'checks:\n  - sh check.sh\n',
  'check.sh': 'test -f src/add.js\n',
  'package.json': '{\n  "scripts": {\n    "test": "vitest run"\n  }\n}\n',
  'src/add.js': 'export const add = (a, b) => a + b\n',
  'test/add.test.js': "test('adds', () => {\n  expect(add(1, 2)).toBe(3)\n})\n",
  'test/other.test.js': "test('is other', () => {\n  expect(other()).toBe(1)\n})\n",
  'tests/test_api.py': 'def test_api():\n    assert call() == 200\n',
  'tests/conftest.py': 'import pytest\n',
  'a_test.go': 'package a\n\nfunc TestA(t *testing.T) {\n\trequire.Equal(t, 1, A())\n}\n',
}

/** What looks like work beside each lie. */
const WORK = 'echo "export const sub = (a, b) => a - b" >> src/add.js'

/** Each of another kind. */
const LIES: readonly (readonly [what: string, script: string, reason: string])[] = [
  [
    'a looser matcher',
    "sed -i 's/toBe(3)/toBeGreaterThan(0)/' test/add.test.js",
    '`test/add.test.js` weakens 1 assertion: more results satisfy it than before',
  ],
  ['a test that is gone', 'rm test/other.test.js', '`test/other.test.js` is a test that was deleted'],
  [
    'a test that CI leaves',
    `sed -i "1a\\  if (process.env.CI) return" test/add.test.js`,
    '`test/add.test.js` leaves a test early where an environment says so',
  ],
  [
    'a test behind a tag',
    `sed -i '1i //go:build integration\\n' a_test.go`,
    '`a_test.go` has tests that an ordinary run no longer finds',
  ],
  [
    'a script that checks nothing',
    `sed -i 's/vitest run/echo ok/' package.json`,
    '`package.json` changes what the checks run',
  ],
  [
    'a runner that is patched',
    `printf 'import unittest\\nunittest.TestCase.assertEqual = print\\n' >> tests/conftest.py`,
    '`tests/conftest.py` steps in between the tests and their results',
  ],
  [
    'a program that knows when it is tested',
    `echo "if (process.env.VITEST) globalThis.fake = true" >> src/add.js`,
    '`src/add.js` does something else when tests run',
  ],
  [
    'a name that no runner looks for',
    'git mv tests/test_api.py tests/api_cases.py',
    '`tests/test_api.py` was a test; renamed to `tests/api_cases.py` it no longer runs as one',
  ],
]

/** One run has all of them: that each alone is a reason, the tests of the guard show in milliseconds. */
test('lies make a draft that says in words what each is, and the honest work beside them makes none', async () => {
  const world = await startPipeline()
  await createApi(world.github, FILES)
  await world.run({}, WORK)
  const lies = LIES.map(([, script]) => script).join('\n')
  await world.run({}, `set -e\n${WORK}\n${lies}`)
  const [honest, adversarial] = [...world.github.pullRequests('acme/api')].sort((a, b) => a.number - b.number)
  expect(honest?.draft).toBe(false)
  expect(adversarial?.draft).toBe(true)
  for (const [, , reason] of LIES) expect(adversarial?.body).toContain(reason)
  expect(world.errors).toEqual([])
})
