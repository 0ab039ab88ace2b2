import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Context, createNodeMiddleware, createProbot, type Probot } from 'probot'
import { expect, onTestFinished, test } from 'vitest'
import { QuietOctokit, quietOctokit } from './github/checked-octokit.ts'
import { type GitHubStandIn, startGitHub } from './github/start-github.ts'

const run = promisify(execFile)

test('a real Probot receives a comment, clones with a scoped token, and opens a verified pull request', async () => {
  const github = await startGitHub()
  onTestFinished(() => github.close())
  const repo = 'acme/api'
  const { cloneUrl } = await github.createRepository({
    owner: 'acme',
    name: 'api',
    private: true,
    files: { 'README.md': '# api\n' },
    collaborators: { ada: 'write' },
    protectedBranches: ['main'],
  })
  const seen = Promise.withResolvers<Context<'issue_comment.created'>>()
  await listenWithProbot(github, (app) => {
    app.on('issue_comment.created', (context) => {
      if (!context.isBot) seen.resolve(context)
    })
  })
  const issue = await github.openIssue({ repo, author: 'ada', title: 'Say hello', body: 'Please.' })
  const comment = await github.comment({
    repo,
    number: issue.number,
    author: 'ada',
    body: '/backspace say hello',
  })
  const { octokit, payload } = await seen.promise
  expect(payload.comment).toMatchObject({
    id: comment.id,
    body: '/backspace say hello',
    user: { login: 'ada' },
  })

  const place = { owner: 'acme', repo: 'api' }
  await octokit.rest.reactions.createForIssueComment({ ...place, comment_id: comment.id, content: 'eyes' })
  expect(github.reactions(repo, issue.number, comment.id)).toEqual([
    { login: 'backspace[bot]', content: 'eyes' },
  ])

  const app = quietOctokit({
    apiUrl: github.apiUrl,
    auth: { appId: github.appId, privateKey: github.privateKey },
  })
  const { token } = (
    await app.rest.apps.createInstallationAccessToken({
      installation_id: payload.installation?.id ?? 0,
      repository_ids: [payload.repository.id],
      permissions: { contents: 'read' },
    })
  ).data
  const clone = await cloneWith(cloneUrl, token)
  expect((await run('git', ['log', '--format=%s'], { cwd: clone })).stdout).toBe('Initial commit\n')
  await writeFile(join(clone, 'hello.txt'), 'hello\n')
  await run('git', ['add', '.'], { cwd: clone })
  const { stdout: tree } = await run('git', ['write-tree'], { cwd: clone })

  const { data: main } = await octokit.rest.git.getRef({ ...place, ref: 'heads/main' })
  const { data: base } = await octokit.rest.git.getCommit({ ...place, commit_sha: main.object.sha })
  const entry = { path: 'hello.txt', mode: '100644', type: 'blob', content: 'hello\n' } as const
  const made = await octokit.rest.git.createTree({ ...place, base_tree: base.tree.sha, tree: [entry] })
  expect(made.data.sha).toBe(tree.trim())
  const parents = [base.sha]
  const commit = await octokit.rest.git.createCommit({
    ...place,
    message: 'Say hello',
    tree: made.data.sha,
    parents,
  })
  expect(commit.data.verification.verified).toBe(true)
  await octokit.rest.git.createRef({ ...place, ref: 'refs/heads/backspace/hello', sha: commit.data.sha })
  const request = { ...place, title: 'Say hello', head: 'backspace/hello', base: 'main' }
  const { data: pull } = await octokit.rest.pulls.create(request)
  expect(pull).toMatchObject({
    changed_files: 1,
    additions: 1,
    user: { login: 'backspace[bot]', type: 'Bot' },
  })

  const refusals = [
    [request, 'A pull request already exists for acme:backspace/hello.'],
    [{ ...request, head: 'nothing' }, '"field":"head","code":"invalid"'],
    [{ ...request, head: 'main' }, 'No commits between main and main'],
  ] as const
  for (const [wrong, words] of refusals) {
    await expect(octokit.rest.pulls.create(wrong)).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining(words),
    })
  }
  expect(await github.fileAt(repo, 'backspace/hello', 'hello.txt')).toBe('hello\n')
  expect(github.pullRequests(repo)).toMatchObject([
    { title: 'Say hello', author: 'backspace[bot]', head: 'backspace/hello' },
  ])
})

test('what people do reaches the receiver signed, once each, and what Apps do as well', async () => {
  const github = await startGitHub()
  onTestFinished(() => github.close())
  const repo = 'acme/api'
  await github.createRepository({
    owner: 'acme',
    name: 'api',
    files: { a: '1\n' },
    collaborators: { ada: 'write' },
  })
  const events: string[] = []
  await listenWithProbot(github, (app) => {
    app.onAny(async ({ name, payload }) => {
      events.push(
        `${name}.${'action' in payload ? payload.action : ''} by ${'sender' in payload ? payload.sender?.login : ''}`,
      )
    })
    app.on('issue_comment.created', async (context) => {
      if (!context.isBot) await context.octokit.rest.issues.createComment(context.issue({ body: 'Noted.' }))
    })
  })
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'One', labels: ['bug'] })
  const comment = await github.comment({ repo, number, author: 'ada', body: 'hm' })
  await github.editComment({ id: comment.id, author: 'ada', body: 'hmm' })
  await github.addLabel({ repo, number, author: 'ada', label: 'backspace' })
  await github.addLabel({ repo, number, author: 'ada', label: 'backspace' })
  await github.removeLabel({ repo, number, author: 'ada', label: 'bug' })
  await github.deleteComment({ id: comment.id, author: 'ada' })
  await github.settled()
  expect(events.toSorted()).toEqual([
    'issue_comment.created by ada',
    'issue_comment.created by backspace[bot]',
    'issue_comment.deleted by ada',
    'issue_comment.edited by ada',
    'issues.labeled by ada',
    'issues.labeled by ada',
    'issues.opened by ada',
    'issues.unlabeled by ada',
  ])
  const ids = github.deliveries.map(({ guid }) => guid)
  expect(new Set(ids).size).toBe(ids.length)
})

test('a delivery that failed is kept, listed, and can be sent again under its first id', async () => {
  const github = await startGitHub()
  onTestFinished(() => github.close())
  await github.createRepository({ owner: 'acme', name: 'api', files: { a: '1\n' } })
  await github.openIssue({ repo: 'acme/api', author: 'ada', title: 'While nobody listened' })
  const lost = github.deliveries.find(({ event }) => event === 'issues')
  expect(lost).toMatchObject({ statusCode: 0, redelivery: false })
  const titles: string[] = []
  await listenWithProbot(github, (app) => {
    app.on('issues.opened', async ({ id, payload }) => {
      titles.push(`${id} ${payload.issue.title}`)
    })
  })
  const again = await github.redeliver(lost?.id ?? 0)
  expect(again).toMatchObject({ statusCode: 200, redelivery: true, guid: lost?.guid })
  expect(titles).toEqual([`${lost?.guid} While nobody listened`])
})

async function listenWithProbot(github: GitHubStandIn, load: (app: Probot) => void): Promise<void> {
  const probot = createProbot({
    overrides: { Octokit: QuietOctokit },
    env: {
      APP_ID: String(github.appId),
      PRIVATE_KEY: github.privateKey,
      WEBHOOK_SECRET: github.webhookSecret,
      GHE_HOST: github.host,
      GHE_PROTOCOL: 'http',
      LOG_LEVEL: 'fatal',
    },
  })
  const middleware = await createNodeMiddleware(load, { probot, webhooksPath: '/hooks' })
  const server = createServer((request, response) => void middleware(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  github.setWebhookTarget(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/hooks`)
}

async function cloneWith(url: string, token: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'clone-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const header = `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: directory,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: header,
  }
  await run('git', ['clone', '--quiet', '--depth', '1', url, join(directory, 'api')], { env })
  return join(directory, 'api')
}
