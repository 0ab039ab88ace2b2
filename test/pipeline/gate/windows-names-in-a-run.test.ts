import { expect, test } from 'vitest'
import type { VerifyReport } from '../../../src/agent/agent.ts'
import { askOnIssue, askOnPullRequest, createApi } from '../api-repository.ts'
import { preparePipelines } from '../pipeline-world.ts'

const startPipeline = preparePipelines()

test('a name that breaks a clone on Windows stays out, is named first, and its diff is kept for the thread', async () => {
  const { github, run, reports } = await startPipeline()
  await createApi(github)
  const request = await askOnIssue(github)
  const finished = await run(request, 'echo x > nul; echo {} > log-10:00.json; echo hi > README.md')
  const [pull] = github.pullRequests('acme/api')
  expect(pull?.draft).toBe(true)
  const published = Object.keys(await github.filesAt('acme/api', pull?.headSha ?? ''))
  expect(published.filter((path) => path === 'nul' || path.includes(':'))).toEqual([])
  expect(pull?.body).toContain('a clone on Windows would fail: `log-10:00.json`')
  expect(reports[0]?.keptDiff).toContain('+++ b/nul')
  const gate = finished.events.find((event) => event.type === 'step.finished' && event.step === 'gate')
  expect(gate).toMatchObject({ message: 'Safety gate passed (1 file, 2 files withheld, opened as a draft)' })
})

test('the agent is asked to rename such a file before it ends, and a renamed file is published', async () => {
  const { github, run } = await startPipeline()
  await createApi(github)
  const verdicts: VerifyReport[] = []
  await run({}, async ({ workspace }, { sandbox, verify }) => {
    await sandbox.exec('echo x > Aux.ts', { cwd: workspace })
    verdicts.push(await verify())
    await sandbox.exec('mv Aux.ts auxiliary.ts', { cwd: workspace })
    verdicts.push(await verify())
    return {}
  })
  expect(verdicts.map(({ warnings }) => warnings)).toEqual([
    [expect.stringMatching(/`Aux\.ts`.*Rename it/)],
    [],
  ])
  const [pull] = github.pullRequests('acme/api')
  expect(pull?.draft).toBe(false)
  expect(await github.fileAt('acme/api', pull?.head ?? '', 'auxiliary.ts')).toBe('x\n')
})

test('a repository with such a name takes a change of that file like any other', async () => {
  const { github, run } = await startPipeline()
  await createApi(github, { 'src/aux.ts': 'old\n', 'logs/10:00.json': '{}\n' })
  const { end } = await run({}, 'echo new > src/aux.ts; echo [] > logs/10:00.json')
  expect(end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request', draft: false })
  const [pull] = github.pullRequests('acme/api')
  expect(await github.fileAt('acme/api', pull?.head ?? '', 'src/aux.ts')).toBe('new\n')
  expect(await github.fileAt('acme/api', pull?.head ?? '', 'logs/10:00.json')).toBe('[]\n')
})

test('a change of nothing but such names opens no pull request and says why', async () => {
  const { github, run, reports } = await startPipeline()
  await createApi(github)
  const { end, events } = await run(await askOnIssue(github), 'echo x > nul')
  expect(end).toMatchObject({ type: 'run.succeeded', outcome: 'answer', pullRequestUrl: null })
  expect(reports[0]?.notes?.join()).toContain('`nul` has the name of a Windows device')
  const gate = events.find((event) => event.type === 'step.finished' && event.step === 'gate')
  expect(gate).toMatchObject({ status: 'failed', message: 'No file may be published (1 file withheld)' })
  expect(github.pullRequests('acme/api')).toEqual([])
})

test('a commit to a pull request is not said to open a draft', async () => {
  const { github, run } = await startPipeline()
  await createApi(github)
  const { events } = await run(await askOnPullRequest(github), 'echo x > nul; echo hi > README.md')
  const gate = events.find((event) => event.type === 'step.finished' && event.step === 'gate')
  expect(gate).toMatchObject({ status: 'ok', message: 'Safety gate passed (1 file, 1 file withheld)' })
})

test('what the checks wrote and the agent did not is left out and said; what the agent writes there itself is not', async () => {
  const { github, run } = await startPipeline()
  await createApi(github, {
    '.github/backspace.yml':
      'checks:\n  - if grep -q one README.md; then mkdir -p coverage; echo log > coverage/new.txt; echo log > check.log; fi\n',
  })
  const { events } = await run({}, async ({ workspace }, { sandbox, verify }) => {
    await sandbox.exec('echo one > README.md', { cwd: workspace })
    await verify()
    await sandbox.exec('echo two > README.md; echo mine > check.log', { cwd: workspace })
    return {}
  })
  const [pull] = github.pullRequests('acme/api')
  const published = Object.keys(await github.filesAt('acme/api', pull?.headSha ?? ''))
  expect(published).toContain('check.log')
  expect(published.filter((path) => path.startsWith('coverage'))).toEqual([])
  expect(pull?.body).toContain('the checks wrote it and the agent did not: `coverage/new.txt`')
  expect(JSON.stringify(events)).toContain('the checks wrote it')
})
