import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { chooseTarget } from '../../../src/commands/terminal/clone/choose-target.ts'
import { githubAddressOf } from '../../../src/commands/terminal/clone/github-address.ts'
import { knownError } from '../../../src/errors.ts'

const GREETER = 'https://github.com/acme/greeter'

function folder(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'clone-test-')))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

function git(cwd: string, ...args: readonly string[]): string {
  const identity = [
    '-c',
    'user.name=Ada',
    '-c',
    'user.email=ada@example.com',
    '-c',
    'init.defaultBranch=main',
  ]
  return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8', stdio: 'pipe' }).trim()
}

/** A clone on the branch `main` whose remote has everything: a bare repository, reached by an address of GitHub. */
function openClone() {
  const [bare, clone] = [folder(), folder()]
  git(bare, 'init', '-q', '--bare')
  git(clone, 'init', '-q')
  for (const [name, value] of [
    ['user.name', 'Ada'],
    ['user.email', 'ada@example.com'],
    [`url.${bare}.pushInsteadOf`, `git@github.com:acme/greeter.git`],
  ] as const)
    git(clone, 'config', name, value)
  writeFileSync(join(clone, 'greet.js'), 'one\n')
  writeFileSync(join(clone, '.gitignore'), 'ignored.txt\n')
  git(clone, 'add', '.')
  git(clone, 'commit', '-q', '-m', 'Start')
  git(clone, 'remote', 'add', 'origin', 'git@github.com:acme/greeter.git')
  git(clone, 'push', '-q', '-u', 'origin', 'main')
  git(clone, 'remote', 'set-head', 'origin', 'main')
  return { bare, clone }
}

/** What is chosen, or why nothing is; with what was printed and asked. */
async function choose(
  repo: string,
  options: {
    readonly localChanges?: 'push' | 'ignore'
    readonly answers?: readonly string[]
    readonly base?: string
  } = {},
) {
  const { localChanges, answers, base } = options
  const left = answers && [...answers]
  let printed = ''
  function print(text: string): void {
    printed += text
  }
  async function answer(question: string): Promise<string> {
    print(question)
    return left?.shift() ?? 'stop'
  }
  const person = { from: '/', ask: left && answer, print }
  const outcome = await chooseTarget({ repo, base, localChanges }, person).catch((error: unknown) => {
    const known = knownError(error)
    if (!known) throw error
    return { code: known.code, message: known.userMessage }
  })
  return { outcome, printed }
}

function stateOf(clone: string): readonly string[] {
  return [
    git(clone, 'status', '--porcelain=v2', '--branch'),
    git(clone, 'diff'),
    git(clone, 'diff', '--cached'),
  ]
}

test('a clone whose commits are all on GitHub is worked on without a question', async () => {
  const { clone } = openClone()
  writeFileSync(join(clone, 'ignored.txt'), 'mine\n')
  mkdirSync(join(clone, 'src'))
  expect(await choose(join(clone, 'src'))).toEqual({
    outcome: { repoUrl: GREETER, base: undefined },
    printed: '',
  })
})

test('a branch that GitHub has is what the run starts from', async () => {
  const { clone } = openClone()
  git(clone, 'checkout', '-q', '-b', 'feature/names')
  writeFileSync(join(clone, 'greet.js'), 'two\n')
  git(clone, 'commit', '-q', '-am', 'Two')
  git(clone, 'push', '-q', '-u', 'origin', 'feature/names')
  expect((await choose(clone)).outcome).toEqual({ repoUrl: GREETER, base: 'feature/names' })
  expect((await choose(clone, { base: 'main' })).outcome).toEqual({ repoUrl: GREETER, base: 'main' })
})

test('changes that GitHub does not have are shown, and refused where no one can be asked', async () => {
  const { clone } = openClone()
  for (let number = 1; number <= 7; number++) writeFileSync(join(clone, `new-${number}.txt`), 'new\n')
  writeFileSync(join(clone, 'greet.js'), 'two\n')
  git(clone, 'commit', '-q', '-am', 'Say \u001b[31mtwo')
  const { outcome, printed } = await choose(clone)
  expect(outcome).toMatchObject({
    code: 'bad_request',
    message: expect.stringMatching(/--push .*--ignore-local-changes/),
  })
  expect(printed).toContain(
    '  Your clone has 7 uncommitted files and 1 commit that is not on GitHub:\n      new-1.txt\n',
  )
  expect(printed).toMatch(/ {6}and 2 more files\n {6}[0-9a-f]{7,} Say two\n {2}The run will not see them.\n/)
})

test('they are pushed to a new branch when the person says so, and the clone stays as it is', async () => {
  const { bare, clone } = openClone()
  writeFileSync(join(clone, 'greet.js'), 'committed\n')
  git(clone, 'commit', '-q', '-am', 'Two')
  writeFileSync(join(clone, 'greet.js'), 'staged\n')
  git(clone, 'add', '.')
  writeFileSync(join(clone, 'greet.js'), 'written\n')
  writeFileSync(join(clone, 'neu ß.txt'), 'new\n')
  writeFileSync(join(clone, 'ignored.txt'), 'mine\n')
  const before = stateOf(clone)
  const { outcome, printed } = await choose(clone, { answers: ['', 'what?', 'p'] })
  const [branch = ''] = git(bare, 'for-each-ref', '--format=%(refname:short)', 'refs/heads/from-clone').split(
    '\n',
  )
  expect(outcome).toEqual({ repoUrl: GREETER, base: branch })
  expect(printed).toContain(`Pushed to the branch ${branch}. The pull request will be against it.`)
  expect(git(bare, 'log', '--format=%s', branch)).toBe('Changes that were not committed\nTwo\nStart')
  expect(git(bare, 'show', `${branch}:greet.js`)).toBe('written')
  expect(git(bare, '-c', 'core.quotePath=false', 'ls-tree', '--name-only', branch)).toBe(
    '.gitignore\ngreet.js\nneu ß.txt',
  )
  expect(stateOf(clone)).toEqual(before)
})

test.each([
  [['c'], { repoUrl: GREETER, base: undefined }],
  [['stop'], { code: 'cancelled', message: 'Stopped. Nothing was started.' }],
])('the answer %s is taken', async (answers, expected) => {
  const { clone } = openClone()
  writeFileSync(join(clone, 'greet.js'), 'two\n')
  expect((await choose(clone, { answers })).outcome).toEqual(expected)
})

test('nothing is pushed that looks like a secret, unless GitHub has it already', async () => {
  const { bare, clone } = openClone()
  const token = ['ghp', 'R4nD0mL00k1ngT0k3nV4lu3F0rT3st1ngAbCd'].join('_')
  writeFileSync(join(clone, 'notes.txt'), `first\ntoken = ${token}\n`)
  const { outcome } = await choose(clone, { localChanges: 'push' })
  expect(outcome).toMatchObject({
    code: 'secret_found',
    message: expect.stringContaining('notes.txt, line 2 ('),
  })
  expect(JSON.stringify(outcome)).not.toContain(token)
  expect(git(bare, 'for-each-ref', 'refs/heads/from-clone')).toBe('')
  git(clone, 'add', '.')
  git(clone, 'commit', '-q', '-m', 'Too late')
  git(clone, 'push', '-q')
  writeFileSync(join(clone, 'notes.txt'), `first\ntoken = ${token}\nmore\n`)
  expect((await choose(clone, { localChanges: 'push' })).outcome).toMatchObject({ repoUrl: GREETER })
})

test('git’s own reason is said when it cannot push', async () => {
  const { bare, clone } = openClone()
  writeFileSync(join(bare, 'hooks/pre-receive'), '#!/bin/sh\necho "branches are frozen" >&2\nexit 1\n', {
    mode: 0o755,
  })
  writeFileSync(join(clone, 'greet.js'), 'two\n')
  const { outcome } = await choose(clone, { localChanges: 'push' })
  expect(outcome).toMatchObject({
    code: 'push_forbidden',
    message: expect.stringContaining('remote rejected'),
  })
})

test('a path that is on no GitHub says what to write instead', async () => {
  const plain = folder()
  expect((await choose(plain)).outcome).toMatchObject({
    message: `--repo ${plain}: that is not a clone of a git repository.`,
  })
  git(plain, 'init', '-q')
  expect((await choose(plain)).outcome).toMatchObject({
    message: expect.stringContaining('has no commit yet'),
  })
  git(plain, 'commit', '-q', '--allow-empty', '-m', 'Start')
  expect((await choose(plain)).outcome).toMatchObject({
    message: expect.stringContaining('it has no remote'),
  })
  git(plain, 'remote', 'add', 'origin', 'https://ada:hunter2@git.example/a/b/c.git')
  const { message } = (await choose(plain)).outcome as { readonly message: string }
  expect(message).toContain(
    'its remote origin is https://git.example/a/b/c.git, which is not a repository on GitHub',
  )
  expect((await choose('nowhere')).outcome).toMatchObject({
    message: expect.stringContaining('no such folder'),
  })
})

test.each([
  ['https://github.com/acme/greeter.git', GREETER],
  ['https://ada:token@github.com/acme/greeter', GREETER],
  ['http://127.0.0.1:8080/acme/greeter.git', 'http://127.0.0.1:8080/acme/greeter'],
  ['git@github.com:acme/greeter.git', GREETER],
  ['ssh://git@github.example.com:2222/acme/greeter.git/', 'https://github.example.com/acme/greeter'],
  ['ssh://git@ssh.github.com:443/acme/greeter.git', GREETER],
  ['git://github.com/acme/greeter', GREETER],
  ['work:acme/greeter', 'https://work/acme/greeter'],
  ['/srv/git/greeter.git', undefined],
  ['../greeter', undefined],
  ['file:///srv/git/greeter.git', undefined],
  ['https://gitlab.example/group/sub/project.git', undefined],
  ['C:\\work\\greeter', undefined],
  ['git@github.com:acme/..', undefined],
])('the remote %s is on GitHub at %s', (remote, address) => {
  expect(githubAddressOf(remote)).toBe(address)
})
