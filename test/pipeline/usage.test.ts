import { expect, test } from 'vitest'
import { spentSoFar } from '../../src/pipeline/usage.ts'
import type { RunEvent, RunEventBody } from '../../src/runs/run-event.ts'

const agent = { step: 'agent', message: '' } as const
const turn = (costUsd: number | null): RunEventBody => ({
  ...{ type: 'model.turn', turn: 1, provider: 'scripted', model: 'm', stop: 'end', costUsd },
  ...{ usage: { input: 1, cacheRead: 2, cacheWrite: 2, output: 1 }, durationMs: 1, firstTokenMs: null },
  ...{ attempts: 1, harnessMs: 1 },
})

/** Each body with the second that it happened at. */
function eventsOf(bodies: readonly (readonly [number, RunEventBody])[]): RunEvent[] {
  return bodies.map(([second, body], index) => ({
    ...body,
    ...{ runId: 'run', seq: index + 1, at: new Date(second * 1000).toISOString() },
  }))
}

test('every attempt counts until the last thing that its agent said, and the time between them does not', () => {
  const events = eventsOf([
    [0, { type: 'run.started', attempt: 1 }],
    [10, { type: 'step.started', ...agent }],
    [15, turn(0.25)],
    // It died here.
    [500, { type: 'run.started', attempt: 2 }],
    [510, { type: 'step.started', ...agent }],
    [512, turn(null)],
    [513, { type: 'step.finished', ...agent, status: 'failed', durationMs: 3000 }],
    [520, { type: 'step.started', ...agent }],
    [524, turn(0.5)],
  ])
  expect(spentSoFar(events)).toEqual({ turns: 3, usd: 0.75, ms: 5_000 + 3_000 + 4_000, tokens: 18 })
  expect(spentSoFar([])).toEqual({ turns: 0, usd: 0, ms: 0, tokens: 0 })
})
