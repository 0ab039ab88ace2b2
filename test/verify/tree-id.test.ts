import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildWorkspace } from '../../src/pipeline/workspace/build-workspace.ts'
import { changeStream } from '../../src/verify/change-stream.ts'
import { changeListing, treeIdOf } from '../../src/verify/tree-id.ts'
import type { VerifiedFile } from '../../src/verify/verified-file.ts'
import { type PreparedWorkspace, prepareWorkspaceWith } from '../pipeline/prepared-workspace.ts'

let prepared: PreparedWorkspace
beforeAll(async () => {
  prepared = await prepareWorkspaceWith(`
    mkdir -p a a.b a0 deep/er && echo 1 > a/x && echo 2 > a.b/x && echo 3 > a0/x && echo 4 > deep/er/y
    printf 'one\\r\\ntwo' > 'odd "\\ name' && echo run > run.sh && chmod +x run.sh && ln -s run.sh link && echo z > z
    printf 'x' > "$(printf 'line\\nbreak')"`)
})
afterAll(() => prepared[Symbol.asyncDispose]())

const listing = () => ({
  entries: [...prepared.baseFiles].map(([path, { mode, sha }]) => ({ path, mode, sha })),
  truncated: false,
})

function file(path: string, text: string | null, more: Partial<VerifiedFile> = {}): VerifiedFile {
  const bytes = text === null ? null : Buffer.from(text)
  const sha = bytes && createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
  return {
    path,
    status: 'modified',
    mode: text === null ? '000000' : '100644',
    bytes,
    sha,
    diff: '',
    ...more,
  }
}

test('the tree of a change is the one that git makes of its stream', async () => {
  const { workspace } = prepared
  // Git quotes names with a line break or a quote, which the listing of this test does not undo.
  const entries = listing().entries.filter(({ path }) => !path.startsWith('"'))
  const odd = [
    { path: 'odd "\\ name', mode: '100644', sha: file('', 'one\r\ntwo').sha ?? '' },
    { path: 'line\nbreak', mode: '100644', sha: file('', 'x').sha ?? '' },
  ]
  const base = { entries: [...entries, ...odd], truncated: false }
  expect(await treeIdOf(base)).toBe(workspace.base.tree)

  const files = [
    file('a', 'a file where a folder was\n', { status: 'added' }),
    file('a/x', null, { status: 'deleted' }),
    file('deep/er/y', 'moved\r\nwithout a last line end', { previousPath: 'z', status: 'renamed' }),
    file('ünï/"quoted" \\ and\nbroken', 'data 5\nD a\n', { status: 'added', mode: '100755' }),
    file('link', 'z', { mode: '120000' }),
    file('run.sh', 'run\n'),
    file('empty', '', { status: 'added' }),
  ]
  const tree = await treeIdOf(changeListing(base, files))
  const stream = changeStream(workspace.base.sha, files)
  const signal = new AbortController().signal
  const built = await buildWorkspace(workspace, { signal, change: { stream, tree } })
  expect(built.base.tree).toBe(tree)
  expect(await prepared.run('cat a && cat "$(printf \'ünï/"quoted" \\\\ and\\nbroken\')"')).toBe(
    'a file where a folder was\ndata 5\nD a\n',
  )
  expect(await prepared.run('git status --porcelain --untracked-files=no')).toBe('')

  const wrong = { stream, tree: '0'.repeat(40) }
  await expect(buildWorkspace(workspace, { signal, change: wrong })).rejects.toMatchObject({
    code: 'tree_mismatch',
  })
})

test('a list that was cut short has no tree', async () => {
  expect(await treeIdOf({ ...listing(), truncated: true })).toBeUndefined()
})
