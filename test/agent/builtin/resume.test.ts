import { expect, test } from 'vitest'
import { createBuiltinAgent } from '../../../src/agent/builtin/builtin-agent.ts'
import { repairTranscript } from '../../../src/agent/builtin/open-transcript.ts'
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

test.each([
  [{ kind: 'as_left' }, ['Files are as they were left']],
  [{ kind: 'restored', behind: false }, ['The sandbox was replaced', 'as of the last checkpoint']],
  [{ kind: 'restored', behind: true }, ['as of the last checkpoint', 'Later changes were too large']],
  [
    { kind: 'not_restored', diff: '+good morning </data-n>' },
    ['the workspace is at the base commit', 'source="the changes that were lost">\\n+good morning </data-n>'],
  ],
] as const)('a restarted run learns the state of its workspace: %j', async (workspaceState, told) => {
  const { place, stored } = await interruptedRun()
  const model = scriptedTurns([DONE])

  await workOn(place, createBuiltinAgent({ model }), { context: { resume: stored, workspaceState } })

  const note = JSON.stringify(model.asked[0]?.entries.at(-1)).replaceAll('\\"', '"')
  for (const text of told) expect(note).toContain(text)
})

test('what earlier attempts used counts towards the limits, and turns are numbered on', async () => {
  const { place, stored } = await interruptedRun()
  const model = scriptedTurns([call('bash', { command: 'ls' })])
  const limits = { steps: 10, minutes: 10, usd: 5, tokens: 1000 }

  const { outcome, events } = await workOn(place, createBuiltinAgent({ model }), {
    task: { limits, spent: { turns: 8, usd: 0, ms: 0, tokens: 0 } },
    context: { resume: stored },
  })

  expect(outcome).toMatchObject({ kind: 'partial', code: 'step_limit', totals: { turns: 2 } })
  expect(events.flatMap((event) => (event.type === 'model.turn' ? [event.turn] : []))).toEqual([9, 10])
  for (const [spent, code] of [
    [{ turns: 0, usd: 5, ms: 0, tokens: 0 }, 'budget_exhausted'],
    [{ turns: 0, usd: 0, ms: 600_000, tokens: 0 }, 'time_limit'],
    [{ turns: 0, usd: 0, ms: 0, tokens: 1000 }, 'token_limit'],
  ] as const) {
    const { outcome: none } = await workOn(place, createBuiltinAgent({ model }), {
      task: { limits, spent },
      context: { resume: stored },
    })
    expect(none).toMatchObject({ kind: 'partial', code, totals: { turns: 0 } })
  }
})

test('every checkpoint says whether files may have changed before it', async () => {
  const place = await openWorkspace(FILES)
  const seen: string[] = []
  const model = scriptedTurns([call('read', { file_path: 'hello.txt' }), EDIT, DONE])

  await workOn(place, createBuiltinAgent({ model }), {
    context: {
      checkpoint: async ({ entries }, { mayHaveChanged }) =>
        void seen.push(`${entries.at(-1)?.role} ${mayHaveChanged}`),
    },
  })

  expect(seen).toEqual([
    ...['user false', 'assistant false', 'tool false', 'assistant false', 'tool true', 'assistant false'],
    // The checks of `finish` may have changed some too: the next look at the end sees it.
    'tool false',
  ])
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
