import { expect, test } from 'vitest'
import { canonical } from '../stand-ins/models/anthropic-wire.ts'
import type { Json } from '../stand-ins/models/script.ts'
import { shareWorld } from '../support/share-world.ts'
import { eventually, FIX_GREETER } from '../support/start-world.ts'
import { startByCode } from './post-code.ts'

const begin = shareWorld()

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
  const world = await begin([...ASK, ...FIX_GREETER])
  const { github, repo } = world
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

  const turns = world.turns()
  const [last, first] = [turns[1], turns[2]] as [Json, Json]
  expect(canonical(first.messages.slice(0, last.messages.length))).toBe(canonical(last.messages))
  expect(canonical([first.system, first.tools])).toBe(canonical([last.system, last.tools]))
  expect(JSON.stringify(first.messages.at(-1))).toContain('The request, from root:\\n\\nstranger')
  expect(JSON.stringify(first.messages.at(-1))).toContain('with what that run changed: git diff shows it.')
  const [pull] = github.pullRequests(repo)
  expect(await github.fileAt(repo, pull?.head ?? '', 'words.txt')).toBe('stranger or guest\n')
})

test('POST /code goes on from an ended run of the same repository, and from no other', async () => {
  const world = await begin([...ASK, ...FIX_GREETER])
  const [owner = ''] = world.repo.split('/')
  await world.github.createRepository({ owner, name: 'other', files: { a: 'b' } })
  const ask = (body: object, repo = world.repo) =>
    startByCode({ ...world, repo }, { prompt: 'Stranger', ...body })
  expect((await ask({})).status).toBe(202)
  await world.frames()
  const parentRunId = (await world.runs())[0]?.id

  expect((await ask({ parentRunId: 'nobody' })).status).toBe(404)
  expect((await ask({ parentRunId }, `${owner}/other`)).status).toBe(400)
  expect((await ask({ parentRunId })).status).toBe(202)
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'pull_request' } })
  expect(JSON.stringify(world.turns()[2].messages)).toContain('I cannot know that')
})
