import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findReverts, reverts } from '../../../src/runs/outcomes/find-reverts.ts'

const SHA = 'c0ffee254729296a45a3885639ac7e10f9d54979'

test.each([
  ['git revert', `Revert "Fix it"\n\nThis reverts commit ${SHA}.`, { shas: [SHA], numbers: [] }],
  [
    'of a merge',
    `Revert "Merge pull request #7"\n\nThis reverts commit ${SHA}, reversing\nchanges made to abc.`,
    { shas: [SHA], numbers: [] },
  ],
  ['a shortened id', 'oops\n\nThis Reverts commit C0FFEE2', { shas: ['c0ffee2'], numbers: [] }],
  ['the button', 'Revert "Fix it"\nReverts acme/api#7', { shas: [], numbers: [7] }],
  ['the button, with another title', 'Back it out\nIt broke.\nReverts #7', { shas: [], numbers: [7] }],
  ['a squashed revert', 'Revert "Fix it (#7)" (#9)', { shas: [], numbers: [7] }],
  ['a title with more numbers', 'Revert "Fix #3, again (#4) (#7)" (#9)', { shas: [], numbers: [7] }],
  ['a revert of a revert', 'Revert "Revert "Fix it (#7)" (#9)" (#11)', { shas: [], numbers: [9] }],
  ['GitHub’s word for that', 'Reapply "Fix it (#7)" (#11)', { shas: [], numbers: [] }],
  ['another repository', 'x\nReverts other/api#7', { shas: [], numbers: [] }],
  ['a sentence about it', 'Nothing reverts #7 here; this reverts commit messages', { shas: [], numbers: [] }],
])('%s', (_name, text, expected) => {
  expect(findReverts(text, 'Acme/API')).toEqual(expected)
})

test('any text is read in time that grows with its length, and a revert names only what it says', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 500 }), fc.string({ maxLength: 500 }), (before, after) => {
      const found = findReverts(`${before}\nThis reverts commit ${SHA}.\n${after}`, 'acme/api')
      expect(found.shas).toContain(SHA)
      expect(reverts(found, { number: -1, commits: [null, SHA.toUpperCase()] })).toBe(true)
      expect(reverts(found, { number: -1, commits: [null, 'f'.repeat(40)] })).toBe(false)
    }),
  )
  const long = `Revert "${'(#1)"'.repeat(200_000)}\n${'this reverts commit '.repeat(50_000)}`
  expect(findReverts(long, 'a/b').shas).toEqual([])
  const many = Array.from({ length: 500 }, (_, n) => `Reverts #${n + 1}`).join('\n')
  expect(findReverts(many, 'a/b').numbers).toHaveLength(20)
})
