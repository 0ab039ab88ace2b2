import { expect, test } from 'vitest'
import { readPatch } from '../../../src/pipeline/checkpoint/read-patch.ts'
import { collectChanges } from '../../../src/pipeline/collect/collect-changes.ts'
import { cleanWorkspace } from '../../../src/pipeline/workspace/clean-workspace.ts'
import { ONLY_LOOKS, watchTree } from '../../../src/pipeline/workspace/tree-watch.ts'
import { prepareWorkspaceWith } from '../prepared-workspace.ts'

const { signal } = new AbortController()
const bytes = (text: string) => new TextEncoder().encode(text)

/** A workspace that is watched, as the agent gets it, and what was run in its sandbox. */
async function prepareWatched(script: string) {
  const place = await prepareWorkspaceWith(script)
  const { workspace } = await cleanWorkspace(place.workspace, { signal })
  const ran: string[] = []
  const counted: typeof place.sandbox = {
    ...place.sandbox,
    exec(command, options) {
      ran.push(command)
      return place.sandbox.exec(command, options)
    },
  }
  const watch = watchTree(counted, workspace.path)
  const watched = { ...workspace, sandbox: watch.sandbox, watch }
  return {
    ...place,
    workspace: watched,
    watch,
    ran,
    /** The tree that git's own commands make of the files. */
    async gitTree() {
      const printed = await place.run(
        'export GIT_INDEX_FILE=~/own-index; rm -f ~/own-index; git read-tree HEAD; git add -A; git write-tree',
      )
      return printed.trim()
    },
    async look(known = '') {
      const found = await readPatch(watched, { known, maxBytes: 1_000_000, signal })
      return found.kind === 'patch' ? found.tree : known
    },
  }
}

test('a workspace in which nothing ran is not looked at again, and after an edit only the edited file is', async () => {
  await using place = await prepareWatched('mkdir src; echo a > src/a; echo b > b; echo "*.log" > .gitignore')
  const { watch, workspace, ran, look, gitTree } = place
  const file = (name: string) => `${workspace.path}/${name}`
  const first = await look()
  expect(first).toBe(workspace.base.tree)
  expect(await look(first)).toBe(first)
  expect(await watch.sandbox.exec('cat b', { cwd: workspace.path, env: ONLY_LOOKS })).toMatchObject({
    stdout: 'b\n',
  })
  expect(await look(first)).toBe(first)
  expect(ran).toHaveLength(2)

  await watch.sandbox.writeFile(file('src/a'), bytes('A\n'))
  // Nothing that happened past the watch is seen: a look at one file does not see another.
  await place.run('echo B > b')
  const edited = await look(first)
  await place.run('git checkout -q b')
  expect(edited).toBe(await gitTree())
  const { files } = await collectChanges(workspace, { baseFiles: place.baseFiles, signal })
  expect(files.map(({ path }) => path)).toEqual(['src/a'])

  // New files are looked at with everything else: git may ignore them.
  await place.run('echo B > b')
  await watch.sandbox.writeFile(file('x.log'), bytes('x\n'))
  expect(await look(edited)).toBe(await gitTree())

  await watch.sandbox.exec('rm -r src; echo now a file > src; rm b', { cwd: workspace.path })
  expect(watch.known()).toBeUndefined()
  expect(await look(first)).toBe(await gitTree())
})

test('a look during which something happens is not remembered, nor one that the sandbox has lost', async () => {
  await using place = await prepareWatched('echo a > a')
  const { watch, workspace, look } = place
  const [done] = await Promise.all([look(), watch.sandbox.writeFile(`${workspace.path}/a`, bytes('A\n'))])
  expect([workspace.base.tree, await place.gitTree()]).toContain(done)
  expect(watch.known()).toBeUndefined()
  const tree = await look()
  expect(tree).toBe(await place.gitTree())
  await place.run(`rm ~/.backspace/base.git/objects/${tree.slice(0, 2)}/${tree.slice(2)}; echo later > a`)
  expect(await look()).toBe(await place.gitTree())
})

test('every name makes the tree that git makes of it', async () => {
  await using place = await prepareWatched(
    `echo 1 > '"quoted'; echo 2 > $'two\\nlines'; mkdir d e; echo 3 > d/f; echo 4 > e/f; echo 5 > 'with space'; ln -s d link`,
  )
  const { watch, workspace, look, gitTree } = place
  const scripts = [
    `echo x >> '"quoted'; rm d/f; rmdir d; echo x > d`,
    `rm '"quoted'; rm -r e; ln -s d e; chmod +x 'with space'`,
    `rm $'two\\nlines'; echo ü > 'ü"\\'; mkdir -p deep/er; echo x > $'deep/er/\\ttab'; rm link; mkdir link; echo x > link/x`,
    `echo x > $'new\\nline'`,
    'rm -rf -- * .??*/nothing',
  ]
  for (const script of scripts) {
    await watch.sandbox.exec(script, { shell: 'agent', cwd: workspace.path })
    expect(await look(), script).toBe(await gitTree())
  }
})
