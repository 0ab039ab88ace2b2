import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { type QuietOctokit, quietOctokit } from '../checked-octokit.ts'
import { type GitHubStandIn, startGitHub } from '../start-github.ts'

const run = promisify(execFile)

const place = { owner: 'acme', repo: 'api' }

const blob = { mode: '100644', type: 'blob' } as const

test('a tree keeps what a change does not name: modes, links, bytes and names that are not UTF-8', async () => {
  const source = await mkdtemp(join(tmpdir(), 'source-'))
  onTestFinished(() => rm(source, { recursive: true }))
  const git = (...args: string[]) =>
    run('git', ['-C', source, '-c', 'user.name=A', '-c', 'user.email=a@b', ...args])
  await git('init', '--quiet', '--initial-branch=trunk')
  await writeFile(Buffer.concat([Buffer.from(`${source}/caf`), Buffer.from([0xe9])]), 'latin\n')
  await writeFile(join(source, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 })
  await run('ln', ['-s', 'run.sh', join(source, 'link')])
  await git('add', '.')
  await git('commit', '--quiet', '-m', 'Start')
  const before = await readdir(join(source, '.git'))

  const { github, octokit } = await start({ fromDirectory: source })
  expect(await readdir(join(source, '.git'))).toEqual(before)
  const { head, tree } = await headOf(octokit, 'trunk')
  const made = await octokit.rest.git.createTree({
    ...place,
    base_tree: tree,
    tree: [{ ...blob, path: 'grüße/neu.txt', content: 'neu\n' }],
  })
  const commit = await octokit.rest.git.createCommit({
    ...place,
    message: 'Add',
    tree: made.data.sha,
    parents: [head],
  })
  await octokit.rest.git.createRef({ ...place, ref: 'refs/heads/next', sha: commit.data.sha })
  const listed = await run('git', ['-C', github.directoryOf('acme/api'), 'ls-tree', '-r', 'next'])
  const short = listed.stdout
    .trim()
    .split('\n')
    .map((line) => `${line.slice(0, 6)} ${line.split('\t')[1]}`)
  expect(short).toEqual([
    '100644 "caf\\351"',
    '100644 "gr\\303\\274\\303\\237e/neu.txt"',
    '120000 link',
    '100755 run.sh',
  ])
})

test('a tree deletes files and folders, replaces one by the other, and grafts trees', async () => {
  const { github, octokit } = await start({ files: { 'a/1': '1\n', 'a/2': '2\n', b: 'b\n', c: 'c\n' } })
  const { head, tree } = await headOf(octokit, 'main')
  const sub = await octokit.rest.git.createTree({ ...place, tree: [{ ...blob, path: 'x', content: 'x\n' }] })
  const made = await octokit.rest.git.createTree({
    ...place,
    base_tree: tree,
    tree: [
      { ...blob, path: 'a', sha: null },
      { ...blob, path: 'b/inner', content: 'inner\n' },
      { path: 'c', mode: '040000', type: 'tree', sha: sub.data.sha },
      { path: 'run', mode: '100755', type: 'blob', content: '#!\n' },
    ],
  })
  const commit = await octokit.rest.git.createCommit({
    ...place,
    message: 'x',
    tree: made.data.sha,
    parents: [head],
  })
  const files = await github.filesAt('acme/api', commit.data.sha)
  expect(Object.entries(files).map(([path, { mode }]) => `${mode} ${path}`)).toEqual([
    '100644 b/inner',
    '100644 c/x',
    '100755 run',
  ])
})

test('a tree refuses malformed paths, unknown objects and the deletion of nothing', async () => {
  const { octokit } = await start({ files: { a: 'a\n' } })
  const { head, tree } = await headOf(octokit, 'main')
  const attempt = (entry: object, base_tree = tree) =>
    octokit.request('POST /repos/{owner}/{repo}/git/trees', {
      ...place,
      base_tree,
      tree: [{ ...blob, ...entry }],
    })
  for (const path of ['../x', '.git/config', 'x/.GIT/y', '/x', 'x//y', 'git~1/x', '.g\u200cit/x', 'x/.']) {
    await expect(attempt({ path, content: '' })).rejects.toMatchObject({ status: 422 })
  }
  await expect(attempt({ path: 'x', sha: 'f'.repeat(40) })).rejects.toMatchObject({ status: 422 })
  await expect(attempt({ path: 'nothing', sha: null })).rejects.toMatchObject({ status: 422 })
  await expect(attempt({ path: 'x', content: '' }, head)).rejects.toMatchObject({ status: 422 })
  await expect(attempt({ path: 'x', mode: '777', content: '' })).rejects.toMatchObject({ status: 422 })
  const workflow = { path: '.github/workflows/ci.yml', content: 'on: push\n' }
  await expect(attempt(workflow)).rejects.toMatchObject({ status: 403 })
})

test('only a commit that an App makes without naming anyone is verified', async () => {
  const { github, octokit } = await start({ files: { a: 'a\n' } })
  const { head, tree } = await headOf(octokit, 'main')
  const commit = { ...place, message: 'Same', tree, parents: [head] }
  const verified = async (client: QuietOctokit, extra: { author?: { name: string; email: string } } = {}) =>
    (await client.rest.git.createCommit({ ...commit, ...extra })).data.verification.verified
  expect(await verified(octokit)).toBe(true)
  expect(await verified(octokit, { author: { name: 'Ada', email: 'ada@example.test' } })).toBe(false)
  const auth = { token: github.createPat({ login: 'acme' }) }
  expect(await verified(quietOctokit({ apiUrl: github.apiUrl, auth }))).toBe(false)
})

test('an empty, an archived and a hidden repository refuse git data, each in its own words', async () => {
  const { github, octokit } = await start({})
  await expect(headOf(octokit, 'main')).rejects.toMatchObject({
    status: 409,
    message: /Git Repository is empty/,
  })
  await github.pushFiles({ repo: 'acme/api', branch: 'main', files: { a: 'a\n' } })
  github.setArchived('acme/api', true)
  const make = () => octokit.rest.git.createBlob({ ...place, content: 'x' })
  await expect(make()).rejects.toMatchObject({ status: 403, message: /archived so is read-only/ })
  github.setArchived('acme/api', false)
  github.setInstalled('acme/api', false)
  await expect(make()).rejects.toMatchObject({ status: 403, message: /not accessible by integration/ })
})

async function headOf(octokit: QuietOctokit, branch: string) {
  const { data: ref } = await octokit.rest.git.getRef({ ...place, ref: `heads/${branch}` })
  const { data: commit } = await octokit.rest.git.getCommit({ ...place, commit_sha: ref.object.sha })
  return { head: commit.sha, tree: commit.tree.sha }
}

async function start(content: { readonly files?: Record<string, string>; readonly fromDirectory?: string }) {
  const github: GitHubStandIn = await startGitHub()
  onTestFinished(() => github.close())
  await github.createRepository({ owner: 'acme', name: 'api', ...content })
  const identity = { appId: github.appId, privateKey: github.privateKey }
  const client = (auth: object) => quietOctokit({ apiUrl: github.apiUrl, auth })
  const { data } = await client(identity).rest.apps.getRepoInstallation(place)
  return { github, octokit: client({ ...identity, installationId: data.id }) }
}

const origin = { owner: 'acme', repo: 'api' }

const mine = { owner: 'ada', repo: 'api' }

test('a fork takes a moment: until then it is not there', async () => {
  const { github, octokit } = await startWithFork({ delayMs: 60_000, until: 'missing' })
  const { data: fork } = await octokit.rest.repos.createFork(origin)
  expect(fork).toMatchObject({ full_name: 'ada/api', fork: true, parent: { full_name: 'acme/api' } })
  await expect(octokit.rest.repos.get(mine)).rejects.toMatchObject({ status: 404 })
  const { data: again } = await octokit.rest.repos.createFork(origin)
  expect(again.id).toBe(fork.id)
  github.advance(60_000)
  await octokit.rest.repos.get(mine)
})

test('a fork takes a moment: or it is there, but still empty', async () => {
  const { github, octokit } = await startWithFork({ delayMs: 60_000, until: 'empty' })
  await octokit.rest.repos.createFork(origin)
  await octokit.rest.repos.get(mine)
  const ref = { ...mine, ref: 'heads/main' }
  await expect(octokit.rest.git.getRef(ref)).rejects.toMatchObject({ status: 409 })
  github.advance(60_000)
  expect((await octokit.rest.git.getRef(ref)).data.object.sha).toBe((await github.branches('acme/api')).main)
})

test('a pull request comes from a fork and follows it', async () => {
  const { github, octokit } = await startWithFork()
  await octokit.rest.repos.createFork(origin)
  await github.pushFiles({ repo: 'ada/api', branch: 'topic', author: 'ada', files: { b: 'b\n' } })
  const request = { ...origin, title: 'B', head: 'ada:topic', base: 'main' }
  const { data: pull } = await octokit.rest.pulls.create(request)
  expect(pull).toMatchObject({
    changed_files: 1,
    head: { label: 'ada:topic', repo: { full_name: 'ada/api' } },
  })
  await expect(octokit.rest.pulls.create(request)).rejects.toMatchObject({ status: 422 })
  const sha = await github.pushFiles({ repo: 'ada/api', branch: 'topic', author: 'ada', files: { c: 'c\n' } })
  expect(github.pullRequests('acme/api')).toMatchObject([{ head: 'ada:topic', headSha: sha }])
  const { data: files } = await octokit.rest.pulls.listFiles({ ...origin, pull_number: pull.number })
  expect(files.map(({ filename }) => filename)).toEqual(['b', 'c'])
})

test('a fork catches up with its upstream, by moving forward or by merging, and says when it cannot', async () => {
  const { github, octokit } = await startWithFork()
  await octokit.rest.repos.createFork(origin)
  const sync = async () =>
    (await octokit.rest.repos.mergeUpstream({ ...mine, branch: 'main' })).data.merge_type
  const push = (repo: string, files: Record<string, string>) =>
    github.pushFiles({ repo, branch: 'main', files })
  expect(await sync()).toBe('none')
  await push('acme/api', { b: 'b\n' })
  expect(await sync()).toBe('fast-forward')
  await push('acme/api', { c: 'theirs\n' })
  await push('ada/api', { d: 'ours\n' })
  expect(await sync()).toBe('merge')
  await push('acme/api', { b: 'theirs\n' })
  await push('ada/api', { b: 'ours\n' })
  await expect(sync()).rejects.toMatchObject({ status: 409 })
})

async function startWithFork(fork?: { readonly delayMs: number; readonly until: 'missing' | 'empty' }) {
  const github = await startGitHub(fork ? { fork } : {})
  onTestFinished(() => github.close())
  await github.createRepository({ owner: 'acme', name: 'api', files: { a: 'a\n' } })
  const auth = { token: github.createPat({ login: 'ada' }) }
  return { github, octokit: quietOctokit({ apiUrl: github.apiUrl, auth }) }
}
