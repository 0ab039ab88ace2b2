import { expect, test } from 'vitest'
import { createBuiltinAgent } from '../../../src/agent/builtin/builtin-agent.ts'
import { livingGroups } from '../../../src/agent/tools/bash.ts'
import { openWorkspace } from '../support/open-workspace.ts'
import { call, DONE, EDIT, scriptedTurns } from '../support/scripted-turns.ts'
import { startWork, workOn } from '../support/work-on.ts'

const FILES = { 'hello.txt': 'hello\n', 'README.md': '# Greeter\n' }

test('a run looks, edits, finishes, and says what it cost', async () => {
  const place = await openWorkspace(FILES)
  const model = scriptedTurns([
    { text: 'I look first.', calls: [{ name: 'read', args: { file_path: 'hello.txt' } }] },
    EDIT,
    DONE,
  ])

  const { outcome, events, verified } = await workOn(place, createBuiltinAgent({ model }))

  expect(outcome).toMatchObject({
    kind: 'done',
    title: 'Greet politely',
    summary: 'It greets politely.',
    totals: { turns: 3, toolCalls: 3, models: ['scripted:test'] },
  })
  const turns = events.filter((event) => event.type === 'model.turn')
  expect(turns.at(-1)?.run).toMatchObject({ tokens: 393, usd: expect.closeTo(0.03) })
  expect(verified).toBe(1)
  expect(await place.read('hello.txt')).toBe('good morning\n')
  expect(events.map(({ type }) => type)).toEqual([
    'model.turn',
    'agent.message',
    'tool.started',
    'tool.finished',
    'model.turn',
    'tool.started',
    'tool.finished',
    'model.turn',
    'tool.started',
    'finish.reviewed',
    'tool.finished',
  ])
  expect(events[0]).toMatchObject({
    turn: 1,
    provider: 'scripted',
    model: 'test',
    costUsd: 0.01,
    stop: 'tool_use',
  })
})

test('each request begins with the bytes of the one before, and every entry is kept at once', async () => {
  const model = scriptedTurns([call('bash', { command: 'ls' }), { text: 'Hm.' }, EDIT, DONE])

  const { checkpoints } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  const asked = model.asked.map((transcript) => transcript.entries.map((entry) => JSON.stringify(entry)))
  for (const [index, entries] of asked.slice(1).entries()) {
    expect(entries.slice(0, asked[index]?.length)).toEqual(asked[index])
  }
  expect(new Set(model.asked.map(({ system }) => system)).size).toBe(1)
  expect(checkpoints.map(({ entries }) => entries.length)).toEqual(checkpoints.map((_, index) => index + 1))
})

test('calls that only look run side by side, and results keep the order of the calls', async () => {
  const names = ['hello.txt', 'README.md', 'none.txt', 'hello.txt']
  const reads = names.map((file_path) => ({ name: 'read', args: { file_path } }))
  const model = scriptedTurns([{ calls: reads }, EDIT, DONE])

  const { events } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  const types = events.slice(1, 9).map(({ type }) => type)
  expect(types.slice(0, 4)).toEqual(Array(4).fill('tool.started'))
  const results = model.asked[1]?.entries.at(-1)
  expect(results?.role === 'tool' && results.parts.map(({ callId, status }) => [callId, status])).toEqual([
    ['call_1_0', 'ok'],
    ['call_1_1', 'ok'],
    ['call_1_2', 'error'],
    ['call_1_3', 'ok'],
  ])
})

test('calls after an accepted finish are not carried out', async () => {
  const place = await openWorkspace(FILES)
  const model = scriptedTurns([
    EDIT,
    { calls: [...DONE.calls, { name: 'bash', args: { command: 'rm hello.txt' } }] },
  ])

  const { outcome, events, checkpoints } = await workOn(place, createBuiltinAgent({ model }))

  expect(outcome.kind).toBe('done')
  expect(events.at(-1)).toMatchObject({ type: 'tool.finished', tool: 'bash', status: 'skipped' })
  expect(await place.read('hello.txt')).toBe('good morning\n')
  const last = checkpoints.at(-1)?.entries.at(-1)
  expect(last?.role === 'tool' && last.parts.map(({ status }) => status)).toEqual(['ok', 'skipped'])
})

test('arguments that are no JSON are answered and the run goes on', async () => {
  const model = scriptedTurns([
    { calls: [{ name: 'edit', invalid: 'Unexpected end of JSON input' }] },
    EDIT,
    DONE,
  ])

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(outcome.kind).toBe('done')
  expect(JSON.stringify(model.asked[1]?.entries.at(-1))).toContain('complete, valid JSON')
})

test('what people add reaches the model before its next turn, once', async () => {
  const model = scriptedTurns([EDIT, DONE])

  const { events } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }), {
    notes: [[], [{ id: 'n1', author: '@bob', text: 'Please also greet in the evening' }]],
  })

  expect(JSON.stringify(model.asked[0])).not.toContain('evening')
  const last = model.asked[1]?.entries.at(-1)
  expect(last).toMatchObject({ role: 'user' })
  expect(JSON.stringify(last)).toContain('@bob, who has write access')
  expect(JSON.stringify(last)).toContain('Please also greet in the evening')
  expect(events.filter(({ type }) => type === 'agent.note')).toMatchObject([{ author: '@bob' }])
})

test('a turn without a call is reminded once; the second is taken for the end', async () => {
  const place = await openWorkspace(FILES)
  const model = scriptedTurns([EDIT, { text: 'I changed the greeting in hello.txt.' }, { text: 'Done.' }])

  const { outcome, verified } = await workOn(place, createBuiltinAgent({ model }))

  expect(JSON.stringify(model.asked[2]?.entries.at(-1))).toContain('You called no tool')
  expect(outcome).toMatchObject({
    kind: 'done',
    title: 'Make the greeting polite',
    summary: 'I changed the greeting in hello.txt.',
  })
  expect(verified).toBe(1)
})

test('a text that only answers ends as an answer', async () => {
  const model = scriptedTurns([{ text: 'The greeting is in hello.txt.' }])

  const { outcome, verified } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(outcome).toMatchObject({ kind: 'no_change', summary: 'The greeting is in hello.txt.' })
  expect(verified).toBe(0)
})

test('the plan is shown, and is in the summary of a run that stopped', async () => {
  const items = [
    { text: 'Find the greeting', status: 'done' },
    { text: 'Change it', status: 'in_progress' },
  ]
  const model = scriptedTurns([call('plan', { items }), { text: 'No.', stop: 'refusal' }])

  const { outcome, events } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(events).toContainEqual({ type: 'agent.plan', items })
  expect(outcome).toMatchObject({ kind: 'partial', code: 'model_refused' })
  expect(outcome.summary).toContain('- [x] Find the greeting\n- [ ] Change it')
})

test('cancelling ends the run with the reason, in the middle of a command', async () => {
  const place = await openWorkspace(FILES)
  const model = scriptedTurns([call('bash', { command: 'echo waiting; sleep 300' })])
  const { outcome, events, controller } = startWork(place, createBuiltinAgent({ model }))
  const reason = new Error('stopped by alice')

  await expect.poll(() => events.some(({ type }) => type === 'tool.started')).toBe(true)
  controller.abort(reason)

  await expect(outcome).rejects.toBe(reason)
  expect(events.at(-1)).toMatchObject({ type: 'tool.finished', status: 'interrupted' })
})

test('a lost sandbox ends the run with its error', async () => {
  const place = await openWorkspace(FILES)
  const model = scriptedTurns([{ ...call('bash', { command: 'ls' }), before: () => place.sandbox.kill() }])

  const { outcome } = startWork(place, createBuiltinAgent({ model }))

  await expect(outcome).rejects.toMatchObject({ name: 'SandboxError', class: 'gone' })
})

test('background processes end with the run', async () => {
  const place = await openWorkspace(FILES)
  const model = scriptedTurns([call('bash', { command: 'sleep 1234', background: true }), EDIT, DONE])

  const { events } = await workOn(place, createBuiltinAgent({ model }))

  const started = events.find((event) => event.type === 'tool.finished')
  const group = started?.detail.kind === 'bash' && /process id (\d+)/.exec(started.detail.output)?.[1]
  await expect.poll(() => livingGroups(place.sandbox, [Number(group)])).toEqual([])
  expect(Number(group)).toBeGreaterThan(1)
})
