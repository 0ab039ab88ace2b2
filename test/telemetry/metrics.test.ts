import { expect, test } from 'vitest'
import type { RunEvent } from '../../src/runs/run-event.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'

const at = { runId: 'r', seq: 1, at: '2026-11-22T00:00:00Z' }
const usage = { input: 10, cacheRead: 0, cacheWrite: 0, output: 5 }
const turn = {
  ...at,
  type: 'model.turn',
  turn: 1,
  provider: 'openai',
  model: 'mine',
  usage,
  durationMs: 1,
  firstTokenMs: 1,
  attempts: 1,
  stop: 'end',
  harnessMs: 0,
} as const

function cancelledAfter(durationMs: number): RunEvent {
  const totals = { durationMs } as Extract<RunEvent, { type: 'run.cancelled' }>['totals']
  return { ...at, type: 'run.cancelled', message: 'Stopped.', totals }
}

test('events, other counts and gauges are rendered in the text format of Prometheus', async () => {
  const metrics = createMetrics()
  const urls = { runUrl: '', eventsUrl: '' }
  metrics.observe({ ...at, type: 'run.queued', repository: 'acme/api', ...urls, position: 1 })
  metrics.count('backspace_requests_refused_total', { reason: 'rate_limited' })
  metrics.count('backspace_requests_refused_total', { reason: 'rate_limited' })
  metrics.count('backspace_webhooks_total', { event: 'a "quoted"\nname', status: 'stored' })
  const lines = (await metrics.render({ backspace_runs_waiting: 3 })).split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      '# TYPE backspace_runs_waiting gauge',
      'backspace_runs_waiting 3',
      '# TYPE backspace_runs_submitted_total counter',
      'backspace_runs_submitted_total 1',
      'backspace_requests_refused_total{reason="rate_limited"} 2',
      'backspace_webhooks_total{event="a \\"quoted\\"\\nname",status="stored"} 1',
    ]),
  )
})

test('the duration of each run falls into every bucket that is long enough', async () => {
  const metrics = createMetrics()
  metrics.observe(cancelledAfter(5_000))
  metrics.observe(cancelledAfter(2_000_000))
  const lines = (await metrics.render()).split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      'backspace_runs_ended_total{status="cancelled",reason="cancelled"} 2',
      '# TYPE backspace_run_duration_seconds histogram',
      'backspace_run_duration_seconds_bucket{le="5"} 1',
      'backspace_run_duration_seconds_bucket{le="1800"} 1',
      'backspace_run_duration_seconds_bucket{le="+Inf"} 2',
      'backspace_run_duration_seconds_sum 2005',
      'backspace_run_duration_seconds_count 2',
    ]),
  )
})

test('steps, turns and tool calls are timed, and a verdict is counted when its run ends', async () => {
  const metrics = createMetrics()
  metrics.observe({
    ...at,
    type: 'step.finished',
    step: 'clone',
    status: 'ok',
    message: '',
    durationMs: 2_000,
  })
  metrics.observe({ ...turn, costUsd: null, durationMs: 3_000, firstTokenMs: 200 })
  const ended = cancelledAfter(1)
  if (ended.type !== 'run.cancelled') throw new Error('it was cancelled')
  metrics.observe({ ...ended, totals: { ...ended.totals, verdict: { tone: 'good', line: '' } } })
  metrics.time('backspace_run_wait_seconds', {}, -1)
  const text = await metrics.render()
  expect(text).toContain('backspace_steps_total{step="clone",status="ok"} 1')
  expect(text).toContain('backspace_step_duration_seconds_bucket{le="5",step="clone"} 1')
  expect(text).toContain('backspace_model_turn_seconds_sum{provider="openai"} 3')
  expect(text).toContain('backspace_model_first_token_seconds_bucket{le="0.25",provider="openai"} 1')
  expect(text).toContain('backspace_verdicts_total{tone="good"} 1')
  // A clock that was set back is no reason to fail.
  expect(text).toContain('backspace_run_wait_seconds_sum 0')
})

test('an unknown price is not rendered as a price of 0', async () => {
  const metrics = createMetrics()
  metrics.observe({ ...turn, costUsd: null })
  const unknown = await metrics.render()
  expect(unknown).toContain('backspace_model_turns_total{provider="openai",model="mine"} 1')
  expect(unknown).toContain('backspace_model_tokens_total{provider="openai",model="mine",kind="output"} 5')
  expect(unknown).not.toMatch(/^backspace_model_cost_usd_total\{/m)
  metrics.observe({ ...turn, costUsd: 0.25 })
  expect(await metrics.render()).toContain(
    'backspace_model_cost_usd_total{provider="openai",model="mine"} 0.25',
  )
})

test('a gauge whose value is not known this time is not rendered', async () => {
  const metrics = createMetrics()
  expect(await metrics.render({ backspace_runs_running: 2 })).toContain('backspace_runs_running 2')
  expect(await metrics.render()).not.toMatch(/^backspace_runs_running /m)
  expect(await metrics.render({ backspace_runs_running: 0 })).toContain('backspace_runs_running 0')
})

test('facts about the process have their usual names, and two instances in one process count for themselves', async () => {
  const [one, other] = [createMetrics(), createMetrics()]
  one.count('backspace_transcript_violations_total', {})
  expect(await one.render()).toMatch(/^process_resident_memory_bytes \d+$/m)
  expect(await one.render()).toMatch(/^nodejs_heap_size_used_bytes \d+$/m)
  expect(await one.render()).toContain('backspace_transcript_violations_total 1')
  expect(await other.render()).toContain('backspace_transcript_violations_total 0')
})

test('names that a model makes up do not become series without end', async () => {
  const metrics = createMetrics()
  const call = {
    ...at,
    type: 'tool.finished',
    callId: 'c',
    title: '',
    status: 'error',
    durationMs: 1,
  } as const
  for (let count = 1; count <= 300; count++) {
    metrics.observe({ ...call, tool: `made_up_${count}`, detail: { kind: 'other', text: '' } })
  }
  const calls = (await metrics.render())
    .split('\n')
    .filter((line) => line.startsWith('backspace_tool_calls_total{'))
  expect(calls).toHaveLength(101)
  expect(calls).toContain('backspace_tool_calls_total{tool="other",status="error"} 200')
})
