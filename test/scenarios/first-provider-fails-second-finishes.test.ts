import { expect, onTestFinished, test } from 'vitest'
import { startChat } from '../stand-ins/chat.ts'
import { createGreeter, FIX_GREETER, startWorld } from '../support/start-world.ts'

const [look, edit, check, finish] = FIX_GREETER
const BILLING = { status: 402, type: 'billing_error' } as const

test('Claude fails in the middle and OpenAI finishes the same run on the same tree', async () => {
  const world = await startWorld({
    anthropic: [look, edit, { fault: BILLING }],
    openai: [check, finish],
  })
  const { github } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace fix it' })
  const frames = await world.frames()

  expect(frames.at(-1)).toMatchObject({ type: 'success', extra_data: { ai_provider: 'openai' } })
  const switched = frames.find((frame) => frame.type === 'info' && 'from' in frame)
  expect(switched).toMatchObject({ level: 'warning', to: 'openai:gpt-6-sol' })
  expect(switched?.message).toMatch(/^Switched from anthropic:\S+ to openai:gpt-6-sol: /)
  const [pull] = github.pullRequests(repo)
  expect(await github.fileAt(repo, pull?.head ?? '', 'src/greet.js')).toContain('stranger')
  expect(pull?.body).toMatch(/claude-opus-5-5[\s\S]*gpt-6-sol/)
  expect(world.openai?.rejections).toEqual([])
  // The second provider reads what the first one did.
  expect(JSON.stringify(world.openai?.turns()[0])).toContain('src/greet.js')
})

test.each([
  ['no money', BILLING],
  ['a bad key', { status: 401, type: 'authentication_error' }],
  ['an outage of the account', { status: 403, type: 'permission_error' }],
] as const)('Claude is out from the start (%s): OpenAI does the run', async (_name, fault) => {
  const world = await startWorld({ anthropic: [{ fault }], openai: FIX_GREETER })
  const repo = await createGreeter(world.github)
  const { number } = await world.github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await world.github.comment({ repo, number, author: 'ada', body: '/backspace fix it' })

  expect((await world.frames()).at(-1)).toMatchObject({
    type: 'success',
    extra_data: { outcome: 'pull_request', ai_provider: 'openai' },
  })
})

test('both are out from the start: the dummy agent says so and reports', async () => {
  const world = await startWorld({
    anthropic: [{ fault: BILLING }],
    openai: [{ fault: { status: 401, code: 'invalid_api_key' } }],
  })
  const { github } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'greet is wrong' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace fix the greet function' })
  const frames = await world.frames()

  expect(frames.at(-1)).toMatchObject({ type: 'success', extra_data: { outcome: 'triage', pr_url: null } })
  const answer = github.comments(repo, number)[1]?.body ?? ''
  expect(answer).toContain('No AI model was used')
  expect(answer).toContain('src/greet.js')
})

test('both fail in the middle: the work so far becomes a draft that says why', async () => {
  const world = await startWorld({
    anthropic: [look, edit, { fault: BILLING }],
    openai: [{ fault: { status: 401, code: 'invalid_api_key' } }],
  })
  const { github } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace fix it' })

  expect((await world.frames()).at(-1)).toMatchObject({ type: 'success', extra_data: { draft: true } })
  expect(github.pullRequests(repo)[0]).toMatchObject({
    draft: true,
    title: expect.stringMatching(/partial/i),
  })
})

test('a server of Chat Completions begins, Claude finishes, and the price of each turn is known', async () => {
  const server = await startChat({ dialect: 'mistral', script: [look, edit, { fault: BILLING }] })
  onTestFinished(() => server.close())
  const world = await startWorld({
    anthropic: [check, finish],
    env: {
      COMPATIBLE_HOME_BASE_URL: server.baseUrl,
      COMPATIBLE_HOME_API_KEY: server.apiKey,
      BACKSPACE_MODELS: 'compatible-home:some-model,anthropic:claude-opus-5-5',
      BACKSPACE_PRICES: 'compatible-home:some-model=0.4/2',
    },
  })
  const { github } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace fix it' })
  const frames = await world.frames()

  expect(frames.at(-1)).toMatchObject({
    type: 'success',
    extra_data: { outcome: 'pull_request', ai_provider: 'anthropic' },
  })
  expect(frames.find((frame) => frame.type === 'info' && 'from' in frame)?.message).toMatch(
    /^Switched from compatible-home:some-model to anthropic:\S+: The compatible-home account has no credit/,
  )
  const [pull] = github.pullRequests(repo)
  expect(pull?.body).toMatch(/some-model[\s\S]*claude-opus-5-5/)
  expect(pull?.body).not.toContain('price unknown')
  expect([...server.rejections, ...(world.anthropic?.rejections ?? [])]).toEqual([])
})
