import { expect, test } from 'vitest'
import type { Json } from '../stand-ins/models/script.ts'
import { createGreeter, eventually, FIX_GREETER, startWorld } from '../support/start-world.ts'

const PLAN = 'Let `src/greet.js` fall back to `stranger`.'
const MAKE_PLAN = [
  {
    reasoning: 'Let me look.',
    calls: [{ name: 'read', args: { file_path: 'src/greet.js' } }],
  },
  {
    reasoning: 'That is simple.',
    calls: [{ name: 'finish', args: { outcome: 'done', title: 'Greet strangers', summary: PLAN } }],
  },
]

function toolNames(request: Json): readonly string[] {
  return request.tools.map(({ name }: Json) => name)
}

test('a plan is posted, changes nothing, and is carried out once when a person with write access approves it', async () => {
  const world = await startWorld({ anthropic: [...MAKE_PLAN, ...FIX_GREETER] })
  const { github, anthropic } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  const say = (author: string, body: string) => github.comment({ repo, number, author, body })
  const posted = (text: RegExp) =>
    github.waitFor(() => github.comments(repo, number).find(({ body }) => text.test(body)))

  await say('ada', '/backspace --plan greet strangers')
  expect((await world.frames()).at(-1)).toMatchObject({
    type: 'success',
    message: PLAN,
    extra_data: { outcome: 'plan', pr_url: null },
  })
  const { body } = await posted(/📝 A plan/)
  expect(body).toContain(PLAN)
  expect(body).toContain('/backspace approve')
  expect(Object.keys(await github.branches(repo))).toEqual(['main'])
  const planning = anthropic?.turns() ?? []
  expect(planning.map(toolNames)).toEqual([
    ['finish', 'glob', 'grep', 'plan', 'read'],
    ['finish', 'glob', 'grep', 'plan', 'read'],
  ])
  expect(JSON.stringify(planning[0])).toContain('makes a plan and changes nothing')

  await say('eve', '/backspace approve')
  await posted(/@eve, starting Backspace needs write access/)
  await Promise.all([
    say('ada', '/backspace approve but keep the punctuation'),
    say('root', '/backspace approve but keep the punctuation'),
  ])
  await posted(/This plan was already approved/)
  await eventually(async () => ((await world.runs()).length === 2 ? true : undefined))
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'pull_request' } })

  const first = anthropic?.turns()[2]
  expect(toolNames(first)).toContain('edit')
  expect(first.system).toEqual(planning[0].system)
  const asked = JSON.stringify(first.messages)
  expect(asked).toContain('greet strangers\\n\\nThe plan for this is approved')
  expect(asked).toContain('but keep the punctuation')
  expect(asked).toContain('toolu_')
  expect(anthropic?.rejections).toEqual([])
  expect(await world.runs()).toHaveLength(2)
  expect(github.pullRequests(repo)).toHaveLength(1)
})

test('over HTTP: a plan is made, approved once by its id, and only a plan can be approved', async () => {
  const world = await startWorld({ anthropic: [...MAKE_PLAN, ...FIX_GREETER] })
  await createGreeter(world.github)
  const post = async (path: string, body?: object) => {
    const response = await fetch(`${world.url}${path}`, {
      method: 'POST',
      headers: { accept: 'application/json', ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    return { status: response.status, ...((await response.json()) as { runId?: string; error?: object }) }
  }
  const repoUrl = `${world.github.url}/acme/greeter`
  const { runId } = await post('/code', { repoUrl, prompt: 'Greet strangers', plan: true })
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'plan' } })

  const approved = await post(`/runs/${runId}/approve`)
  expect(approved.status).toBe(202)
  expect(await post(`/runs/${runId}/approve`, { text: 'Quickly' })).toEqual(approved)
  expect(await post(`/runs/${approved.runId}/approve`)).toMatchObject({ status: 409 })
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'pull_request' } })
  expect(await world.runs()).toHaveLength(2)
})

test('without a model a plan run changes nothing either, whatever the request holds', async () => {
  const world = await startWorld()
  const { github } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  const body = '/backspace --plan apply\n\n```js path=src/new.js\nexport const a = 1\n```'
  await github.comment({ repo, number, author: 'ada', body })
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'triage', pr_url: null } })
  expect(github.pullRequests(repo)).toEqual([])
})
