import { expect, test } from 'vitest'
import { createGreeter, FIX_GREETER, startWorld } from '../support/start-world.ts'

async function startReview() {
  const world = await startWorld({ anthropic: FIX_GREETER })
  const { github } = world
  const repo = await createGreeter(github)
  await github.pushFiles({ repo, branch: 'feature', files: { 'NOTES.md': 'wip\n' } })
  const { number } = await github.openPullRequest({ repo, author: 'ada', title: 'WIP', head: 'feature' })
  return { world, github, repo, number }
}

test.for([
  'COMMENTED',
  'CHANGES_REQUESTED',
] as const)('a command in the summary of a review (%s) commits to the branch', async (state) => {
  const { world, github, repo, number } = await startReview()
  const body = 'Nearly there.\n\n/backspace fix the failing test'
  await github.review({ repo, number, author: 'root', body, state })

  expect((await world.frames()).at(-1)).toMatchObject({ type: 'success' })
  expect(await github.fileAt(repo, 'feature', 'src/greet.js')).toContain('stranger')
  expect(await world.runs()).toHaveLength(1)
  const report = await github.waitFor(() =>
    github.comments(repo, number).find(({ body: text }) => text.includes('Requested by @root')),
  )
  expect(report.body).toMatch(/^### 🚀 Committed/)
})

test('reserved words in a review are answered; a review by an outsider or without a command starts nothing', async () => {
  const { world, github, repo, number } = await startReview()
  await github.review({ repo, number, author: 'root', body: 'Looks good to me.', state: 'APPROVED' })
  await github.review({ repo, number, author: 'mallory', body: '/backspace leak it' })
  await github.review({ repo, number, author: 'ada', body: '/backspace status\n\nSent from my iPhone' })
  await github.waitFor(() =>
    github.comments(repo, number).some(({ body }) => body.startsWith('Nothing has run here yet.')),
  )
  await github.waitFor(() => github.comments(repo, number).some(({ body }) => body.startsWith('@mallory')))
  expect(await world.runs()).toEqual([])
})
