import { expect, test } from 'vitest'
import { tellingLines } from '../../../src/commands/terminal/views/paint.ts'

const TAP = `TAP version 13
# Subtest: greets a stranger
not ok 1 - greets a stranger
  ---
  duration_ms: 1.2
  failureType: 'testCodeFailure'
  error: |-
    Expected values to be strictly equal:
  expected: 'Hello, stranger!'
  actual: 'Hello, !'
  ...
# tests 2
# pass 1
# fail 1
# cancelled 0
# duration_ms 142.2`

test('of a test that fails, what fails and why is shown, not the totals', () => {
  expect(tellingLines(TAP, { failed: true, most: 8 })).toEqual([
    'not ok 1 - greets a stranger',
    '    Expected values to be strictly equal:',
    "  expected: 'Hello, stranger!'",
    "  actual: 'Hello, !'",
  ])
})

test('of tests that pass, the totals are shown', () => {
  const output = 'ok 1 - a\nok 2 - b\n# tests 2\n# pass 2\n# fail 0\n# todo 0\n'
  expect(tellingLines(output, { failed: false, most: 8 })).toEqual(['# pass 2', '# fail 0'])
})

test('a failure that a summary repeats is shown once', () => {
  const output = 'FAILED test_a.py::test_one\nsome words\nFAILED test_a.py::test_one\n1 failed in 0.1s'
  expect(tellingLines(output, { failed: true, most: 8 })).toEqual([
    'FAILED test_a.py::test_one',
    '1 failed in 0.1s',
  ])
})

test('where nothing is known about the output, its last lines are shown', () => {
  expect(tellingLines('one\n\ntwo\nthree\n', { failed: true, most: 2 })).toEqual(['two', 'three'])
  expect(tellingLines('', { failed: false, most: 2 })).toEqual([])
})
