import { expect, test } from 'vitest'
import { readMergeTree } from '../../../src/pipeline/merge/read-merge-tree.ts'

const [TREE, ONE, TWO] = ['a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40)]

test('a merge is read with the stages of its conflicts and what git says about them', () => {
  const printed = [
    TREE,
    `100644 ${ONE} 2\tby us only.txt`,
    `100755 ${TWO} 3\tsrc/a\tb.sh`,
    '',
    ...['1', 'src/a\tb.sh', 'Auto-merging', 'Auto-merging src/a\tb.sh\n'],
    ...['2', 'by us only.txt', 'src/a\tb.sh', 'CONFLICT (modify/delete)', 'CONFLICT: it was deleted.\n'],
    '',
  ].join('\0')
  const says = ['CONFLICT: it was deleted.']
  expect(readMergeTree(printed)).toEqual({
    tree: TREE,
    conflicts: [
      {
        path: 'by us only.txt',
        ancestor: undefined,
        ours: { mode: '100644', sha: ONE },
        theirs: undefined,
        says,
      },
      {
        path: 'src/a\tb.sh',
        ancestor: undefined,
        ours: undefined,
        theirs: { mode: '100755', sha: TWO },
        says,
      },
    ],
  })
})

test('a clean merge has no conflicts, and anything else is not read', () => {
  expect(readMergeTree(`${TREE}\0`)).toEqual({ tree: TREE, conflicts: [] })
  expect(readMergeTree('usage: git merge-tree')).toBeUndefined()
  expect(readMergeTree(`${TREE}\0nonsense\0`)).toBeUndefined()
})
