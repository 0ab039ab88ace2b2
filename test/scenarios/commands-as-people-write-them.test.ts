import { expect, test } from 'vitest'
import { shareWorld } from '../support/share-world.ts'
import { eventually, FIX_GREETER } from '../support/start-world.ts'

const begin = shareWorld()

const SLOW = { calls: [{ name: 'bash', args: { command: 'sleep 600' } }] }

test('a mail program’s signature does not turn stop and status into requests', async () => {
  const { github, repo, turns, runs, frames } = await begin([SLOW])
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  const say = (body: string) => github.comment({ repo, number, author: 'ada', body })
  await say('/backspace fix it')
  await eventually(turns, ({ length }) => length > 0)

  await say('/backspace status\n\nOn Mon, Ada <ada@example.org> wrote:\n> /backspace fix it')
  await github.waitFor(() =>
    github.comments(repo, number).some(({ body }) => /^- Run [0-9a-f]{8}: running/.test(body)),
  )
  await say('/backspace **Stop!**\n\nSent from my iPhone')

  expect((await frames()).at(-1)).toMatchObject({ type: 'error', code: 'cancelled' })
  expect(await runs()).toHaveLength(1)
})

test('approve with a signature and without a plan is no request', async () => {
  const { github, repo, runs } = await begin()
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace approve\n\nSent from my iPhone' })
  await github.waitFor(() => github.comments(repo, number).some(({ body }) => /There is no plan/.test(body)))
  expect(await runs()).toEqual([])
})

test.for([
  '<img width="400" alt="shot" src="https://github.com/user-attachments/assets/1" />\n/backspace fix the failing test',
  '／backspace修复失败的测试',
])('a command below a screenshot or from another keyboard starts a run: %j', async (body) => {
  const { github, repo, frames } = await begin(FIX_GREETER)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number, author: 'ada', body })
  expect((await frames()).at(-1)).toMatchObject({ type: 'success' })
  expect(github.pullRequests(repo)).toHaveLength(1)
})

test('what is nearly a command is explained once, to people who may start a run', async () => {
  const { github, repo, runs } = await begin()
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  const isReply = ({ author }: { readonly author: string }) => author.endsWith('[bot]')
  for (const author of ['mallory', 'ada', 'ada']) {
    await github.comment({ repo, number, author, body: 'Please:\n\n- / backspace fix it' })
    if (author === 'ada') await github.waitFor(() => github.comments(repo, number).some(isReply))
  }
  await github.comment({ repo, number, author: 'ada', body: '/backspace help' })
  await github.waitFor(() => github.comments(repo, number).some(({ body }) => body.includes('| Comment |')))

  const replies = github.comments(repo, number).filter(isReply)
  expect(replies.map(({ body }) => body.split(/[?\n]/)[0])).toEqual([
    'Was this meant for Backspace',
    '**Backspace** works on this repository and opens a pull request.',
  ])
  expect(await runs()).toEqual([])
})
