import { expect, test } from 'vitest'
import type { RecordedRequest, Step } from '../stand-ins/models/script.ts'
import { auditedIn } from '../support/audited.ts'
import { type Story, shareWorld } from '../support/share-world.ts'
import { createGreeter, eventually, FIX_GREETER, startWorld } from '../support/start-world.ts'
import { startByCode } from './post-code.ts'

const begin = shareWorld()

/** A token that a command prints. */
const REVERSED = [...`ghp_${'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6'}`].reverse().join('')

/** Does one thing after the other until the model reads `text`, and then fixes the greeter. */
function busyUntilTold(text: string) {
  let told: number | undefined
  return ({ body }: RecordedRequest, index: number): Step => {
    if (told === undefined && JSON.stringify(body).includes(text)) told = index
    if (told !== undefined) return FIX_GREETER[index - told] ?? { text: 'Done.' }
    return { calls: [{ name: 'bash', args: { command: `sleep 0.2; echo ${index}; rev <<<${REVERSED}` } }] }
  }
}

function noteTo(world: Story, runId: string | undefined, text: string): Promise<Response> {
  return fetch(`${world.url}/runs/${runId}/notes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
  })
}

test('what is commented during a run reaches it before its next turn, and is acknowledged', async () => {
  const world = await startWorld({ anthropic: busyUntilTold('call it stranger') })
  const { github, anthropic } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace fix it' })
  await eventually(
    () => anthropic?.turns(),
    (turns = []) => turns.length > 0,
  )
  await github.comment({ repo, number, author: 'eve', body: '/backspace delete it all' })
  const { id } = await github.comment({ repo, number, author: 'root', body: '/backspace call it stranger' })

  const frames = await world.frames()
  expect(frames.at(-1)).toMatchObject({ extra_data: { outcome: 'pull_request' } })
  expect(frames).toContainEqual(
    expect.objectContaining({ message: '@root added: call it stranger', author: '@root' }),
  )
  expect(await world.runs()).toHaveLength(1)
  const last = JSON.stringify(anthropic?.turns().at(-1).messages)
  expect(last.split('call it stranger')).toHaveLength(2)
  expect(last).not.toContain('delete it all')
  expect(anthropic?.rejections).toEqual([])
  await github.waitFor(() => github.comments(repo, number).some(({ body }) => body.includes('root added')))
  await github.waitFor(
    () =>
      github
        .reactions(repo, number, id)
        .map(({ content }) => content)
        .join() === '+1',
  )
  await world.backspace.stop(0)
  expect(await auditedIn(world.database)).toEqual(expect.arrayContaining(['run.steered', 'text.masked']))
})

test('--new starts a run of its own behind the one that works', async () => {
  const { github, repo, runs, turns } = await begin(busyUntilTold('Bye'))
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace fix it' })
  await eventually(turns, ({ length }) => length > 0)
  await github.comment({ repo, number, author: 'ada', body: '/backspace --new say hi' })
  await eventually(runs, ({ length }) => length === 2)
  expect((await runs()).map(({ status }) => status)).toEqual(['queued', 'running'])
})

test('a note that comes too late is followed by a run that goes on from there', async () => {
  const script: Step[] = [
    { calls: [{ name: 'finish', args: { outcome: 'no_change', title: 'x', summary: 'It is blue.' } }] },
    ...FIX_GREETER,
  ]
  const world: Story = await begin(async (_request, index) => {
    if (index === 0) {
      const [run] = await world.runs()
      expect((await noteTo(world, run?.id, 'Also mend the greeter')).status).toBe(202)
    }
    return script[index] ?? { text: 'Done.' }
  })
  await startByCode(world, { prompt: 'Which colour is it?' })
  await eventually(world.runs, ({ length }) => length === 2)
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'pull_request' } })
  const [own, first] = await world.runs()
  expect(own).toMatchObject({ parentRunId: first?.id, prompt: 'Also mend the greeter' })
  const asked = JSON.stringify(world.turns()[1].messages)
  expect(asked).toContain('Which colour is it?')
  expect(asked).toContain('It is blue.')
  expect((await noteTo(world, own?.id, 'And another thing')).status).toBe(409)
})
