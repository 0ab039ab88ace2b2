import { expect, test } from 'vitest'
import type { AgentEvent } from '../../../src/agent/agent-event.ts'
import { createBuiltinAgent } from '../../../src/agent/builtin/builtin-agent.ts'
import { createClaudeCodeAgent } from '../../../src/agent/claude-code/claude-code-agent.ts'
import { judgeRequest } from '../../../src/models/gateway/judge-request.ts'
import { ModelError } from '../../../src/models/model-error.ts'
import type { LiveView } from '../../../src/sandbox/live-view.ts'
import type { RecordedRequest, Script, Step } from '../../stand-ins/models/script.ts'
import { startWork, type WorkOptions, workOn } from '../support/work-on.ts'
import { openClaude as open } from './open-claude.ts'

const bash = (command: string): Step => ({ calls: [{ name: 'Bash', args: { command, description: 'Try' } }] })
const finish = (claim: object = {}): Step => ({
  calls: [
    {
      name: 'StructuredOutput',
      args: { outcome: 'done', title: 'Greet politely', summary: 'It greets politely.', ...claim },
    },
  ],
})

/** What people see, in a line each. */
function told(events: readonly AgentEvent[]): string[] {
  return events.flatMap((event) => {
    switch (event.type) {
      case 'tool.finished':
        return [`${event.title} ${event.status}`]
      case 'agent.message':
      case 'agent.note':
        return [`${event.type} ${event.text}`]
      case 'finish.reviewed':
        return [`reviewed ${event.verdict}`]
      case 'agent.notice':
        return [`${event.level} ${event.message}`]
      default:
        return []
    }
  })
}

const lastOf = (requests: readonly RecordedRequest[]) => JSON.stringify(requests.at(-1)?.body.messages ?? [])

test('it works, is reviewed, and ends with what it says of its work', async () => {
  const { place, agent, claude } = await open([
    { text: 'I look first.', calls: [{ name: 'Grep', args: { pattern: 'hello' } }] },
    bash('echo good morning > hello.txt; printenv ANTHROPIC_AUTH_TOKEN; exit 3'),
    finish({ tests_run: ['npm test'], notes: 'Only English.' }),
    bash('echo good morning, Ada > hello.txt'),
    finish(),
    finish(),
  ])
  const hidden: string[] = []
  const options: WorkOptions = {
    reports: [
      { ok: false, report: 'npm test: exit 1' },
      { ok: true, report: 'npm test: exit 0', diff: '+good morning, Ada' },
    ],
    context: { hide: (secret) => hidden.push(secret) },
  }
  const { outcome, events, checkpoints } = await workOn(place, agent, options)
  expect(outcome).toMatchObject({ kind: 'done', title: 'Greet politely', summary: 'It greets politely.' })
  expect(outcome.totals).toMatchObject({ turns: 6, models: ['anthropic:claude-opus-5-5'] })
  expect(told(events)).toEqual([
    'agent.message I look first.',
    'grep hello ok',
    expect.stringMatching(/^bash echo good morning > hello\.txt;.* ok$/),
    'finish done: Greet politely ok',
    'reviewed sent_back',
    'bash echo good morning, Ada > hello.txt ok',
    'finish done: Greet politely ok',
    'reviewed self_review',
    'finish done: Greet politely ok',
    'reviewed accepted',
  ])
  expect(await place.read('hello.txt')).toBe('good morning, Ada\n')
  expect(events.filter(({ type }) => type === 'model.turn')).toHaveLength(6)
  // No key is in the sandbox, and what is there instead is not for its commands, and known to those who mask.
  expect(JSON.stringify(events)).not.toContain(claude.apiKey)
  expect(events).toContainEqual(
    expect.objectContaining({ detail: expect.objectContaining({ exitCode: 3, output: '' }) }),
  )
  expect(hidden).toEqual([expect.stringMatching(/^bsr_run-1\.[\w-]{43}$/)])
  expect(
    claude.requests.every(({ headers }: RecordedRequest) => headers['x-api-key'] === claude.apiKey),
  ).toBe(true)
  expect(checkpoints.at(-1)?.system).toMatch(/^Claude Code session /)
})

test('people see and add to its work while it goes on, and it is stopped at once with all that it started', async () => {
  const { place, agent, claude } = await open([
    bash('echo building; until [ -e seen ]; do sleep 0.1; done'),
    bash('tail -f /dev/null'),
  ])
  const shown: string[] = []
  const live: LiveView = {
    isWatched: () => true,
    begin: (command) => ({
      show(printed) {
        shown.push(`${command.split(';')[0]}: ${printed}`)
        if (printed === 'building\n') void place.write('seen', '')
      },
      end: () => shown.push('over'),
    }),
  }
  const watched = { ...place, sandbox: { ...place.sandbox, live } }
  const notes = [[], [], [{ id: 'n1', author: '@bob', text: 'Be kind, too.' }]]
  const { outcome, events, controller, checkpoints } = startWork(watched, agent, { notes })
  await expect.poll(() => events.filter(({ type }) => type === 'tool.started').length).toBe(2)
  // Claude Code says nothing of a command before its end: what it prints is read where it goes.
  expect(shown.slice(0, shown.indexOf('over')).every((text) => text === 'echo building: building\n')).toBe(
    true,
  )
  expect(shown.indexOf('over')).toBeGreaterThan(0)
  expect(lastOf(claude.requests)).toContain('@bob, who has write access, adds to the request')
  expect(JSON.stringify(checkpoints)).toContain('Be kind, too.')
  controller.abort(new Error('stopped by ada'))
  await expect(outcome).rejects.toThrow('stopped by ada')
  expect(told(events)).toContain('bash tail -f /dev/null interrupted')
  expect(await place.sh('pgrep -f "tail -f /dev/nul[l]" || echo none')).toBe('none')
})

test('a limit of the run ends it with what it did', async () => {
  const { place, agent } = await open([bash('echo 1 >> hello.txt')])
  const limits = { steps: 3, minutes: 10, usd: 5, tokens: 1_000_000 }
  const { outcome, events } = await workOn(place, agent, { task: { limits } })
  expect(outcome).toMatchObject({ kind: 'partial', code: 'step_limit' })
  expect(outcome.reason).toBe('The run reached its limit: 3 of 3 steps.')
  expect(events.filter(({ type }) => type === 'model.turn')).toHaveLength(3)
})

test('where Claude cannot go on, the builtin agent does, from what is there', async () => {
  const { place, agent, other } = await open((_request, index) =>
    index === 0
      ? { text: 'I begin with a file.', ...bash('echo new > other.txt; exit 1') }
      : { fault: { status: 529, type: 'overloaded_error' } },
  )
  const { outcome, events } = await workOn(place, agent)
  expect(outcome).toMatchObject({ kind: 'done', title: 'Greet politely' })
  expect(outcome.totals.models).toEqual(['anthropic:claude-opus-5-5', 'scripted:test'])
  expect(told(events)).toContain(
    'warning Claude is overloaded (status 529). The builtin agent goes on from here.',
  )
  const first = JSON.stringify(other.asked[0]?.entries)
  for (const known of ['I begin with a file.', 'bash echo new > other.txt; exit 1 (exit 1)', '?? other.txt'])
    expect(first).toContain(known)
  const turns = events.flatMap((event) => (event.type === 'model.turn' ? [event.turn] : []))
  expect(turns).toEqual([1, 2, 3])
})

test('when no other model can, what Claude left is the outcome', async () => {
  const down = new ModelError({
    class: 'auth',
    provider: 'openai',
    model: 'gpt-6-sol',
    userMessage: 'OpenAI refused the key.',
  })
  const script: Script = (_request, index) =>
    index === 0 ? bash('echo new > other.txt') : { fault: { status: 401, type: 'authentication_error' } }
  const { place, agent } = await open(script, { next: [down] })
  const { outcome } = await workOn(place, agent)
  expect(outcome).toMatchObject({ kind: 'partial', code: 'model_unavailable' })
  expect(outcome.reason).toContain('OpenAI refused the key.')
  const never = await open([{ fault: { status: 401, type: 'authentication_error' } }], {
    next: [down],
  })
  await expect(workOn(never.place, never.agent)).rejects.toThrow(ModelError)
})

test('another worker goes on with its conversation in a new sandbox', async () => {
  const first = await open((_request, index) =>
    index === 0 ? { text: 'I look first.', ...bash('echo kept > hello.txt') } : bash('tail -f /dev/null'),
  )
  const work = startWork(first.place, first.agent)
  const isKept = () => work.checkpoints.some(({ entries }) => entries.some((entry) => 'about' in entry))
  await expect.poll(isKept).toBe(true)
  work.controller.abort(new Error('the worker died'))
  await work.outcome.catch(() => {})

  const second = await open([finish({ title: 'Go on' })])
  const { outcome, events } = await workOn(second.place, second.agent, {
    context: {
      resume: work.checkpoints.at(-1),
      workspaceState: { kind: 'restored', behind: false },
      hasChanged: async () => true,
    },
  })
  expect(outcome).toMatchObject({ kind: 'done', title: 'Go on' })
  expect(told(events)).not.toContainEqual(expect.stringContaining('builtin agent'))
  const said = JSON.stringify(second.claude.requests[0]?.body.messages)
  for (const known of ['I look first.', 'echo kept > hello.txt', 'The sandbox was replaced'])
    expect(said).toContain(known)
})

test('a conversation that cannot be restored goes on with the builtin agent, and the run says so', async () => {
  const { place, agent, other } = await open([finish()])
  const system = 'Claude Code session 11111111-1111-4111-8111-111111111111'
  const record = {
    role: 'harness',
    about: 'session',
    parts: [{ type: 'text', text: '(too large to be kept)' }],
  }
  const request = { role: 'user', parts: [{ type: 'text', text: 'run: run-1' }] }
  const resume = { system, entries: [request, record] } as never
  const { outcome, events } = await workOn(place, agent, {
    context: { resume, workspaceState: { kind: 'restored', behind: false } },
  })
  expect([outcome.kind, other.asked.length > 0]).toEqual(['done', true])
  expect(told(events)[0]).toContain('could not be restored')
  expect(JSON.stringify(other.asked[0])).toContain('Another agent worked on it.')
})

test('instructions of a folder come from the host, once', async () => {
  // It works until it has them, as the host says them beside its work.
  const { place, agent, claude } = await open((request, index) => {
    if (index === 0) return { calls: [{ name: 'Read', args: { file_path: 'api/code.txt' } }] }
    return lastOf([request]).includes('Use tabs') ? finish() : bash(`sleep 0.2; echo ${index} > hello.txt`)
  })
  const readInstructions = async (directory: string) =>
    directory === 'api' ? [{ path: 'api/AGENTS.md', text: 'Use tabs in api.' }] : []
  await workOn(place, agent, { context: { readInstructions } })
  expect(lastOf(claude.requests).split('Use tabs in api.')).toHaveLength(2)
})

test('a run that only plans has no tools that change anything', async () => {
  const { place, agent, claude } = await open([finish({ summary: '1. Change hello.txt.' })])
  const { outcome } = await workOn(place, agent, { task: { plan: true } })
  expect(outcome).toMatchObject({ kind: 'plan', summary: '1. Change hello.txt.' })
  const tools = claude.requests[0]?.body.tools.map(({ name }: { readonly name: string }) => name)
  expect(tools).toEqual(expect.arrayContaining(['Read', 'Grep', 'Glob', 'StructuredOutput']))
  expect(tools).not.toEqual(expect.arrayContaining(['Bash']))
  expect(tools).not.toEqual(expect.arrayContaining(['Edit']))
})

test('without Claude Code in the sandbox the builtin agent works instead', async () => {
  const { place, claude, other } = await open([finish()])
  const agent = createClaudeCodeAgent({
    binary: '/opt/nowhere/claude',
    upstream: { apiKey: claude.apiKey, baseUrl: claude.baseUrl },
    model: 'claude-opus-5-5',
    judge: judgeRequest,
    next: async () => createBuiltinAgent({ model: other }),
  })
  const { outcome, events } = await workOn(place, agent)
  expect(outcome.kind).toBe('done')
  expect(told(events)[0]).toContain('Claude Code is not installed in the sandbox')
  expect(told(events)[0]).toContain('The builtin agent works instead.')
})
