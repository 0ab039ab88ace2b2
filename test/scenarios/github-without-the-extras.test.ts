import { expect, test } from 'vitest'
import { createGreeter, FIX_GREETER, startWorld } from '../support/start-world.ts'

test('where GitHub refuses reactions and comments, the pull request is still opened', async () => {
  const { github, frames } = await startWorld({ anthropic: FIX_GREETER })
  const repo = await createGreeter(github)
  const issue = await github.openIssue({ repo, author: 'ada', title: 'Hello, nobody' })
  github.fail({ path: /\/reactions/, status: 404, times: Number.POSITIVE_INFINITY })
  github.fail({ method: 'POST', path: /\/comments$/, status: 403, times: Number.POSITIVE_INFINITY })
  github.fail({ path: /^\/app$/, status: 404, times: Number.POSITIVE_INFINITY })

  await github.comment({ repo, number: issue.number, author: 'ada', body: '/backspace fix the failing test' })

  expect((await frames()).at(-1)).toMatchObject({ type: 'success' })
  expect(github.pullRequests(repo)).toHaveLength(1)
})

test('a label counts where GitHub refuses reactions', async () => {
  const { github, frames } = await startWorld({ anthropic: FIX_GREETER })
  const repo = await createGreeter(github)
  const issue = await github.openIssue({ repo, author: 'ada', title: 'Fix the failing test' })
  github.fail({ path: /\/reactions/, status: 403, times: Number.POSITIVE_INFINITY })

  await github.addLabel({ repo, number: issue.number, author: 'ada', label: 'backspace' })

  expect((await frames()).at(-1)).toMatchObject({ type: 'success' })
})

test('a command is obeyed once where GitHub refuses reactions', async () => {
  const { github } = await startWorld()
  const repo = await createGreeter(github)
  const issue = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  github.fail({ path: /\/reactions/, status: 403, times: Number.POSITIVE_INFINITY })

  await github.comment({ repo, number: issue.number, author: 'ada', body: '/backspace help' })

  await github.waitFor(() => github.comments(repo, issue.number).length === 2)
})
