import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { type GitHubStandIn, startGitHub } from '../start-github.ts'

const run = promisify(execFile)

test('git clones, fetches and pushes with a personal token, large packs and all', async () => {
  const { github, url, git } = await start({ private: true })
  const token = github.createPat({ login: 'ada' })
  const clone = await git(['clone', url], token)
  await writeFile(join(clone.directory, 'api', 'big.bin'), randomBytes(3_000_000))
  const inside = async (...args: string[]) => git(['-C', 'api', ...args], token, clone.directory)
  await inside('add', '.')
  await inside('commit', '-m', 'Big')
  await inside('push', 'origin', 'HEAD:refs/heads/big')
  const branches = await github.branches('acme/api')
  expect(Object.keys(branches)).toEqual(['big', 'main'])
  expect((await github.bytesAt('acme/api', 'big', 'big.bin'))?.length).toBe(3_000_000)
  await github.pushFiles({ repo: 'acme/api', branch: 'main', files: { 'new.txt': 'new\n' } })
  await inside('fetch', '--depth', '1', 'origin', 'main')
  expect((await inside('show', 'FETCH_HEAD:new.txt')).stdout).toBe('new\n')
})

test('a person who may not read a repository gets GitHub’s answer', async () => {
  const { github, url, git } = await start({ private: true })
  const stranger = github.createPat({ login: 'eve' })
  await expect(git(['ls-remote', url])).rejects.toThrow(/could not read Username/)
  // Refused credentials from a header make git ask for others.
  await expect(git(['ls-remote', url], 'ghp_unknown')).rejects.toThrow(/could not read Username/)
  await expect(git(['ls-remote', url.replace('://', '://x:ghp_unknown@')])).rejects.toThrow(
    /Invalid username or token[\s\S]*Authentication failed/,
  )
  await expect(git(['ls-remote', url], stranger)).rejects.toThrow(/Repository not found/)
  await expect(git(['ls-remote', `${github.url}/acme/nothing.git`], stranger)).rejects.toThrow(
    /Repository not found/,
  )
  const bearer = ['-c', `http.extraHeader=Authorization: Bearer ${github.createPat({ login: 'acme' })}`]
  await expect(git([...bearer, 'ls-remote', url])).rejects.toThrow(/could not read Username/)
})

test('a public repository can be cloned by anyone, and pushed only with rights', async () => {
  const { github, url, git } = await start({ private: false })
  const { directory } = await git(['clone', url])
  const push = (token: string) => git(['-C', 'api', 'push', 'origin', 'HEAD:refs/heads/x'], token, directory)
  await expect(push(github.createPat({ login: 'eve' }))).rejects.toThrow(
    /Permission to acme\/api.git denied to eve/,
  )
  await expect(push(github.createPat({ login: 'ada', scopes: ['read:user'] }))).rejects.toThrow(
    /denied to ada/,
  )
  github.setArchived('acme/api', true)
  await expect(push(github.createPat({ login: 'ada' }))).rejects.toThrow(/archived so it is read-only/)
})

test('protected branches, workflow files and pull request refs are refused to pushes', async () => {
  const { github, url, git } = await start({ private: false })
  await github.setProtected('acme/api', ['main'])
  const token = github.createPat({ login: 'ada', scopes: ['repo'] })
  const { directory } = await git(['clone', url], token)
  const inside = async (...args: string[]) => git(['-C', 'api', ...args], token, directory)
  await inside('commit', '--allow-empty', '-m', 'Nothing')
  await expect(inside('push', 'origin', 'HEAD:main')).rejects.toThrow(/GH006: Protected branch update failed/)
  await expect(inside('push', 'origin', 'HEAD:refs/pull/9/head')).rejects.toThrow(
    /deny updating a hidden ref/,
  )
  await run('mkdir', ['-p', join(directory, 'api/.github/workflows')])
  await writeFile(join(directory, 'api/.github/workflows/ci.yml'), 'on: push\n')
  await inside('add', '.')
  await inside('commit', '-m', 'Workflow')
  await expect(inside('push', 'origin', 'HEAD:refs/heads/ci')).rejects.toThrow(
    /without `workflows` permission/,
  )
  const allowed = github.createPat({ login: 'ada', scopes: ['repo', 'workflow'] })
  await git(['-C', 'api', 'push', 'origin', 'HEAD:refs/heads/ci'], allowed, directory)
  expect(Object.keys(await github.branches('acme/api'))).toEqual(['ci', 'main'])
})

test('a push moves the pull request of its branch, and a push to its base merges it', async () => {
  const { github, url, git } = await start({ private: false })
  const repo = 'acme/api'
  await github.pushFiles({ repo, branch: 'topic', files: { 'a.txt': '2\n' } })
  const { number } = await github.openPullRequest({ repo, author: 'ada', title: 'Two', head: 'topic' })
  const token = github.createPat({ login: 'ada' })
  const { directory } = await git(['clone', '--branch', 'topic', url], token)
  const inside = async (...args: string[]) => git(['-C', 'api', ...args], token, directory)
  await inside('commit', '--allow-empty', '-m', 'More')
  await inside('push', 'origin', 'topic')
  const head = (await inside('rev-parse', 'HEAD')).stdout.trim()
  expect(github.pullRequests(repo)).toMatchObject([{ number, headSha: head, state: 'open' }])
  await inside('push', 'origin', 'topic:main')
  expect(github.pullRequests(repo)).toMatchObject([{ number, merged: true, state: 'closed' }])
  await github.settled()
  expect(github.deliveries.map(({ event, action }) => `${event}.${action}`)).toEqual([
    'installation.created',
    'pull_request.opened',
    'pull_request.synchronize',
    'pull_request.closed',
  ])
})

async function start(options: { readonly private: boolean }) {
  const github: GitHubStandIn = await startGitHub()
  onTestFinished(() => github.close())
  const { cloneUrl } = await github.createRepository({
    owner: 'acme',
    name: 'api',
    private: options.private,
    files: { 'a.txt': '1\n' },
    collaborators: { ada: 'write' },
  })
  const home = await mkdtemp(join(tmpdir(), 'git-http-'))
  onTestFinished(() => rm(home, { recursive: true }))
  async function git(args: readonly string[], token?: string, cwd = home) {
    const basic = `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`
    const settings = [
      ['user.name', 'Ada'],
      ['user.email', 'ada@example.test'],
      // Compress and chunk as for real repositories: no length is sent beforehand.
      ['http.postBuffer', '65536'],
      ...(token === undefined ? [] : [['http.extraHeader', basic]]),
    ]
    const config = settings.flatMap(([key = '', value = ''], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ])
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: home,
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_COUNT: String(settings.length),
      ...Object.fromEntries(config),
    }
    const { stdout } = await run('git', args, { cwd, env })
    return { stdout, directory: cwd }
  }
  return { github, url: cloneUrl, git }
}
