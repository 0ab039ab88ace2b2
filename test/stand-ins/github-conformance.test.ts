import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkedOctokit, createSchemaCheck, type QuietOctokit } from './github/checked-octokit.ts'
import { type GitHubStandIn, startGitHub } from './github/start-github.ts'

/** GitHub's published schemas decide: every answer, and at the end every webhook, is compared with them. */
const check = createSchemaCheck()
const problems: string[] = []
const repo = { owner: 'acme', repo: 'api' }

interface Everything {
  readonly github: GitHubStandIn
  readonly app: QuietOctokit
  readonly bot: QuietOctokit
  readonly ada: QuietOctokit
  readonly stranger: QuietOctokit
}

const started = Promise.withResolvers<Everything>()

beforeAll(async () => {
  const github = await startGitHub()
  await github.createRepository({
    owner: 'acme',
    ownerType: 'Organization',
    name: 'api',
    files: {
      'README.md': '# api\n',
      'src/a.js': 'a\n',
      'logo.png': new Uint8Array([137, 80, 78, 71, 0, 255]),
    },
    symlinks: { link: 'README.md' },
    collaborators: { ada: 'write', tess: 'triage' },
    protectedBranches: ['main'],
    rulesets: [{ id: 7, name: 'some', include: ['refs/heads/some'], rules: [{ type: 'creation' }] }],
  })
  await github.createRepository({ owner: 'acme', name: 'void' })
  await github.createRepository({ owner: 'carol', name: 'notes' })
  await github.createRepository({ owner: 'acme', name: 'secret', private: true, installed: false })
  const client = (auth?: object) => checkedOctokit({ apiUrl: github.apiUrl, auth, check, problems })
  const identity = { appId: github.appId, privateKey: github.privateKey }
  const app = client(identity)
  const { data } = await app.rest.apps.getRepoInstallation(repo)
  started.resolve({
    github,
    app,
    bot: client({ ...identity, installationId: data.id }),
    ada: client({ token: github.createPat({ login: 'ada', scopes: ['repo', 'workflow'] }) }),
    stranger: client(),
  })
})

afterAll(async () => (await started.promise).github.close())

test('what an App asks about itself is answered as GitHub documents it', async () => {
  const { app, bot, ada, stranger } = await started.promise
  await app.rest.apps.getAuthenticated()
  await app.rest.apps.getWebhookConfigForApp()
  await refused(404, stranger.rest.apps.createFromManifest({ code: 'made-up' }))
  const { data: installations } = await app.rest.apps.listInstallations()
  const installation_id = installations[0]?.id ?? 0
  await app.rest.apps.getInstallation({ installation_id })
  await app.rest.apps.getOrgInstallation({ org: 'acme' })
  await app.rest.apps.getUserInstallation({ username: 'carol' })
  const some = { installation_id, repositories: ['api'], permissions: { contents: 'read' as const } }
  const token = await app.rest.apps.createInstallationAccessToken(some)
  expect(token.data.repositories?.map(({ name }) => name)).toEqual(['api'])
  const secret = { installation_id, repositories: ['secret'] }
  await refused(422, app.rest.apps.createInstallationAccessToken(secret))
  const wanted = { installation_id, permissions: { secrets: 'write' } } as const
  await refused(422, app.rest.apps.createInstallationAccessToken(wanted))
  await bot.rest.apps.listReposAccessibleToInstallation()
  await refused(403, bot.rest.users.getAuthenticated())
  await ada.rest.users.getAuthenticated()
  await ada.rest.users.getByUsername({ username: 'backspace[bot]' })
  await ada.rest.rateLimit.get()
  expect(problems).toEqual([])
})

test('repositories and permissions are answered as GitHub documents them', async () => {
  const { bot, ada, stranger } = await started.promise
  await bot.rest.repos.get(repo)
  await stranger.rest.repos.get(repo)
  await refused(404, bot.rest.repos.get({ owner: 'acme', repo: 'secret' }))
  await bot.rest.repos.getRepoRulesets({ ...repo, targets: 'branch' })
  await bot.rest.repos.getRepoRuleset({ ...repo, ruleset_id: 7 })
  await bot.rest.repos.getBranchRules({ ...repo, branch: 'some' })
  await bot.rest.repos.checkCollaborator({ ...repo, username: 'ada' })
  const permission = async (username: string) =>
    (await bot.rest.repos.getCollaboratorPermissionLevel({ ...repo, username })).data
  expect(await permission('ada')).toMatchObject({ permission: 'write', role_name: 'write' })
  expect(await permission('tess')).toMatchObject({ permission: 'read', role_name: 'triage' })
  await refused(404, permission('nobody-at-all'))
  const { data: fork } = await ada.rest.repos.createFork(repo)
  await ada.rest.repos.listForks(repo)
  await ada.rest.repos.mergeUpstream({ owner: fork.owner.login, repo: fork.name, branch: 'main' })
  await refused(403, bot.rest.repos.createFork(repo))
  expect(problems).toEqual([])
})

test('issues, comments, labels and reactions are answered as GitHub documents them', async () => {
  const { bot, ada } = await started.promise
  const { data: issue } = await ada.rest.issues.create({
    ...repo,
    title: 'Broken',
    body: 'It is.',
    labels: ['bug'],
  })
  const place = { ...repo, issue_number: issue.number }
  const { data: comment } = await bot.rest.issues.createComment({ ...place, body: 'On it.' })
  const at = { ...repo, comment_id: comment.id }
  await bot.rest.issues.updateComment({ ...at, body: 'Done.' })
  await bot.rest.issues.getComment(at)
  await bot.rest.issues.listComments(place)
  await bot.rest.issues.listCommentsForRepo({ ...repo, since: '2020-01-01T00:00:00Z' })
  const { data: eyes } = await bot.rest.reactions.createForIssueComment({ ...at, content: 'eyes' })
  await bot.rest.reactions.listForIssueComment(at)
  await bot.rest.reactions.deleteForIssueComment({ ...at, reaction_id: eyes.id })
  const { data: rocket } = await bot.rest.reactions.createForIssue({ ...place, content: 'rocket' })
  await bot.rest.reactions.listForIssue(place)
  await bot.rest.reactions.deleteForIssue({ ...place, reaction_id: rocket.id })
  await bot.rest.issues.createLabel({ ...repo, name: 'later', color: 'c0ffee' })
  await refused(422, bot.rest.issues.createLabel({ ...repo, name: 'later' }))
  await bot.rest.issues.addLabels({ ...place, labels: ['later'] })
  await bot.rest.issues.listLabelsOnIssue(place)
  await bot.rest.issues.removeLabel({ ...place, name: 'later' })
  await refused(404, bot.rest.issues.removeLabel({ ...place, name: 'later' }))
  await bot.rest.issues.listLabelsForRepo(repo)
  await bot.rest.issues.getLabel({ ...repo, name: 'bug' })
  await ada.rest.issues.update({ ...place, title: 'Still broken', state: 'closed' })
  await ada.rest.issues.update({ ...place, state: 'open' })
  await ada.rest.issues.get(place)
  await ada.rest.issues.listForRepo(repo)
  await ada.rest.issues.deleteComment(at)
  await refused(404, ada.rest.issues.getComment(at))
  expect(problems).toEqual([])
})

test('git data and contents are answered as GitHub documents them', async () => {
  const { bot, stranger } = await started.promise
  const { data: main } = await bot.rest.git.getRef({ ...repo, ref: 'heads/main' })
  const { data: head } = await bot.rest.git.getCommit({ ...repo, commit_sha: main.object.sha })
  const { data: blob } = await bot.rest.git.createBlob({ ...repo, content: 'AP8A', encoding: 'base64' })
  await bot.rest.git.getBlob({ ...repo, file_sha: blob.sha })
  const entry = { mode: '100644', type: 'blob' } as const
  const { data: tree } = await bot.rest.git.createTree({
    ...repo,
    base_tree: head.tree.sha,
    tree: [
      { ...entry, path: 'b.bin', sha: blob.sha },
      { ...entry, path: 'src/a.js', content: 'b\n' },
    ],
  })
  await bot.rest.git.getTree({ ...repo, tree_sha: tree.sha, recursive: '1' })
  const parents = [head.sha]
  const { data: commit } = await bot.rest.git.createCommit({
    ...repo,
    message: 'Change',
    tree: tree.sha,
    parents,
  })
  await bot.rest.git.createRef({ ...repo, ref: 'refs/heads/topic', sha: commit.sha })
  await refused(422, bot.rest.git.createRef({ ...repo, ref: 'refs/heads/topic', sha: commit.sha }))
  await refused(422, bot.rest.git.updateRef({ ...repo, ref: 'heads/topic', sha: head.sha }))
  await bot.rest.git.updateRef({ ...repo, ref: 'heads/topic', sha: commit.sha })
  await refused(422, bot.rest.git.updateRef({ ...repo, ref: 'heads/main', sha: commit.sha }))
  await bot.rest.git.listMatchingRefs({ ...repo, ref: 'heads/' })
  await bot.rest.git.createRef({ ...repo, ref: 'refs/heads/doomed', sha: commit.sha })
  await bot.rest.git.deleteRef({ ...repo, ref: 'heads/doomed' })
  await bot.rest.repos.listBranches(repo)
  await bot.rest.repos.getBranch({ ...repo, branch: 'main' })
  await bot.rest.repos.listCommits(repo)
  await bot.rest.repos.getCommit({ ...repo, ref: 'topic' })
  await bot.rest.repos.compareCommitsWithBasehead({ ...repo, basehead: 'main...topic' })
  for (const path of ['README.md', 'src', 'link', '']) await stranger.rest.repos.getContent({ ...repo, path })
  await refused(404, stranger.rest.repos.getContent({ ...repo, path: 'nothing-here' }))
  await refused(409, bot.rest.git.getRef({ owner: 'acme', repo: 'void', ref: 'heads/main' }))
  expect(problems).toEqual([])
})

test('pull requests, reviews and checks are answered as GitHub documents them', async () => {
  const { bot, ada, github } = await started.promise
  await github.pushFiles({ repo: 'acme/api', branch: 'change', files: { 'src/a.js': 'better\n' } })
  const { data: pull } = await bot.rest.pulls.create({
    ...repo,
    title: 'Better',
    head: 'change',
    base: 'main',
  })
  await refused(422, bot.rest.pulls.create({ ...repo, title: 'Better', head: 'change', base: 'main' }))
  const place = { ...repo, pull_number: pull.number }
  await bot.rest.pulls.get(place)
  await bot.rest.pulls.list(repo)
  await bot.rest.pulls.update({ ...place, title: 'Better still' })
  await bot.rest.pulls.listFiles(place)
  await bot.rest.pulls.listCommits(place)
  await ada.rest.pulls.createReview({ ...place, event: 'REQUEST_CHANGES', body: 'Almost.' })
  await ada.rest.pulls.listReviews(place)
  const line = { ...place, body: 'Why?', path: 'src/a.js', line: 1, commit_id: pull.head.sha }
  const { data: comment } = await ada.rest.pulls.createReviewComment(line)
  await bot.rest.pulls.createReplyForReviewComment({ ...place, comment_id: comment.id, body: 'Because.' })
  await bot.rest.pulls.listReviewComments(place)
  await bot.rest.pulls.listReviewCommentsForRepo({ ...repo, since: '2020-01-01T00:00:00Z' })
  await bot.rest.pulls.getReviewComment({ ...repo, comment_id: comment.id })
  await bot.rest.reactions.createForPullRequestReviewComment({
    ...repo,
    comment_id: comment.id,
    content: '+1',
  })
  await bot.rest.reactions.listForPullRequestReviewComment({ ...repo, comment_id: comment.id })
  await github.addLabel({ repo: 'acme/api', number: pull.number, author: 'ada', label: 'bug' })
  await github.removeLabel({ repo: 'acme/api', number: pull.number, author: 'ada', label: 'bug' })
  const { data: run } = await bot.rest.checks.create({ ...repo, name: 'Backspace', head_sha: pull.head.sha })
  await bot.rest.checks.update({ ...repo, check_run_id: run.id, conclusion: 'success' })
  await bot.rest.checks.get({ ...repo, check_run_id: run.id })
  await bot.rest.checks.listForRef({ ...repo, ref: 'change' })
  await bot.rest.repos.createCommitStatus({ ...repo, sha: pull.head.sha, state: 'success' })
  await bot.rest.repos.getCombinedStatusForRef({ ...repo, ref: 'change' })
  await github.pushFiles({ repo: 'acme/api', branch: 'change', files: { 'src/a.js': 'best\n' } })
  await bot.rest.pulls.update({ ...place, state: 'closed' })
  await bot.rest.pulls.update({ ...place, state: 'open' })
  expect(problems).toEqual([])
})

test('every webhook, and how deliveries are listed, is as GitHub documents it', async () => {
  const { github, app, bot } = await started.promise
  github.setInstallation('acme', { suspended: true })
  github.setInstallation('acme', { suspended: false })
  await github.uninstall('carol')
  await github.settled()
  const wrong = github.deliveries.flatMap(({ event, action, body }) =>
    check.webhook(event, action ?? '', JSON.parse(body)).map((problem) => `${event}.${action}: ${problem}`),
  )
  expect(new Set(wrong)).toEqual(new Set())
  expect(new Set(github.deliveries.map(({ event, action }) => `${event}.${action}`)).size).toBe(22)
  const { data: deliveries } = await app.rest.apps.listWebhookDeliveries({ per_page: 5 })
  const delivery_id = deliveries[0]?.id ?? 0
  await app.rest.apps.getWebhookDelivery({ delivery_id })
  await app.rest.apps.redeliverWebhookDelivery({ delivery_id })
  await bot.rest.apps.revokeInstallationAccessToken()
  expect(problems).toEqual([])
})

test('no documented operation of the fixture was left out', () => {
  expect(check.unasked()).toEqual([])
})

async function refused(status: number, request: Promise<unknown>): Promise<void> {
  await expect(request).rejects.toMatchObject({ status })
}
