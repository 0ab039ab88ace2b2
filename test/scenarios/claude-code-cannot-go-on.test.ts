import { expect, test } from 'vitest'
import { createGreeter, FIX_GREETER, startWorld } from '../support/start-world.ts'
import { claudeBash, FIX_BY_COMMAND, withClaudeCode } from './claude-steps.ts'

const env = await withClaudeCode()

test('Claude is overloaded in the middle, and OpenAI finishes the run on the same tree', async () => {
  const [, , check, finish] = FIX_GREETER
  const world = await startWorld({
    env,
    anthropic: (_request, index) =>
      index === 0 ? FIX_BY_COMMAND : { fault: { status: 529, retryAfter: 0 } },
    openai: [check, finish, finish],
  })
  const { github } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace fix it' })
  const frames = await world.frames()
  expect(frames.at(-1)).toMatchObject({ type: 'success', extra_data: { outcome: 'pull_request' } })
  expect(frames.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/^Claude is overloaded \(status 529\)\. The builtin agent goes on/),
  )
  const [pull] = github.pullRequests(repo)
  expect(await github.fileAt(repo, pull?.head ?? '', 'src/greet.js')).toContain('stranger')
  expect(pull?.body).toMatch(/Claude Code, then .*claude-opus-5-5.*gpt-6-sol/)
  // The second agent reads what the first one did.
  expect(JSON.stringify(world.openai?.turns()[0])).toContain('src/greet.js')
})

test.each([
  ['steps', { BACKSPACE_MAX_STEPS: '3' }, '3 of 3 steps', 3],
  ['dollars', { BACKSPACE_BUDGET_USD: '0.035' }, 'of $0.035', 2],
] as const)('a run that reaches its limit of %s ends with what Claude Code has done', async (_what, limit, said, turns) => {
  const world = await startWorld({
    env: { ...env, ...limit },
    anthropic: (_request, index) => (index === 0 ? FIX_BY_COMMAND : claudeBash(`echo ${index}`)),
  })
  const { github } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace fix it' })
  const frames = await world.frames()
  expect(frames.at(-1)).toMatchObject({ type: 'success', extra_data: { outcome: 'pull_request' } })
  expect(github.pullRequests(repo)[0]).toMatchObject({ draft: true })
  expect(github.pullRequests(repo)[0]?.body).toContain(said)
  expect(world.anthropic?.turns()).toHaveLength(turns)
})
