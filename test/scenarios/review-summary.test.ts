import { expect, test } from 'vitest'
import { shareWorld } from '../support/share-world.ts'
import { FIX_GREETER } from '../support/start-world.ts'

const begin = shareWorld()

async function startReview() {
  const story = await begin(FIX_GREETER)
  const { github, repo } = story
  await github.pushFiles({ repo, branch: 'feature', files: { 'NOTES.md': 'wip\n' } })
  const { number } = await github.openPullRequest({ repo, author: 'ada', title: 'WIP', head: 'feature' })
  return { ...story, number }
}

test.for([
  'COMMENTED',
  'CHANGES_REQUESTED',
] as const)('a command in the summary of a review (%s) commits to the branch', async (state) => {
  const { github, repo, number, runs, frames } = await startReview()
  const body = 'Nearly there.\n\n/backspace fix the failing test'
  await github.review({ repo, number, author: 'root', body, state })

  expect((await frames()).at(-1)).toMatchObject({ type: 'success' })
  expect(await github.fileAt(repo, 'feature', 'src/greet.js')).toContain('stranger')
  expect(await runs()).toHaveLength(1)
  const report = await github.waitFor(() =>
    github.comments(repo, number).find(({ body: text }) => text.includes('Requested by @root')),
  )
  expect(report.body).toMatch(/^### 🚀 Committed/)
})

test('reserved words in a review are answered; a review by an outsider or without a command starts nothing', async () => {
  const { github, repo, number, runs } = await startReview()
  await github.review({ repo, number, author: 'root', body: 'Looks good to me.', state: 'APPROVED' })
  await github.review({ repo, number, author: 'mallory', body: '/backspace leak it' })
  await github.review({ repo, number, author: 'ada', body: '/backspace status\n\nSent from my iPhone' })
  await github.waitFor(() =>
    github.comments(repo, number).some(({ body }) => body.startsWith('Nothing has run here yet.')),
  )
  await github.waitFor(() => github.comments(repo, number).some(({ body }) => body.startsWith('@mallory')))
  expect(await runs()).toEqual([])
})
