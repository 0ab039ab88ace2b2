import { expect, test } from 'vitest'
import { asksForMerge } from '../../../src/pipeline/workspace/merge-wish.ts'

test.each([
  ['resolve the conflicts with main', { isAll: true, isRebase: false }],
  ['Please fix the merge conflicts.', { isAll: true, isRebase: false }],
  ['merge `main` into this branch', { isAll: true, isRebase: false }],
  ['Merge the latest changes from release/2.x', { isAll: true, isRebase: false }],
  ['update the branch', { isAll: true, isRebase: false }],
  ['Bring this PR up to date with origin/main', { isAll: true, isRebase: false }],
  ['rebase on main please', { isAll: true, isRebase: true }],
  ['Make this mergeable', { isAll: true, isRebase: false }],
  ['conflicts!', { isAll: true, isRebase: false }],
  ['there are merge conflicts, can you have a look pls?', { isAll: true, isRebase: false }],
  ['get rid of the conflicts', { isAll: true, isRebase: false }],
  ['pull main into this', { isAll: true, isRebase: false }],
  ['catch up with main', { isAll: true, isRebase: false }],
  ['this is behind main, update it', { isAll: true, isRebase: false }],
  ['Resolve the conflicts with main and add a test for the parser', { isAll: false, isRebase: false }],
  ['Fix the conflict in src/a.ts, keep our version', { isAll: false, isRebase: false }],
])('"%s" asks for a merge', (prompt, wish) => {
  expect(asksForMerge(prompt, 'release/2.x')).toEqual(wish)
})

test.each([
  'Rename the main function',
  'Fix the typo in the README, do not merge main',
  "Don't rebase, just add a test",
  'Why does this conflict with main?',
  'update the documentation of the branch command',
  'merge the two loops in main.ts',
  'Merge both helpers into mainstream.ts',
  'Merge this into main',
  'Add a `resolve` method',
  'Keep the mainnet addresses out of it',
  'resolve naming conflicts in the CSS',
  'fix the conflict between the two settings in config.ts',
  'The conflict resolution is wrong, fix it',
  'handle conflict errors of the API',
])('"%s" does not', (prompt) => {
  expect(asksForMerge(prompt, 'main')).toBeUndefined()
})
