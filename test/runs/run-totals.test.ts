import { expect, test } from 'vitest'
import type { ModelTurnEvent } from '../../src/agent/agent-event.ts'
import type { RunEvent, RunEventBody } from '../../src/runs/run-event.ts'
import { runTotals } from '../../src/runs/run-totals.ts'
import { NO_TOTALS } from './start-runs.ts'

const facts = { endedAt: new Date('2026-01-01T00:01:00Z'), langsmithEnabled: false }

function numbered(...bodies: RunEventBody[]): RunEvent[] {
  return bodies.map((body, index) => ({
    ...body,
    runId: 'r',
    seq: index + 1,
    at: `2026-01-01T00:00:0${index}.000Z`,
  }))
}

const turn: ModelTurnEvent = {
  type: 'model.turn',
  turn: 1,
  provider: 'openai',
  model: 'm',
  usage: { input: 1, cacheRead: 2, cacheWrite: 3, output: 4 },
  costUsd: 0.5,
  durationMs: 100,
  firstTokenMs: null,
  attempts: 1,
  stop: 'end',
  harnessMs: 5,
}

test('a run that did nothing cost nothing', () => {
  expect(runTotals([], facts)).toEqual(NO_TOTALS)
})

test('turns and tools add up, and time counts from the start and not from the queue', () => {
  const queued = { type: 'run.queued', repository: 'a/b', runUrl: '', eventsUrl: '', position: 1 } as const
  const detail = { kind: 'other', text: '' } as const
  const tool = { type: 'tool.finished', callId: 'c', tool: 'x', title: '', status: 'ok', detail } as const
  const events = numbered(queued, { type: 'run.started', attempt: 1 }, turn, turn, { ...tool, durationMs: 7 })
  expect(runTotals(events, { ...facts, langsmithEnabled: true })).toEqual({
    durationMs: 59_000,
    turns: 2,
    toolCalls: 1,
    inputTokens: 2,
    cacheReadTokens: 4,
    cacheWriteTokens: 6,
    outputTokens: 8,
    costUsd: 1,
    models: ['openai:m'],
    modelMs: 200,
    toolMs: 7,
    harnessMs: 10,
    langsmithEnabled: true,
  })
})

test('one turn of unknown price makes the whole cost unknown', () => {
  expect(runTotals(numbered(turn, { ...turn, costUsd: null }), facts).costUsd).toBeNull()
})
