import { expect, test } from 'vitest'
import { createGreeter, eventually, FIX_GREETER, startWorld, type World } from '../support/start-world.ts'

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

async function post(world: World, path: string, body: object = {}) {
  const response = await fetch(`${world.url}${path}`, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return (await response.json()) as { readonly runId: string }
}

const states = (world: World) => world.e2b?.sandboxes().map(({ state }) => state)
/** Sandboxes end after the terminal event. */
const allEnd = (world: World) =>
  eventually(
    () => states(world),
    (all) => all?.every((state) => state === 'killed') === true,
  )
const stepsOf = async (world: World) =>
  (await world.frames()).flatMap((frame) =>
    frame.type === 'info' && 'status' in frame && frame.status !== 'started'
      ? [`${frame.step}: ${frame.message}`]
      : [],
  )

test('a plan keeps its sandbox, and the run that carries it out goes on in it', async () => {
  const world = await startWorld({
    sandbox: 'e2b',
    database: 'shared',
    anthropic: [...FINISH_PLAN, ...FIX_GREETER],
  })
  await createGreeter(world.github)
  const repoUrl = `${world.github.url}/acme/greeter`
  const { runId } = await post(world, '/code', { repoUrl, prompt: 'Greet strangers', plan: true })
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'plan' } })
  expect(states(world)).toEqual(['paused'])

  await post(world, `/runs/${runId}/approve`)
  const end = (await world.frames()).at(-1)
  expect(end).toMatchObject({ extra_data: { outcome: 'pull_request' } })
  expect(await stepsOf(world)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^sandbox: Went on in the same E2B sandbox/),
      expect.stringMatching(/^clone: The clone at [0-9a-f]{7} is there already/),
      expect.stringMatching(/^baseline: .*npm test/),
    ]),
  )
  expect(world.github.pullRequests('acme/greeter')[0]?.body).toMatch(/`npm test` \| . failed .*passed/u)
  await allEnd(world)
})

test.each([
  { name: 'goes on in its sandbox', isGone: false, sandbox: /^sandbox: Went on in the same/ },
  { name: 'begins with its checkpoint when its sandbox is gone', isGone: true, sandbox: /^sandbox: Started/ },
])('an answer to a run that asked $name', async ({ isGone, sandbox }) => {
  const world = await startWorld({ sandbox: 'e2b', database: 'shared', anthropic: [...ASK, ...FIX_GREETER] })
  const { github, e2b } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  const say = (body: string) => github.comment({ repo, number, author: 'ada', body })
  await say('/backspace greet strangers')
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'question' } })
  expect(states(world)).toEqual(['paused'])
  if (isGone) e2b?.killSandbox(e2b.sandboxes()[0]?.id ?? '')

  await say('/backspace Use stranger')
  await eventually(world.runs, ({ length }) => length === 2)
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'pull_request' } })
  const [pull] = github.pullRequests(repo)
  expect(await github.fileAt(repo, pull?.head ?? '', 'NOTES.md')).toBe('note\n')
  expect(await stepsOf(world)).toContainEqual(expect.stringMatching(sandbox))
  await allEnd(world)
})

test('with 0 hours no sandbox waits', async () => {
  const world = await startWorld({
    sandbox: 'e2b',
    database: 'shared',
    anthropic: FINISH_PLAN,
    env: { BACKSPACE_PAUSE_HOURS: '0' },
  })
  await createGreeter(world.github)
  const repoUrl = `${world.github.url}/acme/greeter`
  await post(world, '/code', { repoUrl, prompt: 'Greet strangers', plan: true })
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'plan' } })
  await allEnd(world)
})
