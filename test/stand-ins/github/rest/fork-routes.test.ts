import { expect, onTestFinished, test } from 'vitest'
import { quietOctokit } from '../quiet-octokit.ts'
import { startGitHub } from '../start-github.ts'

const origin = { owner: 'acme', repo: 'api' }
const mine = { owner: 'ada', repo: 'api' }

test('a fork takes a moment: until then it is not there', async () => {
  const { github, octokit } = await start({ delayMs: 60_000, until: 'missing' })
  const { data: fork } = await octokit.rest.repos.createFork(origin)
  expect(fork).toMatchObject({ full_name: 'ada/api', fork: true, parent: { full_name: 'acme/api' } })
  await expect(octokit.rest.repos.get(mine)).rejects.toMatchObject({ status: 404 })
  const { data: again } = await octokit.rest.repos.createFork(origin)
  expect(again.id).toBe(fork.id)
  github.advance(60_000)
  await octokit.rest.repos.get(mine)
})

test('a fork takes a moment: or it is there, but still empty', async () => {
  const { github, octokit } = await start({ delayMs: 60_000, until: 'empty' })
  await octokit.rest.repos.createFork(origin)
  await octokit.rest.repos.get(mine)
  const ref = { ...mine, ref: 'heads/main' }
  await expect(octokit.rest.git.getRef(ref)).rejects.toMatchObject({ status: 409 })
  github.advance(60_000)
  expect((await octokit.rest.git.getRef(ref)).data.object.sha).toBe((await github.branches('acme/api')).main)
})

test('a pull request comes from a fork and follows it', async () => {
  const { github, octokit } = await start()
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
  const { github, octokit } = await start()
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

async function start(fork?: { readonly delayMs: number; readonly until: 'missing' | 'empty' }) {
  const github = await startGitHub(fork ? { fork } : {})
  onTestFinished(() => github.close())
  await github.createRepository({ owner: 'acme', name: 'api', files: { a: 'a\n' } })
  const auth = { token: github.createPat({ login: 'ada' }) }
  return { github, octokit: quietOctokit({ apiUrl: github.apiUrl, auth }) }
}
