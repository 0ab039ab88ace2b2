import { expect, test } from 'vitest'
import { quietOctokit } from '../../stand-ins/github/checked-octokit.ts'
import { askOnPullRequest, createApi } from '../api-repository.ts'
import { preparePipelines, type Work } from '../pipeline-world.ts'

const startPipeline = preparePipelines()
const FILES = { Makefile: 'test:\n\t@grep -q good lib.txt\n', 'lib.txt': 'bad\n' }
const FIX = 'echo good > lib.txt'

async function started() {
  const world = await startPipeline({ verify: { mode: 'checks', minutes: 5 } })
  await createApi(world.github, FILES)
  const auth = { token: world.github.createPat({ login: 'ada' }) }
  const ada = quietOctokit({ apiUrl: world.github.apiUrl, auth })
  async function checkRunOf(sha: string): Promise<string> {
    const { data } = await ada.rest.checks.listForRef({ owner: 'acme', repo: 'api', ref: sha })
    return data.check_runs[0]?.output.text ?? ''
  }
  return { world, ada, checkRunOf }
}

test('the receipt of a pull request names its commit and tree, and is in the check run and linked from the body', async () => {
  const { world, ada, checkRunOf } = await started()
  const { run } = await world.run({}, FIX)
  const [pull] = world.github.pullRequests('acme/api')
  const commit = pull?.headSha ?? ''
  const { data } = await ada.rest.git.getCommit({ owner: 'acme', repo: 'api', commit_sha: commit })
  expect(await world.receiptOf(run.id)).toMatchObject({
    verdict: 'valid',
    statement: {
      subject: [{ digest: { gitCommit: commit } }, { digest: { gitTree: data.tree.sha } }],
      predicate: {
        run: { id: run.id, url: `http://backspace.test/runs/${run.id}` },
        repository: { owner: 'acme', name: 'api' },
        files: [{ path: 'lib.txt', status: 'modified' }],
        verification: { checks: [{ command: 'make test', verdict: 'fixed' }] },
        commands: {
          count: expect.any(Number),
          list: expect.arrayContaining([expect.objectContaining({ room: 'head', exitCode: 0 })]),
        },
      },
    },
  })
  expect(pull?.body).toMatch(
    new RegExp(
      `<sub>\\[Signed receipt\\]\\(http://backspace.test/runs/${run.id}/receipt\\) of this verification, SHA-256 \`[0-9a-f]{16}…\`</sub>$`,
    ),
  )
  const text = await checkRunOf(commit)
  expect(text).toMatch(/^\[Signed receipt\][\s\S]*```json\n\{"payload":/)
  expect(world.errors).toEqual([])
})

test('a branch that moved while the change was verified gets no receipt, and the report says why', async () => {
  const { world } = await started()
  const request = await askOnPullRequest(world.github)
  const work: Work = async (task, context) => {
    await context.sandbox.exec(FIX, { cwd: task.workspace })
    const files = { 'other.txt': 'meanwhile\n' }
    await world.github.pushFiles({ repo: 'acme/api', branch: 'topic', author: 'ada', files })
    return {}
  }
  const { run } = await world.run(request, work)
  expect(await world.receiptOf(run.id)).toBeUndefined()
  expect(world.reports.at(-1)?.report).toContain('⚠️ The branch moved while the change was verified')
})
