import { expect, test } from 'vitest'
import { BackspaceError } from '../../src/errors.ts'
import { RunReleased } from '../../src/runs/queue/run-released.ts'
import { askOnIssue, createApi } from './api-repository.ts'
import { type Finished, preparePipelines } from './pipeline-world.ts'

const startPipeline = preparePipelines()

const steps = ({ events }: Finished) =>
  events.flatMap((event) => (event.type === 'step.finished' ? [`${event.step} ${event.status}`] : []))

test('a change becomes a commit, a branch and a pull request, checked before and after', async () => {
  const { github, run, errors } = await startPipeline()
  await createApi(github, {
    'old.txt': 'a\nb\nc\nd\n',
    'run.sh': 'echo hi\n',
    Makefile: 'test:\n\t@grep -q hello README.md\n',
  })
  const finished = await run(
    {},
    "echo hello >> README.md; git mv old.txt new.txt; rm gone.txt; chmod +x run.sh; printf '\\0\\1' > b.bin; echo ü > ü.txt",
  )
  expect(errors).toEqual([])
  expect(finished.end).toMatchObject({
    type: 'run.succeeded',
    outcome: 'pull_request',
    draft: false,
    commentUrl: null,
  })
  const [pull] = github.pullRequests('acme/api')
  expect(pull).toMatchObject({
    base: 'main',
    author: 'backspace[bot]',
    title: 'Change something',
    draft: false,
  })
  expect(pull?.head).toMatch(/^backspace\/code-change-something-[0-9a-f]{8}$/)
  const head = pull?.headSha ?? ''
  const files = await github.filesAt('acme/api', head)
  expect(Object.keys(files).sort()).toEqual(['Makefile', 'README.md', 'b.bin', 'new.txt', 'run.sh', 'ü.txt'])
  expect(files['run.sh']?.mode).toBe('100755')
  expect(await github.fileAt('acme/api', head, 'README.md')).toBe('# api\nhello\n')
  expect([...((await github.bytesAt('acme/api', head, 'b.bin')) ?? [])]).toEqual([0, 1])
  const commit = await github.commit('acme/api', head)
  expect(commit.verified).toBe(true)
  expect(commit.text).toContain('Co-authored-by: ada <7+ada@users.noreply.127.0.0.1>')
  expect(commit.text).toContain(`Backspace-Run: ${finished.run.id}`)
  expect(finished.run).toMatchObject({
    status: 'succeeded',
    ending: { pullRequestUrl: pull?.htmlUrl, code: null },
  })
  expect(steps(finished)).toEqual([
    ...['sandbox ok', 'clone ok', 'setup skipped', 'baseline ok', 'agent ok', 'collect ok', 'checks ok'],
    ...['gate ok', 'publish ok', 'pull_request ok'],
  ])
  expect(finished.events.filter(({ type }) => type === 'checks.finished')).toMatchObject([
    { phase: 'before', results: [{ command: 'make test', exitCode: 2 }] },
    { phase: 'after', results: [{ command: 'make test', exitCode: 0 }] },
  ])
})

test('a run on an issue closes it by its pull request and tells the thread', async () => {
  const { github, run, reports } = await startPipeline()
  await createApi(github)
  const request = await askOnIssue(github)
  const finished = await run(request, 'echo hello >> README.md')
  const [pull] = github.pullRequests('acme/api')
  expect(pull?.head).toMatch(/^backspace\/1-change-something-/)
  expect(pull?.body).toContain('Closes #1')
  expect(steps(finished).at(-1)).toBe('report ok')
  expect(finished.end).toMatchObject({ commentUrl: 'https://example.test/comment' })
  expect(reports).toMatchObject([
    { status: 'succeeded', pullRequestUrl: pull?.htmlUrl, totals: { costUsd: 0 } },
  ])
})

test('no change is an answer, a triage or a question, and makes no branch', async () => {
  const { github, run } = await startPipeline()
  await createApi(github)
  const answers = [
    await run({}, async () => ({ kind: 'no_change', summary: 'It works already.' })),
    await run({}, async () => ({ kind: 'triage', summary: 'Look at README.md.' })),
    await run({}, async () => ({ kind: 'blocked', summary: '', question: 'Which one?' })),
    await run({}, 'true'),
  ]
  expect(answers.map(({ run: { ending } }) => [ending?.outcome, ending?.message])).toEqual([
    ['answer', 'It works already.'],
    ['triage', 'Look at README.md.'],
    ['question', 'Which one?'],
    ['answer', 'It is changed.'],
  ])
  const stopped = await run({}, async () => ({
    kind: 'partial',
    reason: 'It took 10 turns.',
    code: 'step_limit',
  }))
  expect(stopped.end).toMatchObject({ type: 'run.failed', code: 'step_limit' })
  expect(Object.keys(await github.branches('acme/api'))).toEqual(['main'])
})

test('what is not finished, or breaks a check, is a draft that says so', async () => {
  const { github, run } = await startPipeline()
  await createApi(github, { Makefile: 'test:\n\t@test -e gone.txt\n' })
  await run({}, 'rm gone.txt')
  const { events } = await run({}, async ({ workspace }, { sandbox }) => {
    await sandbox.exec('echo half > half.txt', { cwd: workspace })
    return { kind: 'partial', reason: 'The budget is spent.' }
  })
  const [broken, half] = [...github.pullRequests('acme/api')].sort((a, b) => a.number - b.number)
  expect(broken).toMatchObject({ draft: true, body: expect.stringMatching(/make test.*\b0\b.*\b2\b/) })
  expect(half).toMatchObject({ draft: true, body: expect.stringContaining('The budget is spent.') })
  // No tick for work that stopped early.
  const agent = events.find((event) => event.type === 'step.finished' && event.step === 'agent')
  expect(agent).toMatchObject({ status: 'failed', message: expect.stringContaining('Stopped early') })
})

test('workflow files stay out: the rest is a draft, their diff is kept for the thread', async () => {
  const { github, run, reports } = await startPipeline()
  await createApi(github)
  const request = await askOnIssue(github)
  await run(
    request,
    'mkdir -p .github/workflows; echo "on: push" > .github/workflows/x.yml; echo hi > README.md',
  )
  const [pull] = github.pullRequests('acme/api')
  expect(pull?.draft).toBe(true)
  expect(Object.keys(await github.filesAt('acme/api', pull?.headSha ?? ''))).not.toContain(
    '.github/workflows/x.yml',
  )
  expect(reports[0]?.keptDiff).toContain('+on: push')
  const only = await run(request, 'mkdir -p .github/workflows; echo "on: push" > .github/workflows/x.yml')
  expect(only.end).toMatchObject({ type: 'run.succeeded', outcome: 'answer', pullRequestUrl: null })
  expect(reports[1]?.keptDiff).toContain('+on: push')
})

test('a cancelled run ends as cancelled, leaves no sandbox and publishes nothing', async () => {
  const stop = new AbortController()
  const killed: string[] = []
  const { github, run } = await startPipeline({
    sandboxes: (provider) => ({
      ...provider,
      async create(request) {
        const sandbox = await provider.create(request)
        return { ...sandbox, kill }
        async function kill(): Promise<void> {
          killed.push(sandbox.id)
          await sandbox.kill()
        }
      },
    }),
  })
  await createApi(github)
  const work = async (
    _task: unknown,
    { signal, sandbox }: { signal: AbortSignal; sandbox: { exec: CallableFunction } },
  ) => {
    stop.abort(new BackspaceError('cancelled', '@ada stopped it.'))
    await sandbox.exec('sleep 60', { signal })
    signal.throwIfAborted()
    return {}
  }
  const finished = await run({}, work, stop.signal)
  expect(finished.end).toMatchObject({ type: 'run.cancelled', message: '@ada stopped it.' })
  expect(finished.run.status).toBe('cancelled')
  expect(killed).toHaveLength(1)
  expect(Object.keys(await github.branches('acme/api'))).toEqual(['main'])
})

test('an unexpected failure shows only the id of the run, and the operator gets it in full', async () => {
  const { github, run, errors } = await startPipeline()
  await createApi(github)
  const finished = await run({}, async () => {
    throw new Error('/home/secret/path exploded')
  })
  expect(finished.end).toMatchObject({
    type: 'run.failed',
    code: 'internal',
    message: expect.stringContaining(finished.run.id),
  })
  expect(JSON.stringify(finished.events)).not.toContain('exploded')
  expect(String(errors[0])).toContain('exploded')
})

test('what an agent has changed before something unforeseen broke it is a draft that says so', async () => {
  const { github, run, errors } = await startPipeline()
  await createApi(github)
  const finished = await run({}, async ({ workspace }, { sandbox }) => {
    await sandbox.exec('echo half > half.txt', { cwd: workspace })
    throw new Error('/home/secret/path exploded')
  })
  expect(finished.end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request', draft: true })
  const [pull] = github.pullRequests('acme/api')
  expect(pull?.title).toMatch(/^\[partial\] /)
  expect(pull?.body).toContain(`This is not finished.** Something went wrong inside Backspace`)
  expect(JSON.stringify([finished.events, pull])).not.toContain('exploded')
  expect(String(errors[0])).toContain('exploded')
  expect(await github.fileAt('acme/api', pull?.head ?? '', 'half.txt')).toBe('half\n')
})

test('a run that another worker goes on with writes no end, and opens no second pull request', async () => {
  const { github, run, runAgain } = await startPipeline()
  await createApi(github)
  github.fail({ method: 'POST', path: /\/pulls$/, status: 502, when: 'after', times: 1 })
  const stop = new AbortController()
  let runId = ''
  const first = run(
    {},
    async (task) => {
      runId = task.runId
      stop.abort(new RunReleased())
      return {}
    },
    stop.signal,
  )
  await expect(first).rejects.toBeInstanceOf(RunReleased)
  const finished = await runAgain(runId, 'echo hello >> README.md')
  expect(finished.run).toMatchObject({ attempt: 2, status: 'succeeded' })
  expect(finished.events.filter(({ type }) => type === 'run.succeeded')).toHaveLength(1)
  // This agent keeps no transcript, so what it left in the files means nothing: it starts in another sandbox.
  expect(JSON.stringify(finished.events)).not.toContain('Went on in the same')
  expect(github.pullRequests('acme/api')).toHaveLength(1)
})
