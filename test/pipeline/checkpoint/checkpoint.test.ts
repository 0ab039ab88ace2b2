import { expect, test } from 'vitest'
import { applyPatch, describePatch } from '../../../src/pipeline/checkpoint/patch.ts'
import { readPatch } from '../../../src/pipeline/checkpoint/read-patch.ts'
import { collectChanges } from '../../../src/pipeline/collect/collect-changes.ts'
import { endLeftovers } from '../../../src/pipeline/sandbox/end-leftovers.ts'
import { type PreparedWorkspace, prepareWorkspaceWith } from '../prepared-workspace.ts'

const { signal } = new AbortController()
const BASE = `printf 'one\\r\\ntwo\\r\\n' > crlf.txt; echo old > old.txt; echo gone > gone.txt; echo run > run.sh
  printf '\\0\\1' > b.bin; ln -s old.txt link; echo '*.log' > .gitignore; echo '*.txt diff=shout -text' > .gitattributes`

async function take(place: PreparedWorkspace, options: { known?: string; maxBytes?: number } = {}) {
  const { known = '', maxBytes = 1_000_000 } = options
  return readPatch(place.workspace, { known, maxBytes, signal })
}

async function collected(place: PreparedWorkspace) {
  const { files } = await collectChanges(place.workspace, { baseFiles: place.baseFiles, signal })
  return files.map(({ path, mode, sha }) => [path, mode, sha])
}

test('a checkpoint gives another sandbox the files that would be collected, whatever became of the clone', async () => {
  await using before = await prepareWorkspaceWith(BASE)
  await before.run(`
    sed -i 's/two/three/' crlf.txt; git rm -q gone.txt; chmod +x run.sh; printf '\\0\\2' > b.bin
    ln -sf crlf.txt link; git mv old.txt 'new name.txt'; echo ü > ü.txt; : > empty
    echo noise > x.log; mkdir -p 'in[n]er'; git init -q 'in[n]er'; echo hidden > 'in[n]er/file'
    git config diff.shout.command 'echo pwned'; git config core.autocrlf true; git commit -qam 'on my own'
    echo '* diff=shout' > ~/.backspace/base.git/info/attributes; echo '[core' > ~/.backspace/base.git/config`)
  const taken = await take(before)
  if (taken.kind !== 'patch') throw new Error(`it is ${taken.kind}`)
  await using after = await prepareWorkspaceWith(BASE)

  expect(await applyPatch(after.workspace, taken, signal)).toBe(true)

  const files = await collected(after)
  expect(files).toEqual(await collected(before))
  expect(files.map(([path]) => path)).toEqual(
    ['b.bin', 'crlf.txt', 'empty', 'gone.txt', 'link', 'new name.txt', 'run.sh', 'ü.txt'].sort(),
  )
  expect(await take(after, { known: taken.tree })).toEqual({ kind: 'same' })
  expect(describePatch(taken.patch)?.files).toContainEqual({
    ...{ path: 'gone.txt', status: 'deleted', additions: 0, deletions: 1 },
  })
})

test('nothing is read when nothing changed, and not more than may be kept', async () => {
  await using place = await prepareWorkspaceWith('echo a > a.txt')
  const base = place.workspace.base.tree
  expect(await take(place, { known: base })).toEqual({ kind: 'same' })
  await place.run('echo ignored-by-us > node_modules; rm node_modules; seq 1000 > big.txt')
  expect(await take(place, { known: base, maxBytes: 1000 })).toEqual({ kind: 'too_large' })
  expect(await take(place, { known: base })).toMatchObject({ kind: 'patch' })
})

/** Each leaves something that is easily overlooked by who only compares with the last time. */
const CHANGES = [
  'touch a.txt',
  'echo A > a.txt',
  'chmod +x a.txt',
  'echo x > made.log',
  "echo '*.log' > .gitignore",
  'mv a.txt b.txt && ln -s b.txt a.txt',
  'mkdir -p sub && git init -q sub && echo x > sub/x',
  'rm -rf sub/.git',
  'git rm -q --cached old.txt && git commit -qm own',
  'rm old.txt && git checkout -q HEAD~ -- a.txt .',
  'echo broken > ~/.backspace/base.git/checkpoint-index; echo y > y.txt',
]

test('what differs from the last checkpoint is what differs from the base', async () => {
  await using place = await prepareWorkspaceWith('echo a > a.txt; echo old > old.txt')
  let known = ''
  for (const change of CHANGES) {
    await place.run(change)
    const quick = await take(place, { known })
    const whole = await take(place)
    if (whole.kind !== 'patch') throw new Error(`it is ${whole.kind}`)
    expect(quick.kind === 'patch' ? quick.tree : known, change).toBe(whole.tree)
    known = whole.tree
    expect(await take(place, { known })).toEqual({ kind: 'same' })
  }
})

test('a patch that does not apply, or makes another tree than it came from, leaves the workspace as it was', async () => {
  await using place = await prepareWorkspaceWith('echo a > a.txt; echo b > b.txt')
  await place.run('echo changed > a.txt; echo changed > b.txt')
  const taken = await take(place)
  if (taken.kind !== 'patch') throw new Error(`it is ${taken.kind}`)
  await using other = await prepareWorkspaceWith('echo a > a.txt; echo different > b.txt')

  expect(await applyPatch(other.workspace, taken, signal)).toBe(false)
  await place.run('git checkout -q .')
  expect(await applyPatch(place.workspace, { ...taken, tree: '0'.repeat(40) }, signal)).toBe(false)

  expect(await collected(other)).toEqual([])
  expect(await collected(place)).toEqual([])
})

test('what a dead attempt left running is ended, and nothing else', async () => {
  await using place = await prepareWorkspaceWith('echo a > a.txt')
  await using neighbour = await prepareWorkspaceWith('echo a > a.txt')
  const start = '(setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo $! > ~/pid); cat ~/pid'
  const [left, other] = [await place.run(start), await neighbour.run(start)]
  // A process that has ended but was not waited for is still listed.
  const lives = `test -e /proc/PID && ! grep -q '^State:.*Z' /proc/PID/status && echo lives || echo dead`

  await endLeftovers(place.sandbox, signal)

  expect(await place.run(lives.replaceAll('PID', left.trim()))).toBe('dead\n')
  expect(await neighbour.run(lives.replaceAll('PID', other.trim()))).toBe('lives\n')
})
