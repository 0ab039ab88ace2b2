import { createHmac, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { createGreeter, FIX_GREETER, startWorld } from '../support/start-world.ts'

test('a delivery that comes again, under its own id or a new one, is one run', async () => {
  const world = await startWorld({ anthropic: FIX_GREETER })
  const { github } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace fix it' })
  const delivery = github.deliveries.findLast(({ event }) => event === 'issue_comment')
  if (!delivery) throw new Error('no delivery was recorded')

  await github.redeliver(delivery.id)
  const payload = delivery.body
  const signature = createHmac('sha256', github.webhookSecret).update(payload).digest('hex')
  const again = await Promise.all(
    Array.from({ length: 20 }, () =>
      fetch(`${world.url}/api/github/webhooks`, {
        method: 'POST',
        body: payload,
        headers: {
          'content-type': 'application/json',
          'x-github-event': 'issue_comment',
          'x-github-delivery': randomUUID(),
          'x-hub-signature-256': `sha256=${signature}`,
        },
      }),
    ),
  )
  expect(again.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 202))

  await world.frames()
  expect(await world.runs()).toHaveLength(1)
  expect(github.pullRequests(repo)).toHaveLength(1)
  expect(github.comments(repo, number).filter(({ author }) => author.endsWith('[bot]'))).toHaveLength(1)
})
