import { expect, onTestFinished, test } from 'vitest'
import type { Fault } from '../stand-ins/github/faults.ts'
import type { GitHubStandIn } from '../stand-ins/github/start-github.ts'
import { shareWorld } from '../support/share-world.ts'
import { FIX_GREETER } from '../support/start-world.ts'

const begin = shareWorld()

/** For the rest of the test. */
function refuse(github: GitHubStandIn, fault: Fault): void {
  const armed = github.fail({ ...fault, times: Number.POSITIVE_INFINITY })
  onTestFinished(armed.cancel)
}

test('where GitHub refuses reactions and comments, the pull request is still opened', async () => {
  const { github, repo, frames } = await begin(FIX_GREETER)
  const issue = await github.openIssue({ repo, author: 'ada', title: 'Hello, nobody' })
  refuse(github, { path: /\/reactions/, status: 404 })
  refuse(github, { method: 'POST', path: /\/comments$/, status: 403 })
  refuse(github, { path: /^\/app$/, status: 404 })

  await github.comment({ repo, number: issue.number, author: 'ada', body: '/backspace fix the failing test' })

  expect((await frames()).at(-1)).toMatchObject({ type: 'success' })
  expect(github.pullRequests(repo)).toHaveLength(1)
})

test('a label counts where GitHub refuses reactions', async () => {
  const { github, repo, frames } = await begin(FIX_GREETER)
  const issue = await github.openIssue({ repo, author: 'ada', title: 'Fix the failing test' })
  refuse(github, { path: /\/reactions/, status: 403 })

  await github.addLabel({ repo, number: issue.number, author: 'ada', label: 'backspace' })

  expect((await frames()).at(-1)).toMatchObject({ type: 'success' })
})

test('a command is obeyed once where GitHub refuses reactions', async () => {
  const { github, repo } = await begin()
  const issue = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  refuse(github, { path: /\/reactions/, status: 403 })

  await github.comment({ repo, number: issue.number, author: 'ada', body: '/backspace help' })

  await github.waitFor(() => github.comments(repo, issue.number).length === 2)
})
