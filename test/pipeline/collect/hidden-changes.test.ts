import { expect, test } from 'vitest'
import { collectChanges } from '../../../src/pipeline/collect/collect-changes.ts'
import { buildWorkspace } from '../../../src/pipeline/workspace/build-workspace.ts'
import { cleanWorkspace } from '../../../src/pipeline/workspace/clean-workspace.ts'
import { type PreparedWorkspace, prepareWorkspaceWith } from '../prepared-workspace.ts'

const { signal } = new AbortController()
const FILES = 'a b c d e f g h i j k l m n'.split(' ')
const GIT = 'export GIT_DIR=~/.backspace/base.git GIT_WORK_TREE=~/workspace'

/** A workspace as the agent gets it, a moment later: git need not read files that were written just now. */
async function prepareForAgent(script: string): Promise<PreparedWorkspace> {
  const prepared = await prepareWorkspaceWith(script)
  await prepared.run('find . -path ./.git -prune -o -type f -exec touch -d "2026-01-01" {} +')
  const { workspace } = await cleanWorkspace(prepared.workspace, { signal })
  return { ...prepared, workspace }
}

async function changedPaths({ workspace, baseFiles }: PreparedWorkspace): Promise<readonly string[]> {
  return (await collectChanges(workspace, { baseFiles, signal })).files.map(({ path }) => path)
}

/** Each hides a change of one file from git, or from a reader that relies on what git remembers. */
const TRICKS: Readonly<Record<string, string>> = {
  a: 'echo A > a; touch -d "2026-01-01" a',
  b: 'cp -p b ~/b; sed -i s/b/B/ b; touch -r ~/b b',
  c: 'sed s/c/C/ c > ~/c; touch -d "2026-01-01" ~/c; mv ~/c c',
  d: `echo D > d; ${GIT}; git update-index --assume-unchanged d`,
  e: `echo E > e; ${GIT}; git update-index --skip-worktree e`,
  f: `echo F > f; ${GIT}; git add f`,
  g: `echo G > g; ${GIT}; touch -d tomorrow ~/.backspace/base.git/index`,
  h: 'echo H > h; git update-index --assume-unchanged h; git commit -qm own || true',
  i: 'chmod +x i; touch -d "2026-01-01" i',
  j: 'rm j; ln -s a j; touch -h -d "2026-01-01" j',
  k: 'mv k K; touch -d "2026-01-01" . K',
  l: 'echo l >> .gitignore; echo L > l; git rm -q --cached l',
  m: 'rm m; mkdir m; echo x > m/x; touch -d "2026-01-01" m',
  n: `echo N > n; rm -rf .git; ${GIT}; git -C ~/workspace replace -f "$(git rev-parse HEAD:a)" "$(git hash-object -w n)"`,
}

test('a change is found however it is hidden', async () => {
  await using place = await prepareForAgent(`for f in ${FILES.join(' ')}; do echo $f > $f; done`)
  const expected: string[] = []
  for (const name of FILES) {
    await place.run(TRICKS[name] ?? '')
    expected.push(name)
    if (name === 'k') expected.push('K')
    if (name === 'l') expected.push('.gitignore')
    if (name === 'm') expected.push('m/x')
    expect(new Set(await changedPaths(place)), TRICKS[name]).toEqual(
      // A file that only moved is one change.
      new Set(expected.filter((path) => path !== 'k')),
    )
  }
})

test('files that the git of the agent keeps out of the folder are not deleted', async () => {
  await using place = await prepareForAgent(
    `mkdir -p src/in docs "o'd d"; for f in a src/b src/in/c docs/d "o'd d/é"; do echo x > "$f"; done`,
  )
  await place.run('git status --short; git sparse-checkout set src')
  expect(await place.run('ls -A docs 2>&1 || true')).toContain('No such file')
  expect(await changedPaths(place)).toEqual([])
  await place.run('echo y > src/b; rm src/in/c; git rm -q --sparse docs/d')
  expect(await changedPaths(place)).toEqual(['docs/d', 'src/b', 'src/in/c'])
  await place.run('git sparse-checkout set --no-cone --sparse-index /a')
  // Git says of the file that was deleted by hand, too, that it is only kept out.
  expect(await changedPaths(place)).toEqual(['docs/d', 'src/b'])
})

test('a file in a folder whose time was put back is found', async () => {
  await using place = await prepareForAgent(
    'mkdir -p deep/er; echo a > deep/er/a; mkdir other; echo b > other/b',
  )
  expect(await changedPaths(place)).toEqual([])
  await place.run('touch -r deep/er ~/time; echo new > deep/er/new; touch -r ~/time deep/er deep')
  await place.run('touch -r other ~/time; mkdir other/sub; echo new > other/sub/new; touch -r ~/time other')
  expect(await changedPaths(place)).toEqual(['deep/er/new', 'other/sub/new'])
  await place.run(
    'mkdir inner; git init -q inner; echo x > inner/x; mkdir -p plain/inner; cp -r inner/.git plain/inner; echo y > plain/y',
  )
  const collected = await collectChanges(place.workspace, { baseFiles: place.baseFiles, signal })
  expect(collected.files.map(({ path }) => path)).toEqual(['deep/er/new', 'other/sub/new', 'plain/y'])
  expect(collected.notices).toEqual([
    '`inner/`, `plain/inner/` are git repositories of their own, so nothing in them is published. If the files belong to the change, remove their `.git`.',
  ])
})

test('git does not wait for a pipe that has the name of a file it reads', async () => {
  await using place = await prepareForAgent('echo a > a; echo "* text" > .gitattributes')
  await place.run(
    `echo b > a; mkdir sub; mkfifo sub/.gitignore; cd ~/.backspace/base.git/info; rm -f exclude; mkfifo exclude`,
  )
  await expect(changedPaths(place)).rejects.toThrow('`sub/.gitignore` is a pipe and not a file')
  await place.run('rm sub/.gitignore')
  expect(await changedPaths(place)).toEqual(['a'])
})

test('an index that setup forged does not count, nor does one that the host does not know', async () => {
  await using place = await prepareWorkspaceWith('echo a > a; echo b > b')
  await place.run(`echo A > a; ${GIT}; git update-index --assume-unchanged a`)
  const cleaned = await cleanWorkspace(place.workspace, { signal })
  expect(cleaned.restored).toBe(1)
  expect(await place.run('cat a')).toBe('a\n')
  await place.run(`echo B > b; ${GIT}; git update-index --assume-unchanged b`)
  const unknown = { ...place, workspace: { ...cleaned.workspace, index: '' } }
  expect(await changedPaths(unknown)).toEqual(['b'])
})

test('an unchanged workspace is not read again', async () => {
  await using place = await prepareWorkspaceWith('echo a > a')
  await place.run('echo A > a')
  const { workspace, baseFiles, sandbox } = place
  const printed: string[] = []
  const watched: typeof sandbox = {
    ...sandbox,
    async exec(command, options) {
      const result = await sandbox.exec(command, options)
      printed.push(result.stdout)
      return result
    },
  }
  const options = { baseFiles, signal }
  const first = await collectChanges({ ...workspace, sandbox: watched }, options)
  const again = await collectChanges({ ...workspace, sandbox: watched }, { ...options, last: first })
  expect(again).toEqual(first)
  expect(printed[1]).toBe(`${first.tree} complete 0\n`)
  await place.run('echo B > a')
  const later = await collectChanges({ ...workspace, sandbox: watched }, { ...options, last: again })
  expect(later.diff).toContain('+B')
})

test('installing keeps what belongs to no commit, and it is no change', async () => {
  await using place = await prepareWorkspaceWith(
    'echo a > a; mkdir src; echo b > src/b; echo /out > .gitignore',
  )
  await place.run(`mkdir -p node_modules/x out; echo kept > node_modules/x/k; echo kept > out/k; echo A > a; echo kept > new
    rm -rf src .gitignore .git; ln -s /etc src; mkdir .gitignore; echo x > .gitignore/x`)
  const built = await buildWorkspace(place.workspace, { signal })
  const { workspace } = await cleanWorkspace(built, { signal })
  expect(await changedPaths({ ...place, workspace })).toEqual([])
  expect(await place.run('cat a src/b node_modules/x/k out/k new; ls -A; git status --short')).toBe(
    'a\nb\nkept\nkept\nkept\n.git\n.gitignore\na\nnew\nnode_modules\nout\nsrc\n',
  )
})

test('files that a checkout writes otherwise than they are stored do not stop the cleaning, and fixtures may have the name of what tools leave behind', async () => {
  await using place =
    await prepareWorkspaceWith(`printf 'raw' > a.bin; printf 'x\\r\\n' | tee a.txt '"b.txt' $'c\\nd.txt' >/dev/null; git add .
    printf '*.bin filter=lfs -text\\n*.txt text\\n' > .gitattributes; mkdir -p test/node_modules/x; echo a > test/node_modules/x/a`)
  const { workspace, restored } = await cleanWorkspace(place.workspace, { signal })
  const cleaned = { ...place, workspace }
  expect([restored, await changedPaths(cleaned)]).toEqual([0, []])
  await place.run(
    'for d in test/node_modules/x node_modules/y web/.venv; do mkdir -p $d; echo b > $d/b; done; echo c > c.pyc',
  )
  expect(await changedPaths(cleaned)).toEqual(['test/node_modules/x/b'])
})
