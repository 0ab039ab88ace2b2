import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildWorkspace } from '../../src/pipeline/workspace/build-workspace.ts'
import { changeStream } from '../../src/verify/change-stream.ts'
import { createTreeIds } from '../../src/verify/tree-id.ts'
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
  expect(await createTreeIds(base).withChange([])).toBe(workspace.base.tree)

  const files = [
    file('a', 'a file where a folder was\n', { status: 'added' }),
    file('a/x', null, { status: 'deleted' }),
    file('deep/er/y', 'moved\r\nwithout a last line end', { previousPath: 'z', status: 'renamed' }),
    file('ünï/"quoted" \\ and\nbroken', 'data 5\nD a\n', { status: 'added', mode: '100755' }),
    file('link', 'z', { mode: '120000' }),
    file('run.sh', 'run\n'),
    file('empty', '', { status: 'added' }),
  ]
  const tree = await createTreeIds(base, workspace.base.tree).withChange(files)
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

test('folders without a change are as the list says, and the others are compared with it', async () => {
  const { sha, tree } = prepared.workspace.base
  const entries = listing().entries.filter(({ path }) => !/[\\"]/.test(path))
  const ids = (await prepared.run(`git ls-tree -r -d -z --format='%(objectname) %(path)' ${sha}`)).split('\0')
  const folders = new Map(ids.filter(Boolean).map((line) => [line.slice(41), line.slice(0, 40)]))
  expect([...folders.keys()]).toEqual(['a.b', 'a', 'a0', 'deep', 'deep/er'])
  const odd = [
    { path: 'odd "\\ name', mode: '100644', sha: file('', 'one\r\ntwo').sha ?? '' },
    { path: 'line\nbreak', mode: '100644', sha: file('', 'x').sha ?? '' },
  ]
  const whole = { entries: [...entries, ...odd], truncated: false }
  const change = [file('a/x', 'new\n')]
  const expected = await createTreeIds(whole).withChange(change)
  // What is missing below `deep` is only noticed by a change in it.
  const known = { ...whole, entries: whole.entries.filter(({ path }) => !path.startsWith('deep/')), folders }
  const list = { ...known, entries: [...known.entries, { path: 'deep/er/q', mode: '100644', sha: tree }] }
  const ofList = createTreeIds(list, tree)
  expect(await ofList.withChange(change)).toBe(expected)
  expect(await ofList.withChange([file('deep/er/y', null)])).toBeUndefined()
  expect(await createTreeIds({ ...whole, folders }, 'b'.repeat(40)).withChange(change)).toBeUndefined()
})

test('a list that was cut short has no tree', async () => {
  expect(await createTreeIds({ ...listing(), truncated: true }).withChange([])).toBeUndefined()
})
