import { expect, onTestFinished, test } from 'vitest'
import { getBranch } from '../../src/github/branches.ts'
import { createComment, findComment, updateComment } from '../../src/github/comments.ts'
import { createGitHubAccess } from '../../src/github/github-access.ts'
import { createPullRequest } from '../../src/github/pull-requests.ts'
import { addReaction, removeReaction } from '../../src/github/reactions.ts'
import { getFile } from '../../src/github/repositories.ts'
import { NOTHING, ownWords } from '../../src/text/markdown/safe-markdown.ts'
import { startGitHub } from '../stand-ins/github/start-github.ts'

const repository = { owner: 'acme', name: 'api' }

async function startOnIssue() {
  const github = await startGitHub()
  onTestFinished(() => github.close())
  await github.createRepository({
    ...repository,
    files: { 'AGENTS.md': 'Be kind.\n' },
    collaborators: { ada: 'write' },
  })
  const { number } = await github.openIssue({ repo: 'acme/api', author: 'ada', title: 'T' })
  const access = await createGitHubAccess({
    app: { id: github.appId, privateKey: github.privateKey },
    ...{ apiUrl: github.apiUrl, webUrl: github.url, pause: async () => {} },
  }).repository(repository)
  return { github, number, octokit: access.octokit, login: access.botLogin }
}

test('our comment is written, found again by its marker and author, and edited in place', async () => {
  const { github, number, octokit, login } = await startOnIssue()
  await github.comment({ repo: 'acme/api', number, author: 'ada', body: 'look: <!-- mark -->' })
  expect(
    await findComment(octokit, { repository, number, marker: '<!-- mark -->', author: login }),
  ).toBeUndefined()
  const { id } = await createComment(octokit, { repository, number, body: ownWords('one <!-- mark -->') })
  expect(
    await findComment(octokit, { repository, number, marker: '<!-- mark -->', author: login }),
  ).toMatchObject({ id })
  await updateComment(octokit, { repository, commentId: id, body: ownWords('two') })
  expect(github.comments('acme/api', number).map(({ body }) => body)).toEqual(['look: <!-- mark -->', 'two'])
})

test('reactions on issues and comments are added and removed, and only our own', async () => {
  const { github, number, octokit, login } = await startOnIssue()
  const comment = await github.comment({ repo: 'acme/api', number, author: 'ada', body: 'hi' })
  for (const target of [
    { kind: 'issue', number },
    { kind: 'issue_comment', id: comment.id },
  ] as const) {
    await addReaction(octokit, { repository, target, reaction: 'eyes' })
    await addReaction(octokit, { repository, target, reaction: 'eyes' })
    const shown = () => github.reactions('acme/api', number, 'id' in target ? target.id : undefined)
    expect(shown()).toEqual([{ login, content: 'eyes' }])
    await removeReaction(octokit, { repository, target, reaction: 'eyes', login })
    await removeReaction(octokit, { repository, target, reaction: 'eyes', login })
    expect(shown()).toEqual([])
  }
})

test('files and branches that are not there are not errors', async () => {
  const { octokit } = await startOnIssue()
  expect(await getFile(octokit, { repository, path: 'AGENTS.md', ref: 'main' })).toBe('Be kind.\n')
  expect(await getFile(octokit, { repository, path: 'CLAUDE.md', ref: 'main' })).toBeUndefined()
  expect(await getBranch(octokit, { repository, branch: 'main' })).toMatch(/^[0-9a-f]{40}$/)
  expect(await getBranch(octokit, { repository, branch: 'no/such' })).toBeUndefined()
})

test('a pull request that exists is found instead of opened twice; other refusals are reported', async () => {
  const { github, octokit } = await startOnIssue()
  await github.pushFiles({ repo: 'acme/api', branch: 'topic', author: 'ada', files: { b: 'b' } })
  const request = { repository, title: 'T', body: NOTHING, head: 'acme:topic', base: 'main', draft: true }
  const first = await createPullRequest(octokit, request)
  expect(first).toMatchObject({ state: 'open', draft: true, head: { ref: 'topic' } })
  expect(await createPullRequest(octokit, request)).toEqual(first)
  await expect(createPullRequest(octokit, { ...request, head: 'acme:missing' })).rejects.toMatchObject({
    code: 'conflict',
  })
})

test('a repository without drafts gets an ordinary pull request', async () => {
  const { github, octokit } = await startOnIssue()
  await github.pushFiles({ repo: 'acme/api', branch: 'topic', author: 'ada', files: { b: 'b' } })
  const body = { message: 'Draft pull requests are not supported in this repository.' }
  github.fail({ method: 'POST', path: /\/pulls$/, status: 422, body })
  const request = { repository, title: 'T', body: NOTHING, head: 'acme:topic', base: 'main', draft: true }
  expect(await createPullRequest(octokit, request)).toMatchObject({ draft: false })
})
