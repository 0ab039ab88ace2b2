import { expect, test } from 'vitest'
import { markersIn } from '../../../src/pipeline/merge/markers.ts'
import { createMergeChange } from '../../../src/pipeline/merge/merge-change.ts'
import { mergeSummary, mergeTitle } from '../../../src/pipeline/merge/merge-text.ts'
import type { MergeConflict, PreparedMerge } from '../../../src/pipeline/merge/prepare-merge.ts'
import { changed } from '../changed-file.ts'

const HEADING = 'Title\n=======\n'
const OURS = `${HEADING}test('kept', () => {})\ntest('ours', () => {})\n`
const THEIRS = `${HEADING}test('kept', () => {})\ntest('theirs', () => {})\n`
const MARKED = `${HEADING}test('kept', () => {})\n<<<<<<< head\ntest('ours', () => {})\n||||||| 1234567\n=======\ntest('theirs', () => {})\n>>>>>>> base\n`
const PATH = 'a.test.ts'

const sides = [Buffer.from(OURS), Buffer.from(THEIRS)]
const marked = changed({ path: PATH, status: 'modified', text: MARKED })
const ours = changed({ path: PATH, status: 'modified', text: OURS })
const stage = (sha: string | null) => ({ mode: '100644', sha: sha ?? '' })
const conflict: MergeConflict = {
  path: PATH,
  ancestor: undefined,
  ours: stage(ours.sha),
  theirs: stage(changed({ path: PATH, status: 'modified', text: THEIRS }).sha),
  says: [],
  relock: undefined,
  hasMarkers: true,
  sides,
}
const added = changed({ path: 'new.txt', status: 'added', text: 'new\n' })
const prepared: PreparedMerge = {
  wish: { headSha: 'h'.repeat(40), from: 'main', isAll: true, isRebase: false },
  tree: 't'.repeat(40),
  files: [marked, added],
  known: new Set(),
  conflicts: [conflict, { ...conflict, path: 'go.sum', relock: 'go mod tidy', hasMarkers: false }],
  forwarded: [],
}
const base = {
  entries: [
    { path: PATH, mode: '100644', sha: conflict.theirs?.sha ?? '' },
    { path: 'old.txt', mode: '100644', sha: 'd'.repeat(40) },
  ],
  truncated: false,
}
const change = createMergeChange(prepared, base, [])
const resolved = (text: string) => changed({ path: PATH, status: 'modified', text })

test('markers are named with their lines until none is left; a heading that both sides have is none', () => {
  expect(() => change.split([])).toThrow('`a.test.ts` line 4, 6, 9')
  expect(() => change.split([resolved(MARKED.replace('<<<<<<< head\n', ''))])).toThrow(
    '`a.test.ts` line 5, 8',
  )
  expect(change.split([resolved(`${OURS}// more\n`)])).toMatchObject({ given: [], own: [{ path: PATH }] })
})

test('markers are as long as the attributes of the file ask for', () => {
  const begun = MARKED.replaceAll(/^([<|>])\1{6}(?= )/gm, (marker) => marker.slice(3)).replace(
    /\n=======(?=\ntest\('theirs)/,
    '\n====',
  )
  const bytes = Buffer.from(begun)
  expect(markersIn(bytes, { begun: bytes, sides })).toEqual([4, 6, 7, 9])
  expect(markersIn(Buffer.from(OURS), { begun: bytes, sides: [] })).toEqual([2])
})

test('a file in conflict that is now that of one side is not the work of the agent', () => {
  expect(change.split([resolved(OURS)])).toMatchObject({ given: [{ path: PATH }], own: [] })
  expect(change.split([resolved(OURS), added]).own).toEqual([added])
})

test('the guard counts what is against both sides, and not what only one of them had', async () => {
  expect(await change.guard([resolved(OURS)])).toEqual([])
  const found = await change.guard([resolved(`${HEADING}test('ours', () => {})\ntest('theirs', () => {})\n`)])
  expect(found.map(({ text }) => text)).toEqual([expect.stringContaining('`a.test.ts`')])
})

test('a lock file that nothing has written again is named with its command', async () => {
  expect(change.warnings([])).toEqual([
    expect.stringContaining('`go.sum` was in conflict and still is that of base.'),
  ])
  const done = createMergeChange(prepared, base, [
    { path: 'go.sum', command: 'go mod tidy', problem: undefined },
  ])
  expect(done.warnings([])).toEqual([])
  const lock = changed({ path: 'go.sum', status: 'modified', text: 'a\n' })
  expect([change.locks, change.sidesOf('go.sum'), change.sidesOf(PATH)]).toEqual([
    new Set(['go.sum']),
    undefined,
    sides,
  ])
  const other = { ...lock, path: 'Cargo.lock' }
  expect((await change.guard([lock, other])).map(({ text }) => text)).toEqual([
    '`Cargo.lock` changed, but `Cargo.toml` did not',
  ])
  expect(
    [change, done].map((one) => mergeTitle({ sha: 'b'.repeat(40) }, prepared, one.asBegun([]).length)),
  ).toEqual(['Merge main at bbbbbbb, resolving 1 file', 'Merge main at bbbbbbb, resolving 2 files'])
  expect(mergeSummary({ sha: 'b'.repeat(40) }, prepared, change.asBegun([]))).toContain(
    'still that of base, since nothing has written it again: `go.sum`',
  )
})

test('the whole merge is a change of the base: what both sides bring, and what the agent made of it', () => {
  const paths = (files: Parameters<typeof change.wholeChange>[0]) =>
    change.wholeChange(files).map(({ path, status }) => `${status} ${path}`)
  expect(paths([])).toEqual([`modified ${PATH}`, 'added new.txt'])
  const gone = (path: string) => ({ ...changed({ path, status: 'deleted' }), bytes: null, sha: null })
  expect(paths([resolved(THEIRS), gone('new.txt'), gone('old.txt')])).toEqual(['deleted old.txt'])
})

test('what has no markers and is as git left it is said, and a name that git made up is not published', () => {
  const bare = { ...conflict, hasMarkers: false, sides: [] }
  const picture = { ...bare, path: 'logo.png' }
  const moved = { ...bare, path: 'moved.txt', theirs: undefined }
  const aside = changed({ path: 'd~base', status: 'added', text: 'file\n' })
  const open = { ...prepared, conflicts: [conflict, picture, moved] }
  const left = createMergeChange(open, base, [])
  const decided = changed({ path: 'moved.txt', status: 'modified', text: 'x\n' })
  expect(left.asBegun([resolved(OURS), decided])).toEqual([picture])
  expect(left.warnings([resolved(OURS), decided])).toEqual([
    '`logo.png` was in conflict and is as git left it: with the content of head, and not that of base. If that is right, say why in the summary.',
  ])
  expect(mergeSummary({ sha: 'b'.repeat(40) }, open, [picture, moved])).toBe(
    'Merged main at bbbbbbb; resolved 1 file: `a.test.ts`; 1 file in conflict left as git left it, with the content of head, and not that of base: `logo.png`; 1 file in conflict left as git left it, kept with what head did, though base deleted or moved it: `moved.txt`.',
  )
  const asideToo = { ...open, files: [aside], conflicts: [{ ...bare, path: 'd~base', ours: undefined }] }
  const apart = createMergeChange(asideToo, base, [])
  expect(() => apart.split([])).toThrow('`d~base` still has the name that git made up for it')
  const away = { ...changed({ path: 'd/file.txt', previousPath: 'd~base', status: 'renamed' }) }
  expect(apart.split([away]).own).toEqual([away])
})
