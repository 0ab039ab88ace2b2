import { expect, test } from 'vitest'
import { auditedIn } from '../support/audited.ts'
import { shareWorld } from '../support/share-world.ts'
import { createGreeter, eventually, FIX_GREETER, startWorld } from '../support/start-world.ts'
import { startByCode } from './post-code.ts'

const begin = shareWorld()

const SLOW = { calls: [{ name: 'bash', args: { command: 'sleep 600' } }] }

test('stop ends the run within the thread, and nothing is published', async () => {
  const world = await startWorld({ anthropic: [SLOW] })
  const { github } = world
  const unrevoked = github.fail({ method: 'DELETE', path: /installation\/token/, status: 403 })
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace fix it' })
  await eventually(
    () => world.anthropic?.turns(),
    (turns = []) => turns.length > 0,
  )
  await github.comment({ repo, number, author: 'root', body: '/backspace stop' })

  expect((await world.frames()).at(-1)).toMatchObject({
    type: 'error',
    code: 'cancelled',
    message: expect.stringContaining('@root'),
  })
  // On a busy machine the run's comment comes after the one that stops it.
  await github.waitFor(() =>
    github.comments(repo, number).some(({ body }) => /Stopped[\s\S]*root/.test(body)),
  )
  expect(Object.keys(await github.branches(repo))).toEqual(['main'])
  await github.waitFor(() => unrevoked.hits > 0)
  await world.backspace.stop(0)
  expect(await auditedIn(world.database)).toEqual(
    expect.arrayContaining(['run.stop_asked', 'token.not_revoked', 'token.revoked']),
  )
})

test('POST /runs/:id/cancel stops a run, and says when there is nothing to stop', async () => {
  const story = await begin([SLOW])
  await startByCode(story, { prompt: 'do it' })
  await eventually(story.turns, ({ length }) => length > 0)
  const [run] = await story.runs()
  const cancel = () => fetch(`${story.url}/runs/${run?.id}/cancel`, { method: 'POST' })

  expect((await cancel()).status).toBeLessThan(300)
  expect((await story.frames()).at(-1)).toMatchObject({ type: 'error', code: 'cancelled' })
  expect((await cancel()).status).toBe(409)
})

test('the other words answer once, in the thread', async () => {
  const { github, url, repo, runs, frames } = await begin([SLOW])
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  const say = async (word: string, answer: RegExp, reaction = '+1') => {
    const { id } = await github.comment({ repo, number, author: 'ada', body: `/backspace ${word}` })
    await github.waitFor(() => github.comments(repo, number).some(({ body }) => answer.test(body)))
    await github.waitFor(
      () =>
        github
          .reactions(repo, number, id)
          .map(({ content }) => content)
          .join() === reaction,
    )
  }
  await say('stop', /Nothing is running here/)
  await say('retry', /Nothing has run here yet\. Comment/)
  await say('status', /^Nothing has run here yet\. Comment/)
  await say('help', /\/backspace <what to do>/)
  await say('approve', /There is no plan to approve here/)
  await say('--force fix it', /There is no `--force` flag/, 'confused')
  await say('--agent claude fix it', /`--agent` must be .* Did you mean "claude-code"\?/, 'confused')
  expect(await runs()).toEqual([])

  // GitHub delivers the command before the comment that it stops.
  const deliver = ({ id }: { readonly id: number }) =>
    github.redeliver(github.deliveries.find(({ body }) => JSON.parse(body).comment?.id === id)?.id ?? 0)
  for (const words of ['fix it', 'retry']) {
    github.setWebhookTarget(undefined)
    const asked = await github.comment({ repo, number, author: 'ada', body: `/backspace ${words}` })
    const stop = await github.comment({ repo, number, author: 'ada', body: '/backspace stop' })
    await github.settled()
    github.setWebhookTarget(`${url}/api/github/webhooks`)
    await deliver(stop)
    await github.waitFor(() => github.reactions(repo, number, stop.id).length > 0)
    await deliver(asked)
    await github.waitFor(() =>
      github.reactions(repo, number, stop.id).some(({ content }) => content === '+1'),
    )
    expect((await frames()).at(-1), words).toMatchObject({ type: 'error', code: 'cancelled' })
  }
  expect(await runs()).toHaveLength(2)
})

test('retry does the last request again, with another agent if it names one that can work', async () => {
  const { github, repo, url, runs, frames } = await begin((_request, index) =>
    index === 0
      ? {
          calls: [
            { name: 'finish', args: { outcome: 'no_change', title: 'Nothing', summary: 'Nothing to do.' } },
          ],
        }
      : (FIX_GREETER[index - 1] ?? { text: 'Done.' }),
  )
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace fix it' })
  expect((await frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'answer' } })

  await github.comment({ repo, number, author: 'root', body: '/backspace retry --agent claude-code' })
  const [retried] = await eventually(runs, ({ length }) => length === 2)
  const shown = await frames()
  expect(shown.at(-1)).toMatchObject({ extra_data: { outcome: 'pull_request', agents: ['builtin'] } })
  // The service of this test has no Claude Code.
  const said = shown.map(({ message }) => message).filter((message) => /Claude Code/.test(message))
  expect(said).toEqual([
    expect.stringMatching(/asks for Claude Code, which cannot work here.*The builtin agent works on this\.$/),
  ])
  const run = await (await fetch(`${url}/runs/${retried?.id}`)).json()
  expect(run).toMatchObject({ agent: { asked: 'claude-code', by: 'request', worked: ['builtin'] } })
  const [pull, ...more] = github.pullRequests(repo)
  expect(pull?.body).toContain('<sub>Requested by @root · builtin agent · `anthropic:')
  expect(more).toEqual([])
})

test('a comment full of commands starts five runs, and says that the rest was left', async () => {
  const world = await startWorld({ anthropic: [SLOW], env: { BACKSPACE_CONCURRENCY: '1' } })
  const { github } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  const body = Array.from({ length: 30 }, (_, index) => `/backspace do thing ${index}`).join('\n')
  await github.comment({ repo, number, author: 'ada', body })
  await github.waitFor(() =>
    github.comments(repo, number).some((one) => one.body.startsWith('Only the first 5')),
  )
  await eventually(world.runs, ({ length }) => length === 5)
})
