import { expect, test } from 'vitest'
import { canonical } from '../stand-ins/models/anthropic-wire.ts'
import type { Json } from '../stand-ins/models/script.ts'
import { createGreeter, eventually, FIX_GREETER, startWorld } from '../support/start-world.ts'

const ASK = [
  {
    reasoning: 'Hm.',
    calls: [
      { name: 'read', args: { file_path: 'src/greet.js' } },
      { name: 'write', args: { file_path: 'words.txt', content: 'stranger or guest\n' } },
    ],
  },
  {
    reasoning: 'I cannot know that.',
    calls: [
      {
        name: 'finish',
        args: { outcome: 'blocked', title: 'x', summary: 'Two words fit.', question: 'Stranger or guest?' },
      },
    ],
  },
]

test('a question ends the run; the answer starts one that goes on from its transcript', async () => {
  const world = await startWorld({ anthropic: [...ASK, ...FIX_GREETER] })
  const { github, anthropic } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace greet people without a name' })
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'question' } })
  const { body } = await github.waitFor(() =>
    github.comments(repo, number).find((comment) => comment.body.includes('Stranger or guest?')),
  )
  expect(body).toContain('@ada: Comment `/backspace <your answer>` to continue from here.')
  expect(body).toContain('the run that continues with your answer starts from them')
  expect(body).toContain('+stranger or guest')
  const [parent] = await world.runs()

  await github.comment({ repo, number, author: 'root', body: '/backspace stranger' })
  await eventually(world.runs, ({ length }) => length === 2)
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'pull_request' } })
  expect((await world.runs())[0]).toMatchObject({ parentRunId: parent?.id })

  const turns = anthropic?.turns() ?? []
  const [last, first] = [turns[1], turns[2]] as [Json, Json]
  expect(canonical(first.messages.slice(0, last.messages.length))).toBe(canonical(last.messages))
  expect(canonical([first.system, first.tools])).toBe(canonical([last.system, last.tools]))
  expect(JSON.stringify(first.messages.at(-1))).toContain('The request, from root:\\n\\nstranger')
  expect(JSON.stringify(first.messages.at(-1))).toContain('with what that run changed: git diff shows it.')
  const [pull] = github.pullRequests(repo)
  expect(await github.fileAt(repo, pull?.head ?? '', 'words.txt')).toBe('stranger or guest\n')
  expect(anthropic?.rejections).toEqual([])
})

test('POST /code goes on from an ended run of the same repository, and from no other', async () => {
  const world = await startWorld({ anthropic: [...ASK, ...FIX_GREETER] })
  await createGreeter(world.github)
  await world.github.createRepository({ owner: 'acme', name: 'other', files: { a: 'b' } })
  const ask = (body: object, repo = 'greeter') =>
    fetch(`${world.url}/code`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ repoUrl: `${world.github.url}/acme/${repo}`, prompt: 'Stranger', ...body }),
    })
  expect((await ask({})).status).toBe(202)
  await world.frames()
  const parentRunId = (await world.runs())[0]?.id

  expect((await ask({ parentRunId: 'nobody' })).status).toBe(404)
  expect((await ask({ parentRunId }, 'other')).status).toBe(400)
  expect((await ask({ parentRunId })).status).toBe(202)
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'pull_request' } })
  expect(JSON.stringify(world.anthropic?.turns()[2].messages)).toContain('I cannot know that')
})
