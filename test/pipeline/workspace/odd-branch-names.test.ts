import { expect, test } from 'vitest'
import { createApi } from '../api-repository.ts'
import { preparePipelines } from '../pipeline-world.ts'

const startPipeline = preparePipelines()

test('a run starts from any branch whose name Git allows', async () => {
  const { github, run } = await startPipeline()
  await createApi(github)
  const names = ['a\u00a0b', 'release/é', 'a\u0085b']
  for (const branch of names) {
    await github.pushFiles({ repo: 'acme/api', branch, author: 'ada', files: { odd: `${branch}\n` } })
    const { end } = await run({ options: { base: branch } }, 'echo more >> odd')
    expect([branch, end]).toMatchObject([branch, { type: 'run.succeeded', outcome: 'pull_request' }])
  }
  expect(github.pullRequests('acme/api').map(({ base }) => base)).toEqual(names)
})

test('a name that Git refuses is answered as a branch that does not exist', async () => {
  const { github, run } = await startPipeline()
  await createApi(github)
  for (const base of ['~x', '^x', ':x', '*x', '[x', '\\x', '?x', '@', 'HEAD', 'x'.repeat(256), 'a\ud800b']) {
    const { run: ended } = await run({ options: { base } }, 'true')
    expect([base, ended.ending?.code]).toEqual([base, 'base_not_found'])
  }
})
