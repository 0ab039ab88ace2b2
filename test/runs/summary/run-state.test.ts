import { expect, test } from 'vitest'
import type { RunEventBody } from '../../../src/runs/run-event.ts'
import { summarizeRun } from '../../../src/runs/summary/run-state.ts'
import { BODIES, eventsOf, SUCCESS, TOTALS } from '../../web/a-run.ts'

function summary(bodies: readonly RunEventBody[]) {
  return summarizeRun(eventsOf(bodies))
}

function stateOf(bodies: readonly RunEventBody[], step: string): string | undefined {
  return summary(bodies).steps.find((candidate) => candidate.step === step)?.state
}

test('a run that has not begun waits in line', () => {
  const queued = { type: 'run.queued', repository: 'a/b', runUrl: '', eventsUrl: '', position: 3 } as const
  expect(summary([queued])).toMatchObject({
    now: 'Queued for a/b: number 3 in line',
    ended: false,
    lastSeq: 1,
    costUsd: 0,
  })
  expect(stateOf([queued], 'clone')).toBe('waiting')
})

test('the step under way and its tool are what is going on', () => {
  const working = BODIES.slice(0, 18)
  expect(stateOf(working, 'clone')).toBe('ok')
  expect(stateOf(working, 'agent')).toBe('running')
  expect(summary(working).now).toBe('edit app.js')
})

test('a step that did not end is where a failed run failed, and where a stopped one was stopped', () => {
  const started = BODIES.slice(0, 9)
  const failed = { type: 'run.failed', code: 'x', message: 'x', totals: TOTALS } as const
  const cancelled = { type: 'run.cancelled', message: 'x', totals: TOTALS } as const
  expect(stateOf([...started, failed], 'baseline')).toBe('failed')
  expect(stateOf([...started, cancelled], 'baseline')).toBe('interrupted')
  expect(stateOf([...started, cancelled], 'publish')).toBe('not_reached')
})

test('a run of which only the first and the last event are kept is told from one that had no more', () => {
  const whole = eventsOf([...BODIES, SUCCESS])
  expect(summarizeRun(whole).pruned).toBe(false)
  expect(summarizeRun([...whole.slice(0, 1), ...whole.slice(-1)])).toMatchObject({
    pruned: true,
    ended: true,
  })
})

test('the last plan, both checks and the change are kept', () => {
  const { plan, checks, changes, costUsd } = summary([...BODIES, SUCCESS])
  expect(plan.map(({ status }) => status)).toEqual(['done', 'in_progress', 'pending', 'dropped'])
  expect(checks.map(({ phase }) => phase)).toEqual(['before', 'after'])
  expect(changes?.files).toHaveLength(2)
  expect(costUsd).toBe(0.41)
})

test('a price that is not known is not counted as nothing', () => {
  const turn = BODIES.find((body) => body.type === 'model.turn')
  if (turn?.type !== 'model.turn') throw new Error('the recorded run has no turn')
  expect(summary([turn, { ...turn, costUsd: null }]).costUsd).toBeNull()
})

test('a tool call is one entry from its start to its end', () => {
  const { timeline } = summary(BODIES)
  const tools = timeline.filter((item) => item.kind === 'tool')
  expect(tools.map(({ title, finished }) => [title, finished?.status])).toEqual([
    ['read app.js', 'ok'],
    ['grep add\\(', 'ok'],
    ['edit app.js', 'ok'],
    ['bash npm test', 'ok'],
  ])
  expect(tools.every(({ id, seq }) => Number(id.slice(1)) <= seq)).toBe(true)
})

test('a tool call that never ended is interrupted when the run ends, and told again', () => {
  const started = { type: 'tool.started', callId: 'c', tool: 'bash', title: 'bash sleep' } as const
  const [running] = summary([started]).timeline
  expect(running).toMatchObject({ kind: 'tool', interrupted: false, seq: 1 })
  const [ended] = summary([started, { type: 'run.cancelled', message: 'x', totals: TOTALS }]).timeline
  expect(ended).toMatchObject({ id: 'e1', interrupted: true, seq: 2 })
})
