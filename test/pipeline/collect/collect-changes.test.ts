import { expect, test } from 'vitest'
import { collectChanges } from '../../../src/pipeline/collect/collect-changes.ts'
import { blobSha } from '../../../src/pipeline/collect/read-blobs.ts'
import { cleanWorkspace } from '../../../src/pipeline/workspace/clean-workspace.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { type PreparedWorkspace, prepareWorkspaceWith } from '../prepared-workspace.ts'

const signal = new AbortController().signal
const collect = ({ workspace, baseFiles }: PreparedWorkspace) =>
  collectChanges(workspace, { baseFiles, signal })

test('an untouched workspace has no changes', async () => {
  await using prepared = await prepareWorkspaceWith('echo one > a.txt')
  expect(await collect(prepared)).toEqual({
    files: [],
    diff: '',
    notices: [],
    leftOut: [],
    tree: prepared.workspace.base.tree,
  })
})

test('additions, edits, deletions, executable bits, binary files and UTF-8 names are read byte for byte', async () => {
  await using prepared = await prepareWorkspaceWith('echo one > a.txt; echo two > b.txt; echo x > run.sh')
  await prepared.run(`printf 'one\\nmore' > a.txt; rm b.txt; chmod +x run.sh
    mkdir -p déjà; printf 'neu\\n' > 'déjà/vü 1.txt'; printf '\\0\\1\\377' > bin.dat`)
  const { files, diff } = await collect(prepared)
  expect(files.map(({ path, status, mode, binary }) => ({ path, status, mode, binary }))).toEqual([
    { path: 'a.txt', status: 'modified', mode: '100644', binary: false },
    { path: 'b.txt', status: 'deleted', mode: '000000', binary: false },
    { path: 'bin.dat', status: 'added', mode: '100644', binary: true },
    { path: 'déjà/vü 1.txt', status: 'added', mode: '100644', binary: false },
    { path: 'run.sh', status: 'modified', mode: '100755', binary: false },
  ])
  const [edited, deleted, binary] = files
  expect(Buffer.from(edited?.bytes ?? []).toString()).toBe('one\nmore')
  expect(edited?.sha).toBe(blobSha(Buffer.from('one\nmore')))
  expect([edited?.additions, edited?.deletions]).toEqual([1, 0])
  expect(deleted).toMatchObject({ bytes: null, sha: null, deletions: 1 })
  expect([...(binary?.bytes ?? [])]).toEqual([0, 1, 255])
  expect(diff).toContain(
    '--- a/a.txt\n+++ b/a.txt\n@@ -1,1 +1,2 @@\n one\n+more\n\\ No newline at end of file',
  )
  expect(diff).toContain('old mode 100644\nnew mode 100755')
})

test('the diff that people see applies with git', async () => {
  await using prepared = await prepareWorkspaceWith('seq 1 200 > a.txt; echo two > b.txt; seq 1 30 > c.txt')
  await prepared.run(
    `sed -i 's/^7$/seven/; 100d' a.txt; rm b.txt; git mv c.txt d.txt; echo end >> d.txt; printf new > e.txt`,
  )
  const { files, diff } = await collect(prepared)
  expect(files.find(({ status }) => status === 'renamed')).toMatchObject({
    previousPath: 'c.txt',
    path: 'd.txt',
  })
  await prepared.sandbox.writeFile(`${prepared.sandbox.home}/the.diff`, Buffer.from(diff))
  await prepared.run('cd ~/source && git apply ~/the.diff && diff -r --exclude=.git ~/source ~/workspace')
})

test('a file that only moved is a rename', async () => {
  await using prepared = await prepareWorkspaceWith('echo one > a.txt')
  await prepared.run('mkdir sub && mv a.txt sub/b.txt')
  const { files } = await collect(prepared)
  expect(files).toMatchObject([{ path: 'sub/b.txt', previousPath: 'a.txt', status: 'renamed', additions: 0 }])
})

test('files are as a checkout gives them, and are stored as git add stores them', async () => {
  await using prepared = await prepareWorkspaceWith(`
    printf '* text=auto eol=crlf\\n*.i ident\\n*.l filter=lfs\\n*.raw -text\\n' > .gitattributes
    printf 'a\\nb\\n' > t.txt; printf '$Id$\\n' > x.i; printf 'pointer\\n' > y.l
    printf 'a\\r\\n' > old.raw; printf 'a\\r\\n' > touched.raw; git add -A; git commit -qm raw
    printf '* text=auto eol=crlf\\n*.i ident\\n*.l filter=lfs\\n' > .gitattributes`)
  expect(await prepared.run('cat t.txt x.i')).toMatch(/^a\r\nb\r\n\$Id: [0-9a-f]{40} \$\r\n$/)
  await prepared.run('sleep 1.1; touch touched.raw')
  expect((await collect(prepared)).files).toEqual([])
  await prepared.run(`echo '*.u working-tree-encoding=UTF-16' >> .gitattributes; echo hi > bad.u
    printf 'hi\\n' | iconv -t UTF-16 > new.u; printf 'a\\r\\nb\\r\\nc\\r\\n' > t.txt; rm x.i`)
  const { files, leftOut } = await collect(prepared)
  expect(files.map(({ path, bytes }) => [path, bytes && Buffer.from(bytes).toString().slice(-7)])).toEqual([
    ['.gitattributes', 'UTF-16\n'],
    ['new.u', 'hi\n'],
    ['t.txt', 'a\nb\nc\n'],
    ['x.i', null],
  ])
  expect(leftOut).toEqual([{ path: 'bad.u', why: expect.stringContaining('encoding') }])
})

test('an unchanged name that is not UTF-8 survives; a changed one is refused, escaped', async () => {
  await using prepared = await prepareWorkspaceWith(
    `printf 'x\\n' > "$(printf 'caf\\351.txt')"; echo a > a.txt`,
  )
  await prepared.run('echo b >> a.txt')
  expect((await collect(prepared)).files.map(({ path }) => path)).toEqual(['a.txt'])
  await prepared.run(`echo y >> "$(printf 'caf\\351.txt')"`)
  await expect(collect(prepared)).rejects.toMatchObject({
    code: 'publish_blocked',
    userMessage: expect.stringContaining('`caf\\351.txt`'),
  })
})

test('whatever the agent did to git has no say, and nothing of it runs', async () => {
  await using prepared = await prepareWorkspaceWith('echo one > a.txt; echo two > b.txt')
  await prepared.run(`
    printf '#!/bin/sh\\ntouch ~/ran\\n' > ~/evil; chmod +x ~/evil; mkdir -p .git/hooks; cp ~/evil .git/hooks/post-index-change
    for config in .git/config ~/.gitconfig ~/.backspace/base.git/config; do
      git config -f $config core.fsmonitor "$HOME/evil"; git config -f $config filter.x.clean "$HOME/evil"
      git config -f $config core.worktree /; git config -f $config diff.external "$HOME/evil"
    done
    mkdir -p ~/.backspace/base.git/hooks; cp ~/evil ~/.backspace/base.git/hooks/post-index-change
    echo '* filter=x' > .gitattributes; echo '* filter=x' > ~/.backspace/base.git/info/attributes
    echo changed > a.txt`)
  await prepared.run('git update-index --assume-unchanged a.txt || true; rm -rf .git')
  await prepared.run('rm -f ~/ran')
  const { files } = await collect(prepared)
  expect(files.map(({ path }) => path)).toEqual(['.gitattributes', 'a.txt'])
  await prepared.run('test ! -e ~/ran')
})

test('ignored files, leftovers of setup and caches are not collected; what setup rewrote is put back', async () => {
  await using prepared = await prepareWorkspaceWith(
    'echo "*.log" > .gitignore; echo 1 > lock.json; echo 1 > a.txt',
  )
  await prepared.run(
    'mkdir deps "odd [name]!"; echo d > deps/d.js; echo o > "odd [name]!/o"; echo 2 > lock.json; rm a.txt',
  )
  expect(await cleanWorkspace(prepared.workspace, { signal })).toMatchObject({
    restored: 2,
  })
  await prepared.run(`echo l > x.log; mkdir node_modules __pycache__; echo m > node_modules/m.js; echo p > __pycache__/p.pyc
    echo more > deps/e.js; echo o > "odd [name]!/p"; echo new > new.txt`)
  expect((await collect(prepared)).files.map(({ path }) => path)).toEqual(['new.txt'])
  expect(await prepared.run('cat lock.json a.txt')).toBe('1\n1\n')
})

test('links, submodules and nested repositories show as what they are', async () => {
  await using prepared = await prepareWorkspaceWith(
    'echo a > a.txt; git add -A; git commit -qm one; git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),sub; mkdir sub',
  )
  expect((await collect(prepared)).files).toEqual([])
  await prepared.run(
    'ln -s /etc/passwd link; git init -q nested; echo n > nested/n.txt; git init -q full; cd full; echo f > f; git add f; git commit -qm f',
  )
  const { files, notices } = await collect(prepared)
  expect(files).toMatchObject([{ path: 'link', mode: '120000' }])
  expect(Buffer.from(files[0]?.bytes ?? []).toString()).toBe('/etc/passwd')
  expect(notices).toEqual([expect.stringMatching(/^`full\/`, `nested\/` are git repositories of their own/)])
  const below = [{ path: 'sub', why: expect.stringContaining('submodule') }]
  await prepared.run('sleep 1; echo below > sub/below.txt')
  expect((await collect(prepared)).leftOut).toMatchObject(below)
  // As if the host had brought these files: only what is not theirs counts.
  await prepared.run(
    'cd sub; git init -q; echo "*.o" > .gitignore; git add .; git commit -qm s; mkdir ../../.backspace/base.git/below; cp -r .git ../../.backspace/base.git/below/sub; echo o > a.o',
  )
  expect((await collect(prepared)).leftOut).toEqual([])
  await prepared.run('echo more >> sub/below.txt')
  expect((await collect(prepared)).leftOut).toMatchObject(below)
})

test('a sandbox that lies about its base is not believed', async () => {
  await using prepared = await prepareWorkspaceWith('echo one > a.txt')
  await prepared.run('echo two > a.txt')
  const baseFiles = new Map([['a.txt', { sha: '1'.repeat(40), mode: '100644' }]])
  await expect(collectChanges(prepared.workspace, { baseFiles, signal })).rejects.toMatchObject({
    code: 'tree_mismatch',
  })
})

test('blobs that are not what their id says are refused', async () => {
  await using prepared = await prepareWorkspaceWith('echo one > a.txt')
  await prepared.run('echo two > a.txt')
  const { sandbox } = prepared
  const lying: Sandbox = {
    ...sandbox,
    async exec(command, options) {
      const result = await sandbox.exec(command, options)
      const stdout = result.stdout.replace(/(?<=inline )\S+/, (base64) => {
        const answer = Buffer.from(base64, 'base64').toString('latin1')
        return Buffer.from(answer.replace('two', 'tWo'), 'latin1').toString('base64')
      })
      return { ...result, stdout }
    },
  }
  await expect(
    collectChanges({ ...prepared.workspace, sandbox: lying }, { baseFiles: prepared.baseFiles, signal }),
  ).rejects.toMatchObject({
    code: 'tree_mismatch',
  })
})

test('a huge file is left out by name, and a flood of files is refused by number', async () => {
  await using prepared = await prepareWorkspaceWith('echo one > a.txt')
  await prepared.run('head -c 11000000 /dev/zero > big.bin; echo two > a.txt')
  const { files, leftOut } = await collect(prepared)
  expect(files.map(({ path }) => path)).toEqual(['a.txt'])
  expect(leftOut).toEqual([{ path: 'big.bin', why: expect.stringContaining('10.5 MiB') }])
  await prepared.run('rm big.bin; mkdir out; for i in $(seq 2100); do : > out/$i; done')
  await expect(collect(prepared)).rejects.toMatchObject({
    code: 'change_too_large',
    userMessage: expect.stringContaining('More than 2,000 files'),
  })
})

test('a huge file in Git LFS that moved stays where it is; one that is gone is gone', async () => {
  const pointer = (size: number) =>
    `printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:${'a'.repeat(64)}\\nsize ${size}\\n'`
  await using prepared = await prepareWorkspaceWith(
    `echo '*.bin filter=lfs -text' > .gitattributes; ${pointer(11000000)} > big.bin; ${pointer(11000001)} > other.bin`,
  )
  await prepared.run('rm big.bin other.bin; mkdir d; head -c 11000000 /dev/zero > d/big.bin')
  const { files, leftOut } = await collect(prepared)
  expect(files.map(({ path, status }) => [path, status])).toEqual([['other.bin', 'deleted']])
  expect(leftOut).toEqual([{ path: 'd/big.bin', why: expect.stringContaining('10.5 MiB') }])
})

test('5,000 files are compared without trouble', async () => {
  await using prepared = await prepareWorkspaceWith(
    'for d in $(seq 0 49); do mkdir d$d; done; for i in $(seq 5000); do echo $i > d$((i % 50))/$i.txt; done',
  )
  await prepared.run('echo changed > d1/1.txt; rm d2/2.txt')
  expect((await collect(prepared)).files.map(({ path }) => path)).toEqual(['d1/1.txt', 'd2/2.txt'])
})

test('text in any encoding is shown as text, and keeps its bytes', async () => {
  await using prepared = await prepareWorkspaceWith(`printf '// gr\\366\\337er\\nint a = 1;\\n' > a.c
    printf 'one\\r\\nzw\\303\\266lf\\r\\n' | iconv -t UTF-16 > b.txt`)
  await prepared.run(
    `printf '// gr\\366\\337er\\nint a = 2; // \\200\\n' > a.c; printf 'drei\\r\\n' | iconv -t UTF-16LE >> b.txt`,
  )
  const { files, diff } = await collect(prepared)
  expect(files.map(({ binary, additions }) => [binary, additions])).toEqual([
    [false, 1],
    [false, 1],
  ])
  expect(diff).toContain(' // größer\n-int a = 1;\n+int a = 2; // €\n(shown as text from windows-1252)\n')
  expect(diff).toContain('+drei\r\n(shown as text from UTF-16LE with a byte order mark)\n')
  expect(Buffer.from(files[0]?.bytes ?? []).toString('latin1')).toContain('gr\xf6\xdfer')
})
