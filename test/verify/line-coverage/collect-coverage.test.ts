import { expect, test } from 'vitest'
import { collectCoverage } from '../../../src/verify/line-coverage/collect-coverage.ts'
import { coverageLimit, mayBlameCoverage } from '../../../src/verify/line-coverage/wanted-coverage.ts'
import { expectLinear } from '../../support/growth.ts'
import { testsOf } from '../named-checks.ts'

const FOLDER = '/tmp/test-reports-0123456789abcdef0123456789abcdef'
const MARK = '=== 0123456789abcdef coverage ==='
const ASKED = [{ format: 'istanbul', pattern: '/r/*.json', folder: 'web' }] as const

function collect(...sections: readonly (readonly [string, string])[]) {
  const parts = sections.map(([title, text]) => `\n${MARK} ${title}\n${text}`)
  return collectCoverage(`names\n${MARK}\n${parts.join('')}`, { folder: FOLDER, asked: ASKED })
}

test('what was asked for and what was found are separated, by the names of files', () => {
  const found = ['./a/lcov.info', './x.lcov', './.nyc_output/1.json', './.resultset.json', './a b/cover.out']
  expect(collect(['asked 0', 'one\n'], ...found.map((path) => [`found ${path}`, 'x'] as const))).toEqual({
    before: 'names',
    texts: [
      { format: 'istanbul', text: 'one\n', folder: 'web' },
      { format: 'lcov', text: 'x', path: 'a/lcov.info' },
      { format: 'lcov', text: 'x', path: 'x.lcov' },
      { format: 'istanbul', text: 'x', path: '.nyc_output/1.json' },
      { format: 'simplecov', text: 'x', path: '.resultset.json' },
      { format: 'go', text: 'x', path: 'a b/cover.out' },
    ],
  })
  const none = ['asked 1', 'asked -1', 'asked', 'found ./package.json', 'found', '', 'other x']
  expect(collect(...none.map((title) => [title, 'x'] as const)).texts).toEqual([])
  expect(collectCoverage('names', { folder: FOLDER, asked: ASKED })).toEqual({ before: 'names', texts: [] })
})

test('a part of the reports would say that the rest did not run, so it counts for nothing', () => {
  const many = Array.from({ length: 201 }, (_, index) => [`found ./.nyc_output/${index}.json`, 'x'] as const)
  expect(collect(['asked 0', 'x'], ...many).texts).toEqual([{ format: 'istanbul', text: 'x', folder: 'web' }])
  expect(collect(['asked 0', 'x'.repeat(16 * 1024 * 1024)]).texts).toEqual([])
})

test('the time to take it apart grows with its length', () => {
  for (const piece of [`\n${MARK} found ./lcov.info\n`, `\n${MARK}\n`, 'x', '\n===']) {
    expectLinear((text) => collectCoverage(text, { folder: FOLDER, asked: ASKED }), piece)
  }
})

test('a run with coverage has twice the time of before, and one that took long is not asked', () => {
  const took = (durationMs: number) => ({ result: { exitCode: 0, durationMs } })
  expect(coverageLimit(took(1_000), 60_000)).toBe(22_000)
  expect(coverageLimit(took(50_000), 60_000)).toBe(60_000)
  expect(coverageLimit(took(121_000), 600_000)).toBeUndefined()
  expect(coverageLimit(undefined, 600_000)).toBe(60_000)
})

test.each([
  [0, '+a +b', 0, '+a +b', false],
  [1, '+a -b', 1, '-b', false],
  [1, '-a -b', 1, '-b', true],
  [1, '+a', 0, '+a', true],
  [1, '+a -b', 0, '+a +b', true],
  [0, '+a -b', 0, '+a +b', true],
  [1, undefined, 1, undefined, true],
  [1, '-a', undefined, undefined, true],
])('exit code %j with %j, after %j with %j: may be the fault of coverage: %j', (exitCode, now, was, before, expected) => {
  const runOf = (code: number, tests: string | undefined) => ({
    result: { exitCode: code, durationMs: 1 },
    tests: tests === undefined ? undefined : testsOf(tests),
  })
  const earlier = was === undefined ? undefined : runOf(was, before)
  expect(mayBlameCoverage(runOf(exitCode, now), earlier)).toBe(expected)
})
