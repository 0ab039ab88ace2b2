import { expect, test } from 'vitest'
import { readFrame } from '../../../src/commands/terminal/run/received-frame.ts'
import { createTerminalView } from '../../../src/commands/terminal/views/terminal-view.ts'
import type { RunEventBody } from '../../../src/runs/run-event.ts'
import { createWireMapper } from '../../../src/web/stream/wire-event.ts'
import { eventsOf, TOTALS } from '../../web/a-run.ts'

const plain = (_: unknown, text: string) => text
const red = (_: unknown, text: string) => `\u001b[31m${text}\u001b[39m`

/** The frame of an event, as a client reads it from the stream. */
function frame(body: RunEventBody) {
  const [wire] = eventsOf([body]).map(createWireMapper())
  return readFrame(JSON.parse(JSON.stringify(wire)))
}

function bash(output: string): RunEventBody {
  const detail = { kind: 'bash', command: 'npm test', output, exitCode: 1 } as const
  const call = { callId: 'c', tool: 'bash', title: 'bash npm test', status: 'ok', durationMs: 20 } as const
  return { type: 'tool.finished', ...call, detail }
}

function step(message: string, durationMs: number): RunEventBody {
  return { type: 'step.finished', step: 'clone', status: 'ok', message, durationMs }
}

test('long output is cut to the width of the terminal, and messages are wrapped', () => {
  const show = createTerminalView(plain, () => 60)
  const output = `Error: ${'x'.repeat(200)}`
  const shown = [
    show(frame(bash(output))),
    show(frame({ type: 'agent.message', text: 'word '.repeat(40) })),
    show(frame({ type: 'changes.collected', files: [], diff: `+${'y'.repeat(200)}\n` })),
    show(frame(step('many words '.repeat(20), 1500))),
  ].join('')
  for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(60)
  expect(shown).toContain('…')
})

test('without a terminal nothing is cut', () => {
  const line = `Error: ${'x'.repeat(300)}`
  const show = createTerminalView(plain)
  expect(show(frame(bash(line)))).toContain(line)
})

test('colours do not count as columns', () => {
  const show = createTerminalView(red, () => 80)
  expect(show(frame({ type: 'agent.message', text: `${'`a` '.repeat(30)}end` })).split('\n')).toHaveLength(2)
})

test('a plan is shown whole once, and then what changed in it', () => {
  const show = createTerminalView(plain)
  const plan = (first: 'in_progress' | 'done') =>
    frame({
      type: 'agent.plan',
      items: [
        { text: 'Look', status: first },
        { text: 'Change', status: 'pending' },
      ],
    })
  expect(show(plan('in_progress'))).toBe('    ◐ Look\n    ☐ Change\n')
  expect(show(plan('done'))).toBe('    ☑ Look\n')
  expect(show(plan('done'))).toBe('')
  const call = { callId: 'c', tool: 'plan', title: 'plan 1/2 done', status: 'ok', durationMs: 20 } as const
  expect(show(frame({ type: 'tool.finished', ...call, detail: { kind: 'other', text: '' } }))).toBe('')
})

test('a time that the message names already is not repeated, and a missing time is left out', () => {
  const show = createTerminalView(plain)
  expect(show(frame(step('Cloned in 0.9 s', 900)))).toBe('  ✓ clone        Cloned in 0.9 s\n')
  expect(show(frame(step('Cloned', 900)))).toBe('  ✓ clone        Cloned  900 ms\n')
  expect(show(frame(step('Cloned', 1)))).toBe('  ✓ clone        Cloned\n')
})

const RED = { command: 'npm test', exitCode: 1, durationMs: 1900, tail: '1 failed' }
const GREEN = { command: 'npm run lint', exitCode: 0, durationMs: 700, tail: '' }

test.each([
  [
    'a test fails',
    [RED, GREEN],
    '  ✗ Checks before: npm test failed (exit code 1), npm run lint passed  2.6 s\n',
  ],
  ['all pass', [GREEN], '  ✓ Checks before: npm run lint passed  2.6 s\n'],
  [
    'a program is missing',
    [{ ...RED, exitCode: 127 }],
    '  ✗ Checks before: npm test could not run (exit code 127)  2.6 s\n',
  ],
  [
    'a check takes too long',
    [{ ...RED, exitCode: 124 }],
    '  ✗ Checks before: npm test did not end (exit code 124)  2.6 s\n',
  ],
  ['there are none', [], '  – Checks before: none were found in this repository  2.6 s\n'],
] as const)('the end of the checks shows what they came to: %s', (_, results, line) => {
  const show = createTerminalView(plain)
  const status = results.length === 0 ? 'skipped' : 'ok'
  const frames = eventsOf([
    { type: 'checks.finished', phase: 'before', results },
    { type: 'step.finished', step: 'baseline', status, message: 'as it was', durationMs: 2600 },
  ]).map(createWireMapper())
  expect(frames.map((sent) => show(readFrame(JSON.parse(JSON.stringify(sent))))).at(-1)).toBe(line)
})

test('a check that fails names its result, and the lines that say why', () => {
  const show = createTerminalView(plain)
  expect(show(frame({ type: 'checks.finished', phase: 'after', results: [RED] }))).toBe(
    '    $ npm test  failed (exit code 1)  1.9 s\n      1 failed\n',
  )
})

test('code in a message keeps one pair of backticks, whatever it came with', () => {
  const show = createTerminalView(plain)
  const shown = (message: string) => show(frame({ type: 'notice', level: 'info', message }))
  expect(shown('Ran ``npm test`` and `slugify("a  b")`')).toBe('    Ran `npm test` and `slugify("a  b")`\n')
  expect(shown('Found ``a ` b`` and `open')).toBe('    Found `` a ` b `` and `open\n')
})

test('a report in Markdown ends without its signs', () => {
  const message = 'Nothing was changed.\n\n### Where to look\n\n- `src/a.ts` is **near**\n- [ ] Try'
  const end = { outcome: 'triage', message, pullRequestUrl: null, commentUrl: null, draft: false } as const
  const totals = { ...TOTALS, turns: 0, toolCalls: 1, durationMs: 1000, costUsd: 0 }
  expect(createTerminalView(plain)(frame({ type: 'run.succeeded', ...end, totals }))).toBe(
    '\n  ✓ Nothing was changed.\n\n    Where to look\n\n    • `src/a.ts` is near\n    ☐ Try\n\n    1.0 s · no AI model · 1 tool call\n',
  )
})

test('a failure ends with its code, what happened and what to do', () => {
  const totals = { ...TOTALS, turns: 1, toolCalls: 0, durationMs: 2000, costUsd: 0.5 }
  const message = 'No right to push. Install the App.'
  const shown = createTerminalView(plain)(
    frame({ type: 'run.failed', code: 'push_forbidden', message, totals }),
  )
  expect(shown).toBe(
    '\n  ✗ push_forbidden\n    No right to push. Install the App.\n    2.0 s · 1 turn · 0 tool calls · $0.50\n',
  )
})

test('a frame of a newer service is shown by its message, and ends the run when it is the last one', () => {
  const show = createTerminalView(plain)
  const envelope = { seq: 9, runId: 'r', at: '2026-01-01T00:00:00Z' }
  const newer = (fields: object) => show(readFrame({ ...envelope, ...fields }))
  expect(newer({ type: 'Review', message: 'Reviewed the change', score: 3 })).toBe('  Reviewed the change\n')
  expect(newer({ type: 'info', message: 'Measured', metric: { p50: 1 } })).toBe('  Measured\n')
  expect(newer({ type: 'info', step: 'verify', status: 'ok', progress: 90, message: 'Verified' })).toBe(
    '  Verified\n',
  )
  expect(newer({ type: 'Tool: Read', message: 'read a.js', uri: 'file:///a.js' })).toBe('  read a.js\n')
  expect(newer({ type: 'success', message: 'Merged #7', extra_data: { outcome: 'merged' } })).toBe(
    '\n  ✓ Merged #7\n',
  )
  expect(newer({ type: 'error', message: 'Out of time', extra_data: null })).toBe('\n  ✗ Out of time\n')
  expect(newer({ type: 'Review' })).toBe('')
})

test('a field that this version does not know changes nothing', () => {
  const show = createTerminalView(plain)
  const known = frame(step('Cloned', 900))
  expect(show(readFrame({ ...known, cache: 'hit', detail: { files: 3 } }))).toBe(
    '  ✓ clone        Cloned  900 ms\n',
  )
})
