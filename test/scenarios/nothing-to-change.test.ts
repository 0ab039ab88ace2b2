import { expect, test } from 'vitest'
import { shareWorld } from '../support/share-world.ts'

const begin = shareWorld()

test('no change is answered in the thread, without a branch', async () => {
  const {
    github,
    repo,
    frames: framesOfRun,
  } = await begin([
    { calls: [{ name: 'read', args: { file_path: 'README.md' } }] },
    {
      calls: [
        {
          name: 'finish',
          args: {
            outcome: 'no_change',
            title: 'What greet does',
            summary: '`greet` says **hello** to a name.',
          },
        },
      ],
    },
  ])
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'A question' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace what does greet do?' })
  const frames = await framesOfRun()

  const answer = github.comments(repo, number)[1]
  expect(frames.at(-1)).toMatchObject({
    type: 'success',
    extra_data: { outcome: 'answer', pr_url: null, comment_url: answer?.htmlUrl },
  })
  expect(answer?.body).toContain('`greet` says **hello** to a name.')
  expect(Object.keys(await github.branches(repo))).toEqual(['main'])
  expect(github.pullRequests(repo)).toEqual([])
})

test('a model that claims a change it did not make is not believed', async () => {
  const finish = {
    name: 'finish',
    args: { outcome: 'done', title: 'Fixed it', summary: 'All tests pass now.' },
  }
  const { github, repo, frames: framesOfRun } = await begin([{ calls: [finish] }])
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace fix it' })
  await framesOfRun()

  expect(github.pullRequests(repo)).toEqual([])
  expect(Object.keys(await github.branches(repo))).toEqual(['main'])
})
