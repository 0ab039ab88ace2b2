import { expect, test } from 'vitest'
import { createGreeter, eventually, startWorld, type World } from '../support/start-world.ts'

const QUICK = {
  catchUp: { lookEveryMs: 200, listEveryMs: 200, redeliverEveryMs: 1 },
  lookForChoresMs: 50,
}

/** How many runs there are, once there are so many; more would show as well. */
async function runCount(world: World, atLeast: number): Promise<number> {
  const count = async () => {
    const response = await fetch(`${world.url}/runs?limit=100`, { headers: { accept: 'application/json' } })
    const { runs } = (await response.json()) as { runs: readonly unknown[] }
    return runs.length
  }
  return await eventually(count, (runs) => runs >= atLeast)
}

test('what was asked for while no process listened runs once each, also when GitHub sends it again', async () => {
  // The first run hangs and the others wait behind it: how they go on is not what is counted.
  const anthropic = [{ fault: 'stall', at: 'start' }] as const
  const world = await startWorld({ pace: QUICK, anthropic, env: { BACKSPACE_CONCURRENCY: '1' } })
  const { github } = world
  const repo = await createGreeter(github)
  // Labels on one issue ask for the same thing, and what a comment asks for goes to a run that works on its issue.
  const ask = async (index: number) => {
    const { number } = await github.openIssue({ repo, author: 'ada', title: `Thing ${index}` })
    const place = { repo, number, author: 'ada' }
    if (index % 10 !== 0) await github.comment({ ...place, body: `/backspace do thing ${index}` })
    else await github.addLabel({ ...place, label: 'backspace' })
  }
  github.setWebhookTarget(undefined)
  for (let index = 0; index < 50; index++) await ask(index)
  // Before anything is delivered: what is on its way has no status either.
  const failed = github.deliveries.filter(
    ({ event, action, statusCode }) =>
      statusCode === 0 && /^(issue_comment\.created|issues\.labeled)$/.test(`${event}.${action}`),
  )
  expect(failed).toHaveLength(50)
  github.setWebhookTarget(`${world.url}/api/github/webhooks`)

  expect(await runCount(world, 50)).toBe(50)
  const again = await Promise.all(failed.map(({ id }) => github.redeliver(id)))
  expect(again.map(({ response }) => response.body)).toEqual(failed.map(() => '{"status":"duplicate"}'))
  expect(await runCount(world, 50)).toBe(50)
})

test('a comment whose webhook never came is found, once, and the others are not run again', async () => {
  const world = await startWorld({ pace: QUICK, env: { BACKSPACE_CONCURRENCY: '1' } })
  const { github } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  const say = (body: string, author = 'ada') => github.comment({ repo, number, author, body })
  await say('/backspace of before')
  const lookedAt = (path: string) => github.requests.filter((request) => request.path === path).length
  const looks = `/repos/${repo}/issues/comments`
  await github.waitFor(() => lookedAt(looks) > 0)
  expect(await runCount(world, 1)).toBe(1)

  await say('/backspace that is delivered')
  github.loseWebhooks(true)
  const lost = await say('/backspace that is lost')
  await say('nothing for anybody')
  await say('/backspace by an outsider', 'eve')
  const edited = await say('not at first')
  github.advance(1_000)
  await github.editComment({ id: edited.id, author: 'ada', body: '/backspace now' })
  github.loseWebhooks(false)
  github.advance(3 * 60_000)

  await github.waitFor(() => github.reactions(repo, number, lost.id).length > 0)
  await github.waitFor(() =>
    github
      .comments(repo, number)
      .some(({ body }) => /^@eve, starting Backspace needs write access/.test(body)),
  )
  const seen = lookedAt(looks)
  await github.waitFor(() => lookedAt(looks) > seen + 2)
  expect(await runCount(world, 3)).toBe(3)
})

test('the command of an issue that is transferred runs once', async () => {
  const world = await startWorld({ pace: QUICK, env: { BACKSPACE_CONCURRENCY: '1' } })
  const { github } = world
  const repo = await createGreeter(github)
  const to = await createGreeter(github, { owner: 'beta' })
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  const looks = (name: string) =>
    github.requests.filter(({ path }) => path === `/repos/${name}/issues/comments`).length
  await github.waitFor(() => looks(to) > 0)
  await github.comment({ repo, number, author: 'ada', body: '/backspace do it' })
  await github.comment({ repo, number, author: 'eve', body: '/backspace by an outsider' })
  expect(await runCount(world, 1)).toBe(1)
  const moved = await github.transferIssue({ repo, number, author: 'ada', to })
  const own = await github.comment({ repo: to, number: moved.number, author: 'eve', body: 'Here now' })
  github.advance(3 * 60_000)
  const seen = looks(to)
  await github.waitFor(() => looks(to) > seen + 2)
  expect(await runCount(world, 1)).toBe(1)
  expect(github.comments(to, moved.number).filter(({ id }) => id > own.id)).toEqual([])
})

test('a process that only listens looks itself for what it missed, and no worker is needed for that', async () => {
  const anthropic = [{ fault: 'stall', at: 'start' }] as const
  const world = await startWorld({ pace: QUICK, anthropic, env: { BACKSPACE_ROLE: 'web' } })
  const { github, url } = world
  const repo = await createGreeter(github)
  github.setWebhookTarget(undefined)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace do it' })
  github.setWebhookTarget(`${url}/api/github/webhooks`)
  await github.waitFor(() =>
    github.deliveries.some(({ event, statusCode }) => event === 'issue_comment' && statusCode === 202),
  )
})

test('a comment whose deletion arrives first runs as it would have in the right order', async () => {
  const world = await startWorld({ pace: QUICK })
  const { github } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  github.setWebhookTarget(undefined)
  const { id } = await github.comment({ repo, number, author: 'ada', body: '/backspace look at greet' })
  await github.deleteComment({ id, author: 'ada' })
  github.setWebhookTarget(`${world.url}/api/github/webhooks`)
  for (const action of ['deleted', 'created']) {
    const delivery = github.deliveries.find((one) => one.event === 'issue_comment' && one.action === action)
    await github.redeliver(delivery?.id ?? 0)
  }
  expect((await world.frames()).at(-1)).toMatchObject({ type: 'success' })
  expect(await runCount(world, 1)).toBe(1)
})
