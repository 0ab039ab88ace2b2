import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { AgentContext } from '../../../src/agent/agent.ts'
import { createBuiltinAgent } from '../../../src/agent/builtin/builtin-agent.ts'
import { openWorkspace } from '../support/open-workspace.ts'
import { call, DONE, EDIT, scriptedTurns } from '../support/scripted-turns.ts'
import { startWork, workOn } from '../support/work-on.ts'

const FILES = { 'hello.txt': 'hello\n' }
const READ = call('read', { file_path: 'hello.txt' })

test('the model is asked while its results are being stored, and what it says changes nothing until they are', async () => {
  const happened: string[] = []
  const kept = Promise.withResolvers<void>()
  const checkpoint: AgentContext['checkpoint'] = async ({ entries }, { mayHaveChanged }) => {
    if (!mayHaveChanged || happened.includes('kept')) return
    await kept.promise
    happened.push('kept')
    expect(entries).toHaveLength(3)
  }
  const model = scriptedTurns([
    EDIT,
    { ...READ, before: () => void happened.push('asked') },
    // A call that did not wait would begin in this turn of the event loop.
    { ...call('bash', { command: 'ls' }), before: () => void setImmediate(kept.resolve) },
    DONE,
  ])
  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }), {
    context: {
      checkpoint,
      emit: (event) => event.type === 'tool.started' && happened.push(event.tool),
    },
  })
  expect(happened).toEqual(['edit', 'asked', 'read', 'kept', 'bash', 'finish'])
  expect(outcome.kind).toBe('done')
})

test('when results cannot be stored the model is waited for no longer, and the run ends with the reason', async () => {
  const away = new Error('the database is away')
  const model = scriptedTurns([
    EDIT,
    {
      ...call('bash', { command: 'touch never' }),
      before: ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', reject)),
    },
  ])
  const place = await openWorkspace(FILES)
  const working = workOn(place, createBuiltinAgent({ model }), {
    context: {
      checkpoint: async (_, { mayHaveChanged }) => {
        if (mayHaveChanged) throw away
      },
    },
  })
  await expect(working).rejects.toBe(away)
  expect(await place.sh('ls')).toBe('hello.txt')
})

test('a model that only reads is not asked far ahead of what is stored', async () => {
  const kept = Promise.withResolvers<void>()
  const model = scriptedTurns([
    ...Array.from({ length: 8 }, () => ({ text: 'Hm.', stop: 'pause' }) as const),
    DONE,
  ])
  const { outcome } = startWork(await openWorkspace(FILES), createBuiltinAgent({ model }), {
    context: { checkpoint: async ({ entries }) => (entries.length === 2 ? kept.promise : undefined) },
  })
  while (model.asked.length < 7) await nextTurn()
  for (let turn = 0; turn < 20; turn++) await nextTurn()
  expect(model.asked).toHaveLength(7)
  kept.resolve()
  await outcome
  expect(model.asked.length).toBeGreaterThan(8)
})
