import { expect, test } from 'vitest'
import { shareWorld } from '../support/share-world.ts'
import { createGreeter, eventually, FIX_GREETER, startWorld, type World } from '../support/start-world.ts'
import { startByCode } from './post-code.ts'

const begin = shareWorld({ sandbox: 'e2b', database: 'shared' })

const FINISH_PLAN = [
  { calls: [{ name: 'finish', args: { outcome: 'done', title: 'Greet strangers', summary: 'A plan.' } }] },
]
const ASK = [
  { calls: [{ name: 'bash', args: { command: 'echo note >NOTES.md; touch node_modules_marker' } }] },
  {
    calls: [
      {
        name: 'finish',
        args: { outcome: 'blocked', title: 'Ask', summary: 'Two fit.', question: 'Which greeting?' },
      },
    ],
  },
]

type Seen = Pick<World, 'e2b' | 'frames'>

/** What became of the sandboxes that are made from now on. */
function watchStates({ e2b }: Seen): () => readonly string[] {
  const earlier = new Set(e2b?.sandboxes().map(({ id }) => id))
  return () => (e2b?.sandboxes() ?? []).filter(({ id }) => !earlier.has(id)).map(({ state }) => state)
}

/** Sandboxes end after the terminal event. */
const allEnd = (states: () => readonly string[]) =>
  eventually(states, (all) => all.every((state) => state === 'killed'))

/** @returns the run's id. */
async function makePlan(world: Parameters<typeof startByCode>[0]): Promise<string> {
  const response = await startByCode(world, { prompt: 'Greet strangers', plan: true })
  return ((await response.json()) as { readonly runId: string }).runId
}

const stepsOf = async (world: Seen) =>
  (await world.frames()).flatMap((frame) =>
    frame.type === 'info' && 'status' in frame && frame.status !== 'started'
      ? [`${frame.step}: ${frame.message}`]
      : [],
  )

test('a plan keeps its sandbox, and the run that carries it out goes on in it', async () => {
  const world = await begin([...FINISH_PLAN, ...FIX_GREETER])
  const states = watchStates(world)
  const runId = await makePlan(world)
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'plan' } })
  expect(states()).toEqual(['paused'])

  await fetch(`${world.url}/runs/${runId}/approve`, { method: 'POST' })
  const end = (await world.frames()).at(-1)
  expect(end).toMatchObject({ extra_data: { outcome: 'pull_request' } })
  expect(await stepsOf(world)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^sandbox: Went on in the same E2B sandbox/),
      expect.stringMatching(/^clone: The clone at [0-9a-f]{7} is there already/),
      expect.stringMatching(/^baseline: .*npm test/),
    ]),
  )
  expect(world.github.pullRequests(world.repo)[0]?.body).toMatch(/`npm test` \| . failed .*passed/u)
  await allEnd(states)
})

test.each([
  { name: 'goes on in its sandbox', isGone: false, sandbox: /^sandbox: Went on in the same/ },
  { name: 'begins with its checkpoint when its sandbox is gone', isGone: true, sandbox: /^sandbox: Started/ },
])('an answer to a run that asked $name', async ({ isGone, sandbox }) => {
  const world = await begin([...ASK, ...FIX_GREETER])
  const { github, e2b, repo } = world
  const states = watchStates(world)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  const say = (body: string) => github.comment({ repo, number, author: 'ada', body })
  await say('/backspace greet strangers')
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'question' } })
  expect(states()).toEqual(['paused'])
  if (isGone) e2b?.killSandbox(e2b.sandboxes().find(({ state }) => state === 'paused')?.id ?? '')

  await say('/backspace Use stranger')
  await eventually(world.runs, ({ length }) => length === 2)
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'pull_request' } })
  const [pull] = github.pullRequests(repo)
  expect(await github.fileAt(repo, pull?.head ?? '', 'NOTES.md')).toBe('note\n')
  expect(await stepsOf(world)).toContainEqual(expect.stringMatching(sandbox))
  await allEnd(states)
})

test('with 0 hours no sandbox waits', async () => {
  const world = await startWorld({
    sandbox: 'e2b',
    database: 'shared',
    anthropic: FINISH_PLAN,
    env: { BACKSPACE_PAUSE_HOURS: '0' },
  })
  const states = watchStates(world)
  await makePlan({ ...world, repo: await createGreeter(world.github) })
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'plan' } })
  await allEnd(states)
})
