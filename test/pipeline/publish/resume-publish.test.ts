import { expect, test } from 'vitest'
import { RunReleased } from '../../../src/runs/queue/run-released.ts'
import type { Fault } from '../../stand-ins/github/faults.ts'
import { askOnPullRequest, createApi } from '../api-repository.ts'
import { preparePipelines, type Work } from '../pipeline-world.ts'

const startPipeline = preparePipelines()

const notAgain: Work = async () => {
  throw new Error('the agent had done its work before')
}

/** Lets a run die while GitHub takes its time with one request, and another attempt go on. */
async function dieDuring(
  fault: Pick<Fault, 'method' | 'path' | 'when'>,
  { onPull = false }: { readonly onPull?: boolean } = {},
) {
  const pipeline = await startPipeline()
  const { github } = pipeline
  await createApi(github)
  const request = onPull ? await askOnPullRequest(github) : {}
  const stop = new AbortController()
  let runId = ''
  const died = pipeline.run(
    request,
    async (task, { sandbox }) => {
      runId = task.runId
      await sandbox.exec('echo hello >> README.md', { cwd: task.workspace })
      const dead = Promise.withResolvers<void>()
      const last = github.fail({ ...fault, drop: true, until: dead.promise })
      void github
        .waitFor(() => last.hits === 1)
        .then(() => stop.abort(new RunReleased()))
        .then(dead.resolve)
      return { title: 'Say hello', summary: 'It says hello now.' }
    },
    stop.signal,
  )
  await expect(died).rejects.toBeInstanceOf(RunReleased)
  return { ...pipeline, goOn: () => pipeline.runAgain(runId, notAgain) }
}

test.each([
  { method: 'POST', path: /\/git\/refs$/, when: 'before' },
  { method: 'POST', path: /\/git\/refs$/, when: 'after' },
  { method: 'POST', path: /\/pulls$/, when: 'before' },
  { method: 'POST', path: /\/pulls$/, when: 'after' },
] as const)('killed $when $path took effect, the next attempt finishes from the commit', async (fault) => {
  const { github, goOn } = await dieDuring(fault)
  const { run, events } = await goOn()
  expect(run).toMatchObject({ attempt: 2, status: 'succeeded' })
  const pulls = github.pullRequests('acme/api')
  expect(pulls).toMatchObject([{ title: 'Say hello', body: expect.stringContaining('It says hello now.') }])
  expect(Object.keys(await github.branches('acme/api')).sort()).toEqual([pulls[0]?.head, 'main'])
  expect(await github.fileAt('acme/api', pulls[0]?.head ?? '', 'README.md')).toBe('# api\nhello\n')
  expect(events.filter(({ type }) => type === 'run.succeeded')).toHaveLength(1)
  const commits = github.requests.filter(
    ({ method, path }) => method === 'POST' && path.endsWith('/git/commits'),
  )
  expect(commits).toHaveLength(1)
})

test('a commit that was pushed to a pull request is found below what others pushed on top of it', async () => {
  const { github, goOn } = await dieDuring(
    { method: 'PATCH', path: /\/git\/refs\//, when: 'after' },
    { onPull: true },
  )
  await github.pushFiles({ repo: 'acme/api', branch: 'topic', author: 'ada', files: { 'c.txt': 'c\n' } })
  const { run } = await goOn()
  expect(run).toMatchObject({ status: 'succeeded', ending: { outcome: 'pull_request' } })
  expect(await github.fileAt('acme/api', 'topic', 'README.md')).toBe('# api\nhello\n')
  expect(await github.fileAt('acme/api', 'topic', 'c.txt')).toBe('c\n')
})

test('an attempt that another has taken the run from makes nothing more', async () => {
  const { github, run, store } = await startPipeline()
  await createApi(github)
  const zombie = run({}, async ({ workspace, runId }, { sandbox }) => {
    await sandbox.exec('echo hello >> README.md', { cwd: workspace })
    const taken = Promise.withResolvers<void>()
    const slow = github.fail({ method: 'POST', path: /\/git\/commits$/, until: taken.promise })
    void github
      .waitFor(() => slow.hits === 1)
      .then(() => store.markRunning(runId))
      .then(() => taken.resolve())
    return {}
  })
  await expect(zombie).rejects.toMatchObject({ name: 'WriteRefused' })
  expect(Object.keys(await github.branches('acme/api'))).toEqual(['main'])
  expect(github.pullRequests('acme/api')).toEqual([])
})
