import { expect, test } from 'vitest'
import type { ModelTurnEvent } from '../../../src/agent/agent-event.ts'
import type { RunEvent, RunEventBody } from '../../../src/runs/run-event.ts'
import { runTotals } from '../../../src/runs/summary/run-totals.ts'
import { NO_TOTALS } from '../start-runs.ts'

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

const LIMITS = { steps: 0.1, minutes: 0.2, usd: 0.3, tokens: 0.4 }
const tool = {
  ...{
    type: 'tool.finished' as const,
    callId: 'c',
    tool: 'x',
    title: '',
    status: 'ok' as const,
    durationMs: 0,
  },
  detail: { kind: 'other' as const, text: '' },
}

test('a run that did nothing cost nothing', () => {
  expect(runTotals([], facts)).toEqual(NO_TOTALS)
})

test('everything adds up, and time counts from the start and not from the queue', () => {
  const events = numbered(
    { type: 'run.queued', repository: 'a/b', runUrl: '', eventsUrl: '', position: 1 },
    { type: 'run.started', attempt: 1 },
    { ...turn, waitedMs: 900 },
    { ...turn, provider: 'anthropic', firstTokenMs: 30, run: { tokens: 20, usd: 1, limits: LIMITS } },
    { ...tool, durationMs: 7 },
    { ...tool, tool: 'edit', status: 'error' },
    { type: 'finish.reviewed', claim: 'done', verdict: 'sent_back', message: '', durationMs: 1 },
    { type: 'finish.reviewed', claim: 'done', verdict: 'self_review', message: '', durationMs: 1 },
  )
  expect(runTotals(events, { ...facts, langsmithEnabled: true })).toEqual({
    ...NO_TOTALS,
    ...{ durationMs: 59_000, attempts: 1, turns: 2, toolCalls: 2, toolErrors: 1, editsFailed: 1, bounces: 1 },
    ...{ inputTokens: 2, cacheReadTokens: 4, cacheWriteTokens: 6, outputTokens: 8, cacheShare: 0.333 },
    ...{ costUsd: 1, knownCostUsd: 1, models: ['openai:m', 'anthropic:m'], limitsUsed: LIMITS },
    providers: [
      { provider: 'openai', turns: 1, costUsd: 0.5 },
      { provider: 'anthropic', turns: 1, costUsd: 0.5 },
    ],
    ...{ modelMs: 1000, firstTokenMs: 30, toolMs: 7, harnessMs: 10, langsmithEnabled: true },
  })
})

test('attempts, retries and changes of model are counted over the whole run; of checks the last word counts', () => {
  const checks = (phase: 'before' | 'after', ...codes: number[]) => ({
    ...{ type: 'checks.finished' as const, phase },
    results: codes.map((exitCode) => ({ command: 'c', exitCode, durationMs: 1, tail: '' })),
  })
  const retried = { type: 'model.retried', model: 'm', errorClass: 'x', attempt: 2, waitMs: 1 } as const
  const totals = runTotals(
    numbered(
      { type: 'run.started', attempt: 1 },
      checks('before', 1, 0),
      ...[retried, retried],
      { type: 'run.started', attempt: 2 },
      { type: 'model.switched', from: 'a', to: 'b', errorClass: 'x', reason: '' },
      checks('after', 1, 1),
      checks('after', 0, 124),
    ),
    facts,
  )
  expect(totals).toMatchObject({ attempts: 2, retries: 2, fallbacks: 1 })
  expect(totals).toMatchObject({
    checksBefore: { passed: 1, failed: 1 },
    checksAfter: { passed: 1, failed: 1 },
  })
})

test('the agents that worked are named in order, each once', () => {
  const begins = (agent?: 'builtin' | 'claude-code') =>
    ({ type: 'step.started', step: 'agent', message: '', agent }) as const
  const takesOver = { type: 'agent.notice', level: 'warning', message: '', agent: 'builtin' } as const
  const agentsOf = (...events: RunEventBody[]) => runTotals(numbered(...events), facts).agents
  const claude = begins('claude-code')
  expect(agentsOf(claude, turn, takesOver, turn)).toEqual(['claude-code', 'builtin'])
  expect(agentsOf(claude, tool, claude, takesOver)).toEqual(['claude-code', 'builtin'])
  expect(agentsOf(claude, takesOver), 'an agent that is not installed has not worked').toEqual(['builtin'])
  expect(agentsOf(claude)).toEqual(['claude-code'])
  expect(runTotals(numbered(begins()), facts).agents).toBeUndefined()
})

test('tools that ran side by side take their time once', () => {
  // They end a second apart: the first two overlap by half a second, the third is alone.
  const tools = [1000, 1500, 300].map((durationMs) => ({ ...tool, durationMs }))
  expect(runTotals(numbered(...tools), facts)).toMatchObject({ toolMs: 1000 + 1000 + 300, toolCalls: 3 })
})

test('one turn of unknown price makes the whole cost unknown', () => {
  const totals = runTotals(numbered(turn, { ...turn, costUsd: null }), facts)
  expect(totals).toMatchObject({ costUsd: null, knownCostUsd: 0.5, providers: [{ costUsd: null }] })
})
