import { expect, test } from 'vitest'
import { askOnPullRequest, createApi } from '../api-repository.ts'
import { preparePipelines, type Work } from '../pipeline-world.ts'

const startPipeline = preparePipelines()

/** Changes README.md, and lets something happen on GitHub meanwhile. */
function meanwhile(happen: () => Promise<unknown>): Work {
  return async ({ workspace }, { sandbox }) => {
    await sandbox.exec('echo hello >> README.md', { cwd: workspace })
    await happen()
    return {}
  }
}

test('a base branch that moved meanwhile gets a pull request from where the run started', async () => {
  const { github, run } = await startPipeline()
  await createApi(github)
  const push = { repo: 'acme/api', branch: 'main', author: 'ada', files: { 'other.txt': 'o\n' } }
  const { end } = await run(
    {},
    meanwhile(() => github.pushFiles(push)),
  )
  expect(end).toMatchObject({ type: 'run.succeeded' })
  const [pull] = github.pullRequests('acme/api')
  const commit = await github.commit('acme/api', pull?.headSha ?? '')
  expect(Object.values(await github.branches('acme/api'))).not.toContain(commit.parents[0])
  expect(pull?.body).toContain('got new commits while this was made')

  const [before = ''] = commit.parents
  await run(
    {},
    meanwhile(() => github.moveBranch({ repo: 'acme/api', branch: 'main', sha: before })),
  )
  expect(github.pullRequests('acme/api').at(-1)?.body).toMatch(
    /`main` was rewritten while this was made: it no longer has 1 commit up to [0-9a-f]{7}, and merging/,
  )
})

test('on a pull request the commit goes to its branch, on top of what others pushed elsewhere', async () => {
  const { github, run } = await startPipeline()
  await createApi(github)
  const request = await askOnPullRequest(github)
  const plain = await run(request, 'echo hello >> b.txt')
  expect(plain.end).toMatchObject({
    type: 'run.succeeded',
    message: expect.stringContaining('to pull request #1'),
  })
  const others = { repo: 'acme/api', branch: 'topic', author: 'ada', files: { 'other.txt': 'o\n' } }
  await run(
    request,
    meanwhile(() => github.pushFiles(others)),
  )
  expect(await github.fileAt('acme/api', 'topic', 'b.txt')).toBe('b\nhello\n')
  expect(await github.fileAt('acme/api', 'topic', 'README.md')).toBe('# api\nhello\n')
  expect(await github.fileAt('acme/api', 'topic', 'other.txt')).toBe('o\n')
  expect(Object.keys(await github.branches('acme/api')).sort()).toEqual(['main', 'topic'])
})

test('a head that moved in the same file is left alone, and the diff is kept', async () => {
  const { github, run, reports } = await startPipeline()
  await createApi(github)
  const request = await askOnPullRequest(github)
  const others = { repo: 'acme/api', branch: 'topic', author: 'ada', files: { 'README.md': 'theirs\n' } }
  const { end } = await run(
    request,
    meanwhile(() => github.pushFiles(others)),
  )
  expect(end).toMatchObject({
    type: 'run.failed',
    code: 'head_moved',
    message: expect.stringContaining('README.md'),
  })
  expect(reports[0]?.keptDiff).toContain('+hello')
  expect(await github.fileAt('acme/api', 'topic', 'README.md')).toBe('theirs\n')
})

test('answers that GitHub lost on the way make nothing twice', async () => {
  const { github, run } = await startPipeline()
  await createApi(github)
  github.fail({ method: 'POST', path: /\/git\/refs$/, status: 502, when: 'after' })
  github.fail({ method: 'POST', path: /\/git\/trees$/, drop: true })
  github.fail({ method: 'POST', path: /\/pulls$/, status: 502, when: 'after' })
  expect((await run({}, 'echo hi > README.md')).end).toMatchObject({ type: 'run.succeeded' })
  expect(github.pullRequests('acme/api')).toHaveLength(1)
  expect(Object.keys(await github.branches('acme/api'))).toHaveLength(2)
})

test('what GitHub made is found, and may be used, only when all of GitHub knows of it', async () => {
  const waits: number[] = []
  const { github, run } = await startPipeline({ pause: async (ms) => void waits.push(ms) })
  await createApi(github)
  const answer = (status: number, message: string) => ({ status, body: { message } })
  github.fail({ method: 'POST', path: /\/git\/trees$/, ...answer(422, 'tree.sha is not a valid blob') })
  github.fail({ method: 'POST', path: /\/git\/commits$/, ...answer(404, 'Not Found') })
  github.fail({ method: 'POST', path: /\/git\/refs$/, ...answer(422, 'Object does not exist') })
  github.fail({ method: 'POST', path: /\/git\/refs$/, status: 502, when: 'after' })
  const unknown = { method: 'GET', path: /\/git\/ref\/heads\/backspace\//, ...answer(404, 'Not Found') }
  github.fail({ ...unknown, times: 3 })
  github.fail({ method: 'POST', path: /\/pulls$/, ...answer(422, 'Validation Failed: "field":"head"') })
  github.fail({ method: 'POST', path: /\/pulls$/, drop: true, when: 'after' })
  github.fail({ method: 'GET', path: /\/pulls\?/, status: 200, body: [], times: 5 })

  expect((await run({}, 'echo hi > README.md')).end).toMatchObject({ type: 'run.succeeded' })
  expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(60_000)
  expect(github.pullRequests('acme/api')).toHaveLength(1)
  expect(Object.keys(await github.branches('acme/api'))).toHaveLength(2)
})

test('a branch is known again under what a bot pushed to it at once', async () => {
  const happened: (() => Promise<unknown>)[] = []
  const { github, run } = await startPipeline({
    async watch({ method, path, when }) {
      if (when !== 'after' || method !== 'POST' || !path.endsWith('/git/refs')) return 'go on'
      await happened.pop()?.()
      return 'cut'
    },
  })
  await createApi(github)
  happened.push(async () => {
    const branch = Object.keys(await github.branches('acme/api')).find((name) => name !== 'main') ?? ''
    await github.pushFiles({ repo: 'acme/api', branch, author: 'ada', files: { 'README.md': 'tidied\n' } })
  })
  expect((await run({}, 'echo hello >> README.md')).end).toMatchObject({ type: 'run.succeeded' })
  const [pull] = github.pullRequests('acme/api')
  expect(Object.keys(await github.branches('acme/api')).sort()).toEqual([pull?.head, 'main'])
  expect(await github.fileAt('acme/api', pull?.head ?? '', 'README.md')).toBe('tidied\n')
})

test('a branch whose name blocks the folder of ours is named', async () => {
  const { github, run } = await startPipeline()
  await createApi(github)
  await github.pushFiles({ repo: 'acme/api', branch: 'backspace', author: 'ada', files: {} })
  const { end } = await run({}, 'echo hello >> README.md')
  expect(end).toMatchObject({ code: 'conflict', message: expect.stringMatching(/named `backspace`.*Rename/) })
})

test("another person's branch of the same name is left alone", async () => {
  const { github, run } = await startPipeline()
  await createApi(github)
  let branch = ''
  const { end } = await run({}, async ({ workspace, runId }, { sandbox }) => {
    branch = `backspace/code-change-something-${runId.slice(0, 8)}`
    await github.pushFiles({ repo: 'acme/api', branch, author: 'ada', files: { 'mine.txt': 'm\n' } })
    await sandbox.exec('echo hello >> README.md', { cwd: workspace })
    return {}
  })
  expect(end).toMatchObject({ type: 'run.succeeded' })
  expect(github.pullRequests('acme/api')[0]?.head).toBe(`${branch}-2`)
  expect(await github.fileAt('acme/api', branch, 'README.md')).toBe('# api\n')
})

test('a token that may not push works through a fork that takes its time', async () => {
  const { github, run } = await startPipeline({
    credential: { pat: (standIn) => standIn.createPat({ login: 'robin', scopes: ['public_repo'] }) },
    fork: { delayMs: 300, until: 'empty' },
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms / 20)),
  })
  await github.createRepository({ owner: 'acme', name: 'api', files: { 'README.md': '# api\n' } })
  const { end, events } = await run({}, 'echo hello >> README.md')
  expect(end).toMatchObject({ type: 'run.succeeded' })
  const [pull] = github.pullRequests('acme/api')
  expect(pull).toMatchObject({ base: 'main', author: 'robin', body: expect.stringContaining('not Verified') })
  expect(pull?.head).toMatch(/^robin:backspace\//)
  expect(Object.keys(await github.branches('acme/api'))).toEqual(['main'])
  expect(JSON.stringify(events)).toContain('not Verified')
})

test('a scope or permission that is missing is named', async () => {
  const noScope = await startPipeline({
    credential: { pat: (standIn) => standIn.createPat({ login: 'ada', scopes: [] }) },
  })
  await noScope.github.createRepository({
    ...{ owner: 'acme', name: 'api', collaborators: { ada: 'write' }, files: { 'README.md': '# api\n' } },
  })
  const scope = await noScope.run({}, 'echo hello >> README.md')
  expect(scope.end).toMatchObject({
    type: 'run.failed',
    code: 'scope_missing',
    message: expect.stringContaining('repo'),
  })

  const { github, run } = await startPipeline()
  await createApi(github)
  github.setInstallation('acme', {
    permissions: { metadata: 'read', contents: 'read', issues: 'write', pull_requests: 'write' },
  })
  const permission = await run({}, 'echo hello >> README.md')
  expect(permission.end).toMatchObject({ type: 'run.failed', message: expect.stringMatching(/permission/) })
})

test('a secondary rate limit is waited out, within bounds', async () => {
  const waits: number[] = []
  const { github, run } = await startPipeline({
    pause: async (ms) => {
      waits.push(ms)
    },
  })
  await createApi(github)
  const body = { message: 'You have exceeded a secondary rate limit.' }
  github.fail({ method: 'POST', path: /\/pulls$/, status: 403, body, headers: { 'retry-after': '7' } })
  expect((await run({}, 'echo hi > README.md')).end).toMatchObject({ type: 'run.succeeded' })
  expect(waits).toEqual([7000])
  github.fail({
    method: 'POST',
    path: /\/git\/commits$/,
    status: 403,
    body,
    headers: { 'retry-after': '3600' },
  })
  const limited = await run({}, 'echo hi > README.md')
  expect(limited.end).toMatchObject({ type: 'run.failed', code: 'github_rate_limited' })
})
