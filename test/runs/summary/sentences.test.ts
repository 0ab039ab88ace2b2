import { expect, test } from 'vitest'
import { sentenceOf } from '../../../src/runs/summary/sentences.ts'

test.each([
  ['one line in one file', [[1, 1]], '1 file changed, +1 −1'],
  [
    'several files',
    [
      [5, 0],
      [0, 2],
      [0, 0],
    ],
    '3 files changed, +5 −2',
  ],
  ['a picture, a rename or a mode alone', [[0, 0]], '1 file changed'],
  [
    'several of those',
    [
      [0, 0],
      [0, 0],
    ],
    '2 files changed',
  ],
  ['nothing', [], 'No files changed'],
] as const)('a change is counted where lines changed: %s', (_, counts, sentence) => {
  const files = counts.map(([additions, deletions], index) => ({
    path: `f${index}`,
    status: 'modified' as const,
    additions,
    deletions,
  }))
  expect(sentenceOf({ type: 'changes.collected', files, diff: '' })).toBe(sentence)
})
