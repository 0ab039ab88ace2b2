import { expect, test } from 'vitest'
import { createTerminalView } from '../../../src/commands/terminal/terminal-view.ts'
import type { WireEvent } from '../../../src/web/stream/wire-event.ts'

const plain = (_: unknown, text: string) => text
const red = (_: unknown, text: string) => `\u001b[31m${text}\u001b[39m`

function frame(fields: Partial<WireEvent>): WireEvent {
  return { seq: 1, runId: 'r', at: '2026-01-01T00:00:00Z', type: 'info', message: '', ...fields }
}

test('long output is cut to the width of the terminal, and messages are wrapped', () => {
  const show = createTerminalView(plain, { width: 60 })
  const output = `Error: ${'x'.repeat(200)}`
  const shown = [
    show(frame({ type: 'Tool: Bash', message: 'bash npm test', exit_code: 1, output, duration_ms: 20 })),
    show(frame({ type: 'AI Message', message: 'word '.repeat(40) })),
    show(frame({ step: 'agent', diff: `+${'y'.repeat(200)}\n` })),
    show(frame({ step: 'clone', status: 'ok', message: 'many words '.repeat(20), duration_ms: 1500 })),
  ].join('')
  for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(60)
  expect(shown).toContain('…')
})

test('without a terminal nothing is cut', () => {
  const line = `Error: ${'x'.repeat(300)}`
  const show = createTerminalView(plain)
  expect(show(frame({ type: 'Tool: Bash', message: 'bash x', exit_code: 1, output: line }))).toContain(line)
})

test('colours do not count as columns', () => {
  const show = createTerminalView(red, { width: 80 })
  expect(show(frame({ type: 'AI Message', message: `${'`a` '.repeat(30)}end` })).split('\n')).toHaveLength(2)
})

test('a plan is shown whole once, and then what changed in it', () => {
  const show = createTerminalView(plain)
  const plan = (first: string) => [
    { text: 'Look', status: first },
    { text: 'Change', status: 'pending' },
  ]
  expect(show(frame({ plan: plan('in_progress') }))).toBe('    ◐ Look\n    ☐ Change\n')
  expect(show(frame({ plan: plan('done') }))).toBe('    ☑ Look\n')
  expect(show(frame({ plan: plan('done') }))).toBe('')
  expect(show(frame({ type: 'Tool: Plan', message: 'plan 1/2 done' }))).toBe('')
})

test('a time that the message names already is not repeated, and no time at all is not told', () => {
  const show = createTerminalView(plain)
  const step = (message: string, duration_ms: number) =>
    show(frame({ step: 'clone', status: 'ok', message, duration_ms }))
  expect(step('Cloned in 0.9 s', 900)).toBe('  ✓ clone        Cloned in 0.9 s\n')
  expect(step('Cloned', 900)).toBe('  ✓ clone        Cloned  900 ms\n')
  expect(step('Cloned', 1)).toBe('  ✓ clone        Cloned\n')
})

test('a report in Markdown ends without its signs', () => {
  const message = 'Nothing was changed.\n\n### Where to look\n\n- `src/a.ts` is **near**\n- [ ] Try'
  const extra_data = { turns: 0, tool_calls: 1, total_duration_ms: 1000, cost_usd: 0 }
  expect(createTerminalView(plain)(frame({ type: 'success', message, extra_data }))).toBe(
    '\n  ✓ Nothing was changed.\n\n    Where to look\n\n    • `src/a.ts` is near\n    ☐ Try\n\n    1.0 s · no AI model · 1 tool call\n',
  )
})

test('a failure ends with its code, what happened and what to do', () => {
  const extra_data = { turns: 1, tool_calls: 0, total_duration_ms: 2000, cost_usd: 0.5 }
  const shown = createTerminalView(plain)(
    frame({
      type: 'error',
      code: 'push_forbidden',
      message: 'No right to push. Install the App.',
      extra_data,
    }),
  )
  expect(shown).toBe(
    '\n  ✗ push_forbidden\n    No right to push. Install the App.\n    2.0 s · 1 turn · 0 tool calls · $0.50\n',
  )
})
