import { expect, test } from 'vitest'
import type { RunEventBody } from '../../../src/runs/run-event.ts'
import { createTimeline } from '../../../src/runs/summary/timeline.ts'
import { BODIES, eventsOf, TOTALS } from '../../web/a-run.ts'

const timeline = (...bodies: readonly RunEventBody[]) => createTimeline(eventsOf(bodies))

test('a tool call is one entry from its start to its end', () => {
  const tools = timeline(...BODIES).filter((item) => item.kind === 'tool')
  expect(tools.map(({ title, finished }) => [title, finished?.status])).toEqual([
    ['read app.js', 'ok'],
    ['grep add\\(', 'ok'],
    ['edit app.js', 'ok'],
    ['bash npm test', 'ok'],
  ])
  expect(tools.every(({ id, seq }) => Number(id.slice(1)) <= seq)).toBe(true)
})

test('a tool call that never ended is interrupted when the run ends, and is sent again', () => {
  const started = { type: 'tool.started', callId: 'c', tool: 'bash', title: 'bash sleep' } as const
  const [running] = timeline(started)
  expect(running).toMatchObject({ kind: 'tool', interrupted: false, seq: 1 })
  const [ended] = timeline(started, { type: 'run.cancelled', message: 'x', totals: TOTALS })
  expect(ended).toMatchObject({ id: 'e1', interrupted: true, seq: 2 })
})

test('a tool call of an attempt that died was interrupted, and the next attempt may use its id', () => {
  const started = { type: 'tool.started', callId: 'c', tool: 'bash', title: 'bash sleep' } as const
  const tools = timeline(started, { type: 'run.started', attempt: 2 }, started).filter(
    (item) => item.kind === 'tool',
  )
  expect(tools.map(({ id, seq, interrupted }) => [id, seq, interrupted])).toEqual([
    ['e1', 2, true],
    ['e3', 3, false],
  ])
})

test('checks that ran twice are each shown with their own result', () => {
  const ran = (exitCode: number): RunEventBody[] => [
    {
      type: 'checks.finished',
      phase: 'before',
      results: [{ command: 'npm test', exitCode, durationMs: 1, tail: '' }],
    },
    { type: 'step.finished', step: 'baseline', status: 'ok', message: '', durationMs: 1 },
  ]
  const steps = timeline(...ran(1), { type: 'run.started', attempt: 2 }, ...ran(0)).filter(
    (item) => item.kind === 'step',
  )
  expect(steps.map(({ step }) => [step.status, step.message])).toEqual([
    ['failed', 'npm test failed (exit code 1)'],
    ['ok', 'npm test passed'],
  ])
})

test('a restart is a new attempt of our own', () => {
  expect(timeline({ type: 'run.started', attempt: 1 })).toEqual([])
  expect(timeline({ type: 'run.started', attempt: 2 })).toMatchObject([
    { kind: 'line', level: 'warning', text: 'Started again, attempt 2' },
  ])
})
