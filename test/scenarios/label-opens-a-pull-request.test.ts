import { expect, test } from 'vitest'
import { shareWorld } from '../support/share-world.ts'
import { FIX_GREETER } from '../support/start-world.ts'

const begin = shareWorld()

test('another label, and a label by a person who may only read, start nothing', async () => {
  const { github, repo, runs } = await begin()
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })

  await github.addLabel({ repo, number, author: 'ada', label: 'bug' })
  await github.addLabel({ repo, number, author: 'eve', label: 'backspace' })
  await github.waitFor(() => github.comments(repo, number).length === 1)

  expect(github.comments(repo, number)[0]?.body).toContain(
    `starting Backspace needs write access to ${repo}; you have read access.`,
  )
  expect(await runs()).toEqual([])
})

test('an outsider’s issue that a writer labels is worked on as a draft', async () => {
  const { github, repo, frames } = await begin(FIX_GREETER)
  const { number } = await github.openIssue({ repo, author: 'mallory', title: 'Bug', body: 'It is broken.' })

  await github.addLabel({ repo, number, author: 'ada', label: 'Backspace' })
  expect((await frames()).at(-1)).toMatchObject({ type: 'success' })
  expect(github.pullRequests(repo)[0]).toMatchObject({ draft: true })
})
