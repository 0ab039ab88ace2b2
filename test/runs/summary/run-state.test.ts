import { expect, test } from 'vitest'
import type { ChecksFinishedEvent, RunEventBody, Step } from '../../../src/runs/run-event.ts'
import { allSteps, currentLine, foldEvents, foldRun, NO_EVENTS } from '../../../src/runs/summary/run-state.ts'
import { BODIES, eventsOf, SUCCESS, TOTALS } from '../../web/a-run.ts'

function fold(...bodies: readonly RunEventBody[]) {
  return foldEvents(eventsOf(bodies))
}

function stepOf(bodies: readonly RunEventBody[], step: Step) {
  return allSteps(fold(...bodies)).find((candidate) => candidate.step === step)
}

const STARTED = { type: 'run.started', attempt: 1 } as const
const FAILED = { type: 'run.failed', code: 'x', message: 'x', totals: TOTALS } as const
const CANCELLED = { type: 'run.cancelled', message: 'x', totals: TOTALS } as const

test('a run that has not begun waits in line', () => {
  const queued = { type: 'run.queued', repository: 'a/b', runUrl: '', eventsUrl: '', position: 3 } as const
  expect(currentLine(fold(queued))).toBe('Queued for a/b: number 3 in line')
  expect(currentLine(fold({ ...queued, position: 1 }))).toBe('Queued for a/b: next in line')
  expect(fold(queued)).toMatchObject({ seq: 1, startedAt: null, ending: null })
  expect(stepOf([queued], 'clone')).toMatchObject({ state: 'waiting', message: '' })
})

test('the step under way, and its tool, is what is going on', () => {
  const working = BODIES.slice(0, 18)
  expect(stepOf(working, 'clone')?.state).toBe('ok')
  expect(stepOf(working, 'agent')?.state).toBe('running')
  expect(currentLine(fold(...working))).toBe('edit app.js')
  expect(currentLine(fold(...BODIES.slice(0, 19)))).toBe('The agent works')
  expect(currentLine(fold(STARTED))).toBe('Started')
  expect(currentLine(fold(...BODIES, SUCCESS))).toBe('')
})

test('of tools side by side, one that is still running is shown', () => {
  const start = (callId: string) => ({ type: 'tool.started', callId, tool: 'x', title: callId }) as const
  const [, end] = BODIES.filter((body) => body.type === 'tool.finished')
  if (end?.type !== 'tool.finished') throw new Error('the recorded run has no tool call')
  const agent = { type: 'step.started', step: 'agent', message: 'Working' } as const
  const state = fold(STARTED, agent, start('one'), start('two'), { ...end, callId: 'two' })
  expect(currentLine(state)).toBe('one')
})

test('a step that did not end is where a failed run failed, and where a stopped one was stopped', () => {
  const started = BODIES.slice(0, 9)
  expect(stepOf([...started, FAILED], 'baseline')?.state).toBe('failed')
  expect(stepOf([...started, CANCELLED], 'baseline')?.state).toBe('interrupted')
  expect(stepOf([...started, CANCELLED], 'publish')?.state).toBe('not_reached')
})

test('a step of an attempt that died was interrupted, and is shown once when it is done again', () => {
  const step = { type: 'step.started', step: 'clone', message: 'Cloning' } as const
  const again = { type: 'run.started', attempt: 2 } as const
  const state = fold(STARTED, step, again)
  expect(state.steps.map(({ state }) => state)).toEqual(['interrupted'])
  expect(currentLine(state)).toBe('Started again, attempt 2')
  expect(fold(STARTED, step, again, step).steps.map(({ state }) => state)).toEqual(['running'])
})

test('fewer events than the last number mean that those in between are deleted', () => {
  const whole = eventsOf([...BODIES, SUCCESS])
  expect(foldEvents(whole)).toMatchObject({ seq: whole.length, events: whole.length })
  expect(foldEvents([...whole.slice(0, 1), ...whole.slice(-1)])).toMatchObject({
    seq: whole.length,
    events: 2,
  })
})

test('the last plan, both checks and the change are kept', () => {
  const { plan, checks, changes, ending } = fold(...BODIES, SUCCESS)
  expect(plan.map(({ status }) => status)).toEqual(['done', 'in_progress', 'pending', 'dropped'])
  expect([checks.before?.phase, checks.after?.phase]).toEqual(['before', 'after'])
  expect(changes?.files).toHaveLength(2)
  expect(ending?.status).toBe('succeeded')
})

test('folding leaves the state before as it was', () => {
  let state = NO_EVENTS
  const states = eventsOf([...BODIES, SUCCESS]).map((event) => {
    state = foldRun(state, event)
    return state
  })
  expect(states.map(({ seq }) => seq)).toEqual(states.map((_, index) => index + 1))
  expect(states[0]).toEqual(fold(STARTED))
})

type Results = ChecksFinishedEvent['results']
const result = (command: string, exitCode: number, failedFirst?: number): Results[number] => ({
  command,
  exitCode,
  durationMs: 100,
  tail: '',
  failedFirst,
})

test.each<[string, Results, string, string]>([
  ['everything passes', [result('npm test', 0)], 'ok', 'npm test passed'],
  ['the test fails', [result('npm test', 1)], 'failed', 'npm test failed (exit code 1)'],
  [
    'only lint fails',
    [result('npm test', 0), result('npm run lint', 2)],
    'failed',
    'npm run lint failed (exit code 2), npm test passed',
  ],
  [
    'one of three fails',
    [result('make a', 0), result('make b', 101), result('make c', 0)],
    'failed',
    'make b failed (exit code 101), make a passed, make c passed',
  ],
  ['a program is missing', [result('pytest', 127)], 'failed', 'pytest could not run (exit code 127)'],
  ['a program may not run', [result('./check', 126)], 'failed', './check could not run (exit code 126)'],
  ['a check takes too long', [result('npm test', 124)], 'failed', 'npm test did not end (exit code 124)'],
  ['a check is killed', [result('npm test', 137)], 'failed', 'npm test failed (exit code 137)'],
  [
    'a check is flaky',
    [result('npm test', 0, 1)],
    'ok',
    'npm test was flaky: failed (exit code 1), then passed on the same files',
  ],
  [
    'there are many',
    [...Array.from({ length: 9 }, (_, n) => result(`red ${n}`, 1)), result('green', 0)],
    'failed',
    `${Array.from({ length: 8 }, (_, n) => `red ${n} failed (exit code 1)`).join(', ')}, 1 more failed, 1 more passed`,
  ],
  ['a command is a script', [result('set -e\nmake', 2)], 'failed', 'set -e… failed (exit code 2)'],
  ['there are no checks', [], 'skipped', 'none were found in this repository'],
])('the checks steps show what the checks came to: %s', (_, results, state, message) => {
  for (const [step, phase] of [['baseline', 'before'] as const, ['checks', 'after'] as const]) {
    const bodies: RunEventBody[] = [
      { type: 'step.started', step, message: 'Running the checks' },
      { type: 'checks.finished', phase, results },
      { type: 'step.finished', step, status: 'ok', message: 'as an earlier version put it', durationMs: 5 },
    ]
    expect(stepOf(bodies, step)).toMatchObject({ state, message })
  }
})

test('a check that fails before and after passes nowhere', () => {
  const red = (step: 'baseline' | 'checks', phase: 'before' | 'after'): RunEventBody[] => [
    { type: 'checks.finished', phase, results: [result('npm test', 1)] },
    { type: 'step.finished', step, status: 'ok', message: 'npm test: exit code 1', durationMs: 5 },
  ]
  const bodies = [...red('baseline', 'before'), ...red('checks', 'after')]
  expect(fold(...bodies).steps.map(({ state }) => state)).toEqual(['failed', 'failed'])
})

test('a checks step whose results are not known did not pass', () => {
  const end = { type: 'step.finished', step: 'checks', status: 'ok', message: 'x', durationMs: 5 } as const
  expect(stepOf([end], 'checks')?.state).toBe('skipped')
  expect(stepOf([{ ...end, status: 'failed', message: 'The sandbox was lost.' }], 'checks')).toMatchObject({
    state: 'failed',
    message: 'The sandbox was lost.',
  })
})

test('checks whose results are taken over from the agent took as long as they ran', () => {
  const bodies: RunEventBody[] = [
    { type: 'checks.finished', phase: 'after', results: [result('a', 0), result('b', 0)] },
    { type: 'step.finished', step: 'checks', status: 'ok', message: '', durationMs: 0 },
  ]
  expect(stepOf(bodies, 'checks')?.durationMs).toBe(200)
})
