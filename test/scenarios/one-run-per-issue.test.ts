import { expect, test } from 'vitest'
import type { Script } from '../stand-ins/models/script.ts'
import { shareWorld } from '../support/share-world.ts'
import { eventually, FIX_GREETER } from '../support/start-world.ts'

const begin = shareWorld()

const SLOW = { calls: [{ name: 'bash', args: { command: 'sleep 600' } }] }

async function startOnIssue(anthropic: Script) {
  const world = await begin(anthropic)
  const { github, repo } = world
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Greet strangers' })
  const replies = () =>
    github
      .comments(repo, number)
      .map(({ body }) => body)
      .filter((body) => body.includes('backspace-reply'))
  const say = (author: string, body: string) => github.comment({ repo, number, author, body })
  const label = () => github.addLabel({ repo, number, author: 'ada', label: 'backspace' })
  return { world, github, repo, number, replies, say, label }
}

test('a label and bare commands at the same moment start one run', async () => {
  const { world, github, repo, number, replies, say, label } = await startOnIssue([SLOW])
  await Promise.all([label(), say('ada', '/backspace'), say('root', '/backspace\n\nSent from my iPhone')])
  await github.waitFor(() => replies().length === 1)
  await eventually(world.turns, ({ length }) => length > 0)

  await github.removeLabel({ repo, number, author: 'ada', label: 'backspace' })
  await label()
  const late = await say('root', '/backspace')
  await github.waitFor(() => github.reactions(repo, number, late.id).some(({ content }) => content === '+1'))
  expect(replies()).toHaveLength(1)
  expect(replies()[0]).toMatch(/^A run is already working on this issue, so no other was started\./)
  expect(await world.runs()).toHaveLength(1)
})

test('while its pull request is open the issue is not done twice, but retry and --new work', async () => {
  const { world, github, repo, number, replies, say, label } = await startOnIssue([
    ...FIX_GREETER,
    ...FIX_GREETER,
  ])
  await label()
  expect((await world.frames()).at(-1)).toMatchObject({ type: 'success' })
  await eventually(world.runs, ([newest]) => newest?.status === 'succeeded')
  const [pull] = github.pullRequests(repo)

  await say('root', '/backspace')
  await github.waitFor(() => replies().length === 1)
  expect(replies()[0]).toContain(
    `[#${pull?.number}](${pull?.htmlUrl}) already does this issue and is still open`,
  )
  expect(replies()[0]).toContain('`/backspace retry`')
  expect(await world.runs()).toHaveLength(1)

  await github.closeThread({ repo, number: pull?.number ?? 0, author: 'ada' })
  await github.removeLabel({ repo, number, author: 'ada', label: 'backspace' })
  await label()
  await eventually(world.runs, ({ length }) => length === 2)
})

test('a prompt of its own and --new start another run beside the one for the issue', async () => {
  const { world, say, label } = await startOnIssue([SLOW, SLOW])
  await label()
  await eventually(world.runs, ({ length }) => length === 1)
  await say('ada', '/backspace --new')
  await eventually(world.runs, ({ length }) => length === 2)
})

test('a label on an issue that a prompt is being done for starts no second run, but a plan is no work', async () => {
  const { world, github, replies, say, label } = await startOnIssue([SLOW, SLOW])
  await say('ada', '/backspace --plan greet strangers')
  await eventually(world.runs, ([newest]) => newest?.status === 'running')
  await say('root', '/backspace --new greet strangers')
  await eventually(world.runs, ({ length }) => length === 2)
  await label()
  await github.waitFor(() => replies().length === 1)
  expect(replies()[0]).toMatch(/^A run is already working on this issue, so no other was started\./)
  expect(await world.runs()).toHaveLength(2)
})
