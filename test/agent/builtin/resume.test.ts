import { expect, test } from 'vitest'
import { createBuiltinAgent } from '../../../src/agent/builtin/create-builtin-agent.ts'
import { repairTranscript } from '../../../src/agent/builtin/repair-transcript.ts'
import { ModelError } from '../../../src/models/model-error.ts'
import type { Transcript } from '../../../src/models/transcript.ts'
import { openWorkspace } from '../support/open-workspace.ts'
import { call, DONE, EDIT, scriptedTurns } from '../support/scripted-turns.ts'
import { startWork, workOn } from '../support/work-on.ts'

const FILES = { 'hello.txt': 'hello\n' }

/** A run whose worker died while its second turn's calls were carried out. */
async function interruptedRun() {
  const place = await openWorkspace(FILES)
  const model = scriptedTurns([EDIT, { calls: [...call('bash', { command: 'ls' }).calls, ...DONE.calls] }])
  const { checkpoints } = await workOn(place, createBuiltinAgent({ model }))
  const stored = checkpoints.findLast(({ entries }) => entries.at(-1)?.role === 'assistant') as Transcript
  return { place, stored }
}

test('calls without a result are answered as interrupted', async () => {
  const { stored } = await interruptedRun()

  const repaired = repairTranscript(stored)

  const last = repaired.entries.at(-1)
  expect(last?.role === 'tool' && last.parts.map(({ callId, status }) => [callId, status])).toEqual([
    ['call_2_0', 'interrupted'],
    ['call_2_1', 'interrupted'],
  ])
  expect(repaired.entries.slice(0, -1)).toEqual(stored.entries)
  expect(repairTranscript(repaired)).toEqual(repaired)
})

test('results that are there stay, in the order of the calls', async () => {
  const { stored } = await interruptedRun()
  const given = { type: 'tool_result', callId: 'call_2_1', status: 'ok', text: 'accepted' } as const

  const repaired = repairTranscript({
    ...stored,
    entries: [...stored.entries, { role: 'tool', parts: [given] }],
  })

  const last = repaired.entries.at(-1)
  expect(last?.role === 'tool' && last.parts.map(({ status }) => status)).toEqual(['interrupted', 'ok'])
})

test('a restarted run goes on from its transcript, without a second first message', async () => {
  const { place, stored } = await interruptedRun()
  const model = scriptedTurns([DONE])

  const { outcome } = await workOn(place, createBuiltinAgent({ model }), { context: { resume: stored } })

  const [asked] = model.asked
  expect(asked?.system).toBe(stored.system)
  expect(asked?.entries.slice(0, stored.entries.length)).toEqual(stored.entries)
  expect(asked?.entries.filter(({ role }) => role === 'user')).toHaveLength(1)
  expect(JSON.stringify(asked?.entries.at(-1))).toContain('The run was interrupted and goes on now')
  expect(outcome.kind).toBe('done')
})

test('a follow-up run adds its request to the transcript that it goes on from', async () => {
  const { place, stored } = await interruptedRun()
  const model = scriptedTurns([{ text: 'Blue.' }])

  await workOn(place, createBuiltinAgent({ model }), {
    task: { runId: 'run-2', prompt: 'Blue, please' },
    context: { resume: stored },
  })

  const last = model.asked[0]?.entries.at(-1)
  expect(last?.role).toBe('user')
  expect(JSON.stringify(last)).toContain('The request, from alice:\\n\\nBlue, please')
})

test('no model after a restart keeps the work of before', async () => {
  const { place, stored } = await interruptedRun()
  const error = new ModelError({ class: 'auth', provider: 'scripted', model: 'test', userMessage: 'No key.' })

  const { outcome } = startWork(place, createBuiltinAgent({ model: scriptedTurns([error]) }), {
    context: { resume: stored },
  })

  expect(await outcome).toMatchObject({ kind: 'partial', code: 'model_unavailable' })
})
