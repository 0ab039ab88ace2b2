import { expect, onTestFinished, test, vi } from 'vitest'
import { createBuiltinAgent } from '../../../src/agent/builtin/builtin-agent.ts'
import { judgeLimits } from '../../../src/agent/builtin/limits.ts'
import { openWorkspace } from '../support/open-workspace.ts'
import { call, DONE, EDIT, type Scripted, scriptedTurns } from '../support/scripted-turns.ts'
import { workOn } from '../support/work-on.ts'

const FILES = { 'hello.txt': 'hello\n' }
const LIMITS = { steps: 100, minutes: 30, usd: 5, tokens: 1_000_000 }

/** Different each time, so that the agent does not look stuck. */
function looks(count: number, cost: { readonly costUsd?: number | null } = {}): Scripted[] {
  return Array.from({ length: count }, (_, index) => ({
    ...call('bash', { command: `echo ${index}` }),
    ...cost,
  }))
}

test('the nearest limit decides how close the end is', () => {
  const level = (used: Partial<Parameters<typeof judgeLimits>[1]>) =>
    judgeLimits(LIMITS, { steps: 0, minutes: 0, usd: 0, tokens: 0, ...used })

  expect(level({})).toMatchObject({ level: 'free' })
  expect(level({ steps: 80 })).toMatchObject({
    level: 'wrap_up',
    code: 'step_limit',
    nearest: '80 of 100 steps',
  })
  expect(level({ minutes: 28.6 })).toMatchObject({ level: 'finish_only', code: 'time_limit' })
  expect(level({ steps: 99 })).toMatchObject({ level: 'finish_only' })
  expect(level({ steps: 99, usd: 5.01 })).toMatchObject({ level: 'reached', code: 'budget_exhausted' })
})

test('a run near its step limit is asked to wrap up, then may only finish', async () => {
  const model = scriptedTurns([EDIT, ...looks(8), DONE])

  const { outcome, events } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }), {
    task: { limits: { ...LIMITS, steps: 10 } },
  })

  const notes = model.asked.at(-1)?.entries.filter(({ role }) => role === 'harness')
  expect(JSON.stringify(notes?.[0])).toContain('8 of 10 steps are used. Wrap up')
  expect(JSON.stringify(notes?.[1])).toContain('9 of 10 steps are used. Call finish now')
  expect(notes).toHaveLength(2)
  expect(outcome.kind).toBe('done')
  expect(events.filter((event) => event.type === 'tool.finished' && event.status === 'skipped')).toEqual([])
})

test('a run that will not finish is stopped, and what it did is kept', async () => {
  const place = await openWorkspace(FILES)
  const model = scriptedTurns([EDIT, ...looks(20)])

  const { outcome, events } = await workOn(place, createBuiltinAgent({ model }), {
    task: { limits: { ...LIMITS, steps: 5 } },
  })

  expect(outcome).toMatchObject({
    kind: 'partial',
    code: 'step_limit',
    reason: 'The run reached its limit: 5 of 5 steps.',
    title: 'Make the greeting polite',
    totals: { turns: 5 },
  })
  expect(events.at(-1)).toMatchObject({ type: 'tool.finished', status: 'skipped' })
  expect(await place.read('hello.txt')).toBe('good morning\n')
})

test('dollars stop a run', async () => {
  const model = scriptedTurns(looks(20, { costUsd: 1 }))

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }), {
    task: { limits: { ...LIMITS, usd: 3 } },
  })

  expect(outcome).toMatchObject({
    kind: 'partial',
    code: 'budget_exhausted',
    reason: 'The run reached its limit: $3.00 of $3.',
    totals: { turns: 3 },
  })
})

test('tokens of every kind stop a run, whatever they cost', async () => {
  const model = scriptedTurns([EDIT, ...looks(20, { costUsd: null })])

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }), {
    task: { limits: { ...LIMITS, tokens: 500 } },
  })

  // 131 tokens a turn: at 393 none is near, at 524 it is over.
  expect(outcome).toMatchObject({
    kind: 'partial',
    code: 'token_limit',
    reason: 'The run reached its limit: 524 of 500 tokens.',
    totals: { turns: 4 },
  })
})

test('an unknown price is never counted as free, and is said once', async () => {
  const model = scriptedTurns([...looks(2, { costUsd: null }), EDIT, DONE])

  const { outcome, events } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(outcome.kind).toBe('done')
  expect(events.filter(({ type }) => type === 'agent.notice')).toHaveLength(1)
  expect(events[0]).toMatchObject({ type: 'model.turn', costUsd: null })
})

test('minutes stop a run in the middle of a command', async () => {
  const model = scriptedTurns([call('bash', { command: 'sleep 300' })])

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }), {
    task: { limits: { ...LIMITS, minutes: 0.04 } },
  })

  expect(outcome).toMatchObject({ kind: 'partial', code: 'time_limit' })
})

test('minutes stop a run in the middle of a model call', async () => {
  const model = scriptedTurns([
    {
      text: 'never said',
      before: ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    },
  ])

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }), {
    task: { limits: { ...LIMITS, minutes: 0.03 } },
  })

  expect(outcome).toMatchObject({ kind: 'partial', code: 'time_limit' })
})

test('a claim is kept when its checks took the rest of the time', async () => {
  const model = scriptedTurns([EDIT, DONE, DONE])
  const place = await openWorkspace(FILES)
  let clock = Date.now()
  // Of the run's deadline. Time passes nowhere but in its checks, however slow this machine is.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const verify = async () => {
    clock += LIMITS.minutes * 60_000
    vi.advanceTimersByTime(LIMITS.minutes * 60_000)
    vi.useRealTimers()
    return { ok: true, report: 'SKIP npm test: did not end', diff: '+x' }
  }

  const { outcome } = await workOn(place, createBuiltinAgent({ model, now: () => clock }), {
    task: { limits: LIMITS },
    context: { verify },
  })

  // Without time for it, the model does not review its own change once more.
  expect(outcome).toMatchObject({ kind: 'done', totals: { turns: 2 } })
})

test('the same call with the same result is nudged, then stopped', async () => {
  const model = scriptedTurns([call('bash', { command: 'cat hello.txt' })])

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(JSON.stringify(model.asked[3]?.entries.at(-1))).toContain('the same bash call 3 times')
  expect(outcome).toMatchObject({ kind: 'partial', code: 'agent_stuck', totals: { turns: 5 } })
  expect(outcome.reason).toContain('repeated the same bash call 5 times')
})

test('the same tests after new edits are no circle', async () => {
  const rounds = Array.from({ length: 6 }, (_, index) => [
    call('write', { file_path: `${index}.txt`, content: `${index}` }),
    call('bash', { command: 'cat hello.txt' }),
  ])
  const model = scriptedTurns([...rounds.flat(), DONE])

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(outcome.kind).toBe('done')
})

test('going back and forth is a circle too', async () => {
  const model = scriptedTurns(
    Array.from({ length: 30 }, (_, index) => call('bash', { command: index % 2 ? 'echo a' : 'echo b' })),
  )

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(outcome).toMatchObject({ code: 'agent_stuck' })
  expect(outcome.totals.turns).toBeLessThan(13)
})

test('so is changing something to and fro', async () => {
  const flip = (from: string, to: string) =>
    call('edit', { file_path: 'hello.txt', edits: [{ old_string: from, new_string: to }] })
  const model = scriptedTurns(
    Array.from({ length: 30 }, (_, index) => (index % 2 ? flip('bye', 'hello') : flip('hello', 'bye'))),
  )

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(outcome).toMatchObject({ kind: 'partial', code: 'agent_stuck' })
  expect(outcome.totals.turns).toBeLessThan(13)
})

test('eight calls in a row that do not work end the run', async () => {
  const model = scriptedTurns(
    Array.from({ length: 20 }, (_, index) => call('read', { file_path: `none-${index}.txt` })),
  )

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(outcome).toMatchObject({ code: 'agent_stuck', totals: { turns: 8 } })
  expect(outcome.reason).toContain('8 of its tool calls in a row')
})

test('answers that are cut off before any call end the run at the third', async () => {
  const model = scriptedTurns([{ text: 'A long th', stop: 'max_tokens' }])

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(outcome).toMatchObject({ code: 'agent_stuck', totals: { turns: 3 } })
})
