import { expect, test } from 'vitest'
import { readFrame } from '../../../src/commands/terminal/run/received-frame.ts'
import { createWaits, elapsedText, retryText, waitText } from '../../../src/commands/terminal/views/waits.ts'
import type { RunEventBody } from '../../../src/runs/run-event.ts'
import { createWireMapper } from '../../../src/web/stream/wire-event.ts'
import { eventsOf } from '../../web/a-run.ts'

/** What a run waits for after each of its events, which happen one second after the other. */
function waitsAfter(bodies: readonly RunEventBody[]): readonly string[] {
  const waits = createWaits(() => 0)
  return eventsOf(bodies)
    .map(createWireMapper())
    .map((frame, index) => {
      waits.see(readFrame(JSON.parse(JSON.stringify(frame))), index + 1)
      const { what, since } = waits.current()
      return `${since}: ${what}`
    })
}

const QUEUED: RunEventBody = {
  type: 'run.queued',
  repository: 'acme/greeter',
  position: 3,
  runUrl: 'http://127.0.0.1/runs/r',
  eventsUrl: 'http://127.0.0.1/runs/r/events',
}

function call(callId: string, title: string): RunEventBody {
  return { type: 'tool.started', callId, tool: 'bash', title }
}

function done(callId: string, title: string): RunEventBody {
  const detail = { kind: 'bash', command: title, output: '', exitCode: 0 } as const
  return { type: 'tool.finished', callId, tool: 'bash', title, status: 'ok', durationMs: 1, detail }
}

test('the wait is for a worker, a step, the model, or a command, since it began', () => {
  const step = {
    type: 'step.finished',
    step: 'baseline',
    status: 'ok',
    message: 'ok',
    durationMs: 1,
  } as const
  expect(
    waitsAfter([
      QUEUED,
      { type: 'run.started', attempt: 1 },
      {
        type: 'step.started',
        step: 'baseline',
        message: 'Running the checks before any change: go test ./...',
      },
      step,
      { type: 'step.started', step: 'agent', message: 'Working on the task' },
      { type: 'model.retried', model: 'm', errorClass: 'hang', attempt: 2, waitMs: 100 },
      call('a', 'bash npm test'),
      call('b', 'bash npm run lint'),
      done('a', 'bash npm test'),
      done('b', 'bash npm run lint'),
    ]),
  ).toEqual([
    '1: Waiting for a worker: position 3',
    '2: Waiting for the next step',
    '3: Running the checks before any change: go test ./...',
    '4: Waiting for the next step',
    '5: Waiting for the model',
    '6: Waiting for the model, attempt 2',
    '7: Running npm test',
    '7: Running npm test and 1 more',
    '8: Running npm run lint',
    '10: Waiting for the model',
  ])
})

test('the age of the last output of a command is shown', () => {
  const waits = createWaits(() => 0)
  const shown = (now: number) => {
    const { what, times } = waitText(waits.current(), now)
    return what + times
  }
  const [started, ended] = eventsOf([call('a', 'bash go test ./...'), done('a', 'bash go test ./...')])
    .map(createWireMapper())
    .map((frame) => readFrame(JSON.parse(JSON.stringify(frame))))
  if (!started || !ended) throw new Error('there are two frames')
  waits.see(started, 0)
  expect(shown(80_000)).toBe('Running go test ./..., 1 min 20 s')
  waits.output('ok pkg/a', 60_000)
  waits.output('ok pkg/a', 66_000)
  expect(shown(80_000)).toBe('Running go test ./... · ok pkg/a, 1 min 20 s, last output 20 s ago')
  waits.output('$ go test (since 1:02:03 UTC)\nok pkg/a\nok  \u001b[2Jpkg/b\n', 78_000)
  expect(shown(80_000)).toBe('Running go test ./... · ok pkg/b, 1 min 20 s, last output 2 s ago')
  waits.output('$ go test (since 1:02:03 UTC)\n', 79_000)
  expect(shown(80_000)).toBe('Running go test ./..., 1 min 20 s')
  waits.output('', 80_000)
  waits.see(ended, 80_000)
  expect(shown(81_000)).toBe('Waiting for the model, 1 s')
})

test('a pause of the operator is what a run waits for', () => {
  expect(
    waitsAfter([
      { type: 'run.paused', reason: 'moving \u001b[2Jhouse', attempt: 0 },
      { type: 'run.paused', reason: null, attempt: 0 },
    ]),
  ).toEqual(['1: Paused by the operator: moving house', '2: Waiting for a worker'])
})

test('the place in line is what the service says now', () => {
  const waits = createWaits(() => 0)
  const [frame] = eventsOf([QUEUED]).map(createWireMapper())
  waits.see(readFrame(JSON.parse(JSON.stringify(frame))), 1)
  waits.inLine({ position: 1, message: 'All run slots are in use; this run starts when one frees up.' })
  expect(waits.current()).toEqual({
    what: 'Waiting for a worker: position 1 (All run slots are in use; this run starts when one frees up)',
    since: 1,
  })
})

test('a service that is away is named, with how long it has been and when it is asked again', () => {
  const retry = { host: 'backspace.example', what: 'refuses the connection', since: 1000, nextAt: 17_000 }
  const { what, times } = retryText(retry, 13_000)
  expect(what + times).toBe('Waiting for backspace.example (it refuses the connection), 12 s; retry in 4 s')
  expect(retryText(retry, 17_500).times).toMatch(/; retrying$/)
})

test.each([
  [42_400, '42 s'],
  [80_000, '1 min 20 s'],
  [3_720_000, '1 h 2 min'],
  [-500, '0 s'],
])('%i milliseconds are %s', (ms, text) => {
  expect(elapsedText(ms)).toBe(text)
})
