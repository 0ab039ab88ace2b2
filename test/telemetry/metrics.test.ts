import { expect, test } from 'vitest'
import { createMetrics } from '../../src/telemetry/metrics.ts'

test('events, other counts and gauges are told in the text format of Prometheus', () => {
  const metrics = createMetrics()
  const at = { runId: 'r', seq: 1, at: '2026-11-22T00:00:00Z' }
  const urls = { runUrl: '', eventsUrl: '' }
  metrics.observe({ ...at, type: 'run.queued', repository: 'acme/api', ...urls, position: 1 })
  metrics.count('backspace_requests_refused_total', { reason: 'rate_limited' })
  metrics.count('backspace_requests_refused_total', { reason: 'rate_limited' })
  const lines = metrics.render({ backspace_runs_waiting: 3 }).split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      '# TYPE backspace_runs_waiting gauge',
      'backspace_runs_waiting 3',
      'backspace_runs_submitted_total 1',
      'backspace_requests_refused_total{reason="rate_limited"} 2',
    ]),
  )
})

test('a price that is not known is no cost of nothing', () => {
  const metrics = createMetrics()
  const at = { runId: 'r', seq: 1, at: '2026-11-22T00:00:00Z' }
  const usage = { input: 10, cacheRead: 0, cacheWrite: 0, output: 5 }
  const turn = { ...at, type: 'model.turn', turn: 1, provider: 'openai', model: 'mine', usage } as const
  metrics.observe({
    ...turn,
    ...{ costUsd: null, durationMs: 1, firstTokenMs: 1, attempts: 1, stop: 'end', harnessMs: 0 },
  })
  expect(metrics.render()).toContain('backspace_model_turns_total{provider="openai",model="mine"} 1')
  expect(metrics.render()).not.toContain('cost_usd')
})
