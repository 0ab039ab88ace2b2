import { expect, test } from 'vitest'
import { createApi } from '../api-repository.ts'
import { preparePipelines, TOTALS } from '../pipeline-world.ts'

const startPipeline = preparePipelines()

const CHECKED = { '.github/backspace.yml': 'checks:\n  - "true"\n' }
/** What people grant who do not want check runs. */
const WITHOUT_CHECKS = {
  metadata: 'read',
  contents: 'write',
  issues: 'write',
  pull_requests: 'write',
} as const

test('the commit says how the host’s checks ended, once, and leads to the run', async () => {
  const { github, run } = await startPipeline()
  await createApi(github, CHECKED)
  const { end, run: done } = await run({}, 'echo hello >> README.md')
  expect(end).toMatchObject({ type: 'run.succeeded' })
  const [pull] = github.pullRequests('acme/api')
  expect(github.checkRuns('acme/api')).toEqual([
    {
      ...{ name: 'Backspace', status: 'completed', conclusion: 'success', headSha: pull?.headSha },
      ...{ externalId: done.id, detailsUrl: `http://backspace.test/runs/${done.id}` },
    },
  ])
  const asked = github.tokens().filter(({ permissions }) => permissions.checks === 'write')
  expect(asked).toMatchObject([{ permissions: { checks: 'write' }, revokedAt: expect.anything() }])
})

test('a change that no model made says so by its label and on its commit', async () => {
  const { github, run } = await startPipeline()
  await createApi(github, CHECKED)
  await run({}, async ({ workspace }, { sandbox }) => {
    await sandbox.exec('echo hello >> README.md', { cwd: workspace })
    return { totals: { ...TOTALS, models: ['dummy'] } }
  })
  const [pull] = github.pullRequests('acme/api')
  expect(pull).toMatchObject({ draft: true })
  expect(github.labels('acme/api', pull?.number ?? 0)).toEqual(['backspace:no-ai'])
  expect(github.checkRuns('acme/api')).toMatchObject([{ conclusion: 'neutral' }])
})

test('an App that may not make check runs opens the same pull request', async () => {
  const { github, run } = await startPipeline()
  await createApi(github, CHECKED)
  github.setInstallation('acme', { permissions: WITHOUT_CHECKS })
  expect((await run({}, 'echo hello >> README.md')).end).toMatchObject({ type: 'run.succeeded' })
  expect(github.pullRequests('acme/api')).toMatchObject([{ draft: false }])
  expect(github.checkRuns('acme/api')).toEqual([])
})

test('a GitHub that loses its answer or takes no check runs does not hold up the run', async () => {
  const waits: number[] = []
  const { github, run } = await startPipeline({
    async pause(ms) {
      waits.push(ms)
    },
  })
  await createApi(github, CHECKED)
  github.fail({ method: 'POST', path: /\/check-runs$/, status: 502, when: 'after' })
  expect((await run({}, 'echo hello >> README.md')).end).toMatchObject({ type: 'run.succeeded' })
  expect(github.checkRuns('acme/api')).toHaveLength(1)
  expect(waits).toEqual([])
})
