import { expect, test } from 'vitest'
import { createGreeter, eventually, startWorld } from '../support/start-world.ts'

test('a person who asks too often gets one comment in the thread, and no further run starts', async () => {
  const world = await startWorld({ env: { BACKSPACE_RUNS_PER_HOUR: '1' } })
  const { github } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  const ask = (body: string) => github.comment({ repo, number, author: 'ada', body })
  await ask('/backspace fix it')
  await eventually(world.runs, ({ length }) => length === 1)

  const begun = new Date()
  // One answer per hour; the test may run while one hour becomes the next.
  const hours = () => new Set([begun, new Date()].map((time) => time.getUTCHours()))
  for (const body of ['/backspace --new fix it more', '/backspace --new and more']) {
    const { id } = await ask(body)
    await github.waitFor(() => github.reactions(repo, number, id)[0]?.content === 'confused')
    await github.waitFor(() => github.reactions(repo, number, id).length === 1)
  }
  // The label is another way to ask, for the same person.
  const other = await github.openIssue({ repo, author: 'ada', title: 'Another' })
  await github.addLabel({ repo, number: other.number, author: 'ada', label: 'backspace' })
  await github.waitFor(() => github.reactions(repo, other.number)[0]?.content === 'confused')

  const answers = github.comments(repo, number).filter(({ body }) => body.startsWith('@ada, no run was'))
  expect(answers.length).toBeLessThanOrEqual(hours().size)
  expect(answers[0]?.body).toMatch(
    /requested 1 run within the last hour.* \d+ minutes.*BACKSPACE_RUNS_PER_HOUR/,
  )
  expect(await world.runs()).toHaveLength(1)
  const metrics = await (await fetch(`${world.url}/metrics`)).text()
  expect(metrics).toContain('backspace_requests_refused_total{reason="rate_limited"} 3')
  expect(metrics).toMatch(/backspace_webhooks_total\{event="issue_comment",status="stored"\} \d/)
  expect(metrics).toMatch(/^backspace_runs_running [01]$/m)
})

test('POST /code above a limit is answered with 429, the reason and when to ask again', async () => {
  const world = await startWorld({ env: { BACKSPACE_RUNS_PER_HOUR: '1' } })
  await createGreeter(world.github)
  const ask = (key: string) =>
    fetch(`${world.url}/code`, {
      method: 'POST',
      body: JSON.stringify({ repoUrl: `${world.github.url}/acme/greeter`, prompt: 'do it' }),
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
    })
  const first = await ask('first')
  expect(first.status).toBe(200)
  await first.body?.cancel()
  const refused = await ask('second')
  expect(refused.status).toBe(429)
  expect(refused.headers.get('content-type')).toMatch(/^application\/json/)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3000)
  expect(await refused.json()).toEqual({
    error: { code: 'rate_limited', message: expect.stringMatching(/^The API token local has requested/) },
  })
  const again = await ask('first')
  expect([again.status, again.headers.get('location')]).toEqual([200, first.headers.get('location')])
  await again.body?.cancel()
})
