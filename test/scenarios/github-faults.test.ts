import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { RunRequest } from '../../src/runs/run.ts'
import { askOnIssue, askOnPullRequest, createApi } from '../pipeline/api-repository.ts'
import { preparePipelines } from '../pipeline/pipeline-world.ts'
import type { GitHubStandIn } from '../stand-ins/github/start-github.ts'

const startPipeline = preparePipelines()

/** Runs a change to README.md, and lets something happen on GitHub while the agent works. */
async function runWhile(
  happen: (github: GitHubStandIn) => unknown,
  ask: (github: GitHubStandIn) => Promise<Partial<RunRequest>> = askOnIssue,
) {
  const waits: number[] = []
  const pipeline = await startPipeline({ pause: async (ms) => void waits.push(ms) })
  const { github } = pipeline
  await createApi(github)
  const request = await ask(github)
  const { end } = await pipeline.run(request, async ({ workspace }, { sandbox }) => {
    await sandbox.exec('echo hello >> README.md', { cwd: workspace })
    await happen(github)
    return {}
  })
  return { ...pipeline, end, waits, conclusion: pipeline.reports[0] }
}

async function onDev(github: GitHubStandIn): Promise<Partial<RunRequest>> {
  await github.pushFiles({ repo: 'acme/api', branch: 'dev', author: 'ada', files: {} })
  return { ...(await askOnIssue(github)), options: { base: 'dev' } }
}

/** `owner/name` that the repository has from now on. */
function moveTo(name: string) {
  return (github: GitHubStandIn) => github.moveRepository('acme/api', name)
}

async function deleteBranch(github: GitHubStandIn, branch: string): Promise<void> {
  const git = ['-C', github.directoryOf('acme/api'), 'update-ref', '-d', `refs/heads/${branch}`]
  await promisify(execFile)('git', git)
}

const FOR_EVER = { times: Number.POSITIVE_INFINITY }
const RULES = { message: 'Repository rule violations found\n\nCannot create ref' }
const inHalfAnHour = () => String(Math.floor(Date.now() / 1000) + 1795)

test.each<
  [
    string,
    (github: GitHubStandIn) => unknown,
    string,
    RegExp,
    ((github: GitHubStandIn) => Promise<Partial<RunRequest>>)?,
  ]
>([
  [
    'the repository is archived',
    (github) => github.setArchived('acme/api', true),
    'repository_archived',
    /Unarchive/,
  ],
  [
    'an owner suspends the App',
    (github) => github.setInstallation('acme', { suspended: true }),
    'not_installed',
    /suspended/,
  ],
  [
    'an owner uninstalls the App',
    (github) => github.uninstall('acme'),
    'repository_not_found',
    /not installed/,
  ],
  [
    'an owner takes the repository from the App',
    (github) => github.setInstalled('acme/api', false),
    'repository_not_found',
    /not installed/,
  ],
  [
    'who asked loses write access',
    (github) => github.setRole('acme/api', 'ada', 'read'),
    'not_permitted',
    /@ada/,
  ],
  ['the base branch is deleted', (github) => deleteBranch(github, 'dev'), 'base_not_found', /`dev`/, onDev],
  [
    'the pull request is closed',
    (github) => github.closeThread({ repo: 'acme/api', number: 1, author: 'ada' }),
    'conflict',
    /closed meanwhile.*Reopen/,
    askOnPullRequest,
  ],
  [
    'the head branch is deleted',
    (github) => deleteBranch(github, 'topic'),
    'head_moved',
    /deleted/,
    askOnPullRequest,
  ],
  [
    'new branches are forbidden',
    (github) => github.fail({ method: 'POST', path: /\/git\/refs$/, status: 422, body: RULES }),
    'branch_protected',
    /bypass/,
  ],
  [
    'the repository is deleted',
    (github) => github.deleteRepository('acme/api'),
    'repository_not_found',
    /does not exist/,
  ],
  [
    'the repository goes to an owner without the App',
    moveTo('gamma/api'),
    'repository_not_found',
    /not installed/,
  ],
  [
    'the repository gives its name to another one',
    async (github) => {
      moveTo('acme/old-api')(github)
      await createApi(github)
    },
    'repository_not_found',
    /does not exist|not the repository/,
  ],
  [
    'GitHub is down for long',
    (github) => github.fail({ method: 'POST', path: /\/git\/(trees|refs)$/, status: 503, ...FOR_EVER }),
    'github_unavailable',
    /githubstatus/,
  ],
  [
    'no requests are left for half an hour',
    (github) => {
      const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inHalfAnHour() }
      return github.fail({ method: 'POST', path: /\/git\/commits$/, status: 403, headers })
    },
    'github_rate_limited',
    /in (29|30) minutes/,
  ],
])('%s meanwhile: the run says so and keeps the diff', async (_what, happen, code, message, ask) => {
  const { end, conclusion, github, errors } = await runWhile(happen, ask)
  expect(end).toMatchObject({ type: 'run.failed', code, message: expect.stringMatching(message) })
  expect(conclusion?.keptDiff).toContain('+hello')
  const published = github.requests.filter(
    ({ method, path, status }) => method === 'POST' && /git\/refs$|\/pulls$/.test(path) && status === 201,
  )
  expect(published).toEqual([])
  expect(errors).toEqual([])
})

test.each([
  'acme/other',
  'beta/api',
])('the repository becomes %s meanwhile: the pull request is opened there', async (name) => {
  const { end, github } = await runWhile(moveTo(name), async (standIn) => {
    await standIn.createRepository({ owner: 'beta', name: 'with-the-app' })
    return askOnIssue(standIn)
  })
  const [pull] = github.pullRequests(name)
  expect(end).toMatchObject({ type: 'run.succeeded', pullRequestUrl: pull?.htmlUrl })
})

test('what passes is waited for: a token that ended, limits with and without a header, a short outage', async () => {
  const limit = { status: 403, body: { message: 'You have exceeded a secondary rate limit.' } }
  const { end, waits, github } = await runWhile((standIn) => {
    standIn.fail({ method: 'POST', path: /\/git\/blobs$/, status: 401 })
    standIn.fail({ method: 'POST', path: /\/git\/trees$/, ...limit, headers: { 'retry-after': '240' } })
    standIn.fail({ method: 'POST', path: /\/git\/commits$/, ...limit })
    standIn.fail({ method: 'POST', path: /\/git\/refs$/, status: 503, times: 3 })
    standIn.fail({ method: 'POST', path: /\/pulls$/, status: 502, times: 2 })
  })
  expect(end).toMatchObject({ type: 'run.succeeded' })
  expect(waits).toEqual(expect.arrayContaining([240_000, 60_000]))
  expect(github.pullRequests('acme/api')).toHaveLength(1)
  const writers = github.tokens().filter(({ permissions }) => permissions.contents === 'write')
  expect(writers).toHaveLength(2)
  expect(writers.filter(({ revokedAt }) => revokedAt === undefined)).toEqual([])
})

test('a run that is stopped while it publishes publishes nothing more', async () => {
  const { github, store, run, reports } = await startPipeline()
  await createApi(github)
  const { end } = await run(await askOnIssue(github), async ({ workspace, runId }, { sandbox }) => {
    await sandbox.exec('echo hello >> README.md', { cwd: workspace })
    const asked = Promise.withResolvers<void>()
    const slow = github.fail({ method: 'POST', path: /\/git\/commits$/, until: asked.promise })
    void github
      .waitFor(() => slow.hits === 1)
      .then(() => store.requestCancel(runId, 'Stopped by @ada.'))
      .then(() => asked.resolve())
    return {}
  })
  expect(end).toMatchObject({ type: 'run.cancelled', message: 'Stopped by @ada.' })
  expect(reports[0]?.keptDiff).toContain('+hello')
  expect(Object.keys(await github.branches('acme/api'))).toEqual(['main'])
})

test('a missing default branch is distinguished from an empty repository', async () => {
  const { github, run } = await startPipeline()
  await createApi(github)
  await github.pushFiles({ repo: 'acme/api', branch: 'dev', author: 'ada', files: {} })
  await deleteBranch(github, 'main')
  expect((await run({}, 'true')).end).toMatchObject({
    code: 'base_not_found',
    message: expect.stringContaining('default branch'),
  })
})
