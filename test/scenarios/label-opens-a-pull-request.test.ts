import { expect, test } from 'vitest'
import { SANDBOXES } from '../support/sandboxes.ts'
import { createGreeter, FIX_GREETER, startWorld } from '../support/start-world.ts'

test.for(SANDBOXES)('a label makes the issue the task ($sandbox)', async ({ sandbox, missing }, { skip }) => {
  skip(missing !== undefined, missing)
  const world = await startWorld({ sandbox, database: 'shared', anthropic: FIX_GREETER })
  const { github } = world
  const repo = await createGreeter(github)
  const title = 'Nobody is greeted'
  const { number } = await github.openIssue({ repo, author: 'ada', title, body: 'Greet them as a stranger.' })

  await github.addLabel({ repo, number, author: 'ada', label: 'backspace' })
  const frames = await world.frames()

  expect(frames.at(-1)).toMatchObject({ type: 'success', extra_data: { outcome: 'pull_request' } })
  expect(github.pullRequests(repo)[0]?.body).toContain(`Closes #${number}`)
  const asked = JSON.stringify(world.anthropic?.turns()[0])
  expect(asked).toContain(title)
  expect(asked).toContain('Greet them as a stranger.')
  await github.waitFor(() => github.reactions(repo, number)[0]?.content === 'rocket')
})

test('another label, and a label by a person who may only read, start nothing', async () => {
  const world = await startWorld({ anthropic: FIX_GREETER })
  const { github } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })

  await github.addLabel({ repo, number, author: 'ada', label: 'bug' })
  await github.addLabel({ repo, number, author: 'eve', label: 'backspace' })
  await github.waitFor(() => github.comments(repo, number).length === 1)

  expect(github.comments(repo, number)[0]?.body).toContain(
    'starting Backspace needs write access to acme/greeter; you have read access.',
  )
  expect(await world.runs()).toEqual([])
})

test('an outsider’s issue that a writer labels is worked on as a draft', async () => {
  const world = await startWorld({ anthropic: FIX_GREETER })
  const { github } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'mallory', title: 'Bug', body: 'It is broken.' })

  await github.addLabel({ repo, number, author: 'ada', label: 'Backspace' })
  expect((await world.frames()).at(-1)).toMatchObject({ type: 'success' })
  expect(github.pullRequests(repo)[0]).toMatchObject({ draft: true })
})
