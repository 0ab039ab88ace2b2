import { expect, test } from 'vitest'
import { judgeEnd } from '../../../src/agent/claude-code/judge-end.ts'

const NOTHING = { result: undefined, exitCode: undefined, isRefused: false }
const result = (fields: object) => ({
  ...NOTHING,
  exitCode: 1,
  result: { type: 'result', subtype: 'success', is_error: true, ...fields } as const,
})

test.each([
  ['done', result({ is_error: false, terminal_reason: 'completed' })],
  ['elsewhere', result({ terminal_reason: 'api_error', api_error_status: 400 })],
  ['elsewhere', result({ terminal_reason: 'api_error', api_error_status: 402 })],
  ['elsewhere', result({ terminal_reason: 'api_error', api_error_status: 529 })],
  ['elsewhere', result({ terminal_reason: 'api_error', api_error_status: null })],
  ['elsewhere', result({ terminal_reason: 'prompt_too_long', api_error_status: 400 })],
  ['elsewhere', result({ stop_reason: 'refusal' })],
  ['elsewhere', result({ subtype: 'error_during_execution' })],
  ['reached', result({ subtype: 'error_max_turns', terminal_reason: 'max_turns' })],
  ['reached', result({ subtype: 'error_max_budget_usd', terminal_reason: 'budget_exhausted' })],
  ['reached', { ...result({ terminal_reason: 'api_error', api_error_status: 402 }), isRefused: true }],
  ['elsewhere', { ...NOTHING, exitCode: 127 }],
  ['elsewhere', { ...NOTHING, exitCode: 143 }],
] as const)('%s: %j', (kind, end) => {
  expect(judgeEnd(end).kind).toBe(kind)
})

test('an interrupted Claude Code may end before it has printed that, with exit code 0', () => {
  const reason = 'Claude Code was interrupted.'
  const verdict = { kind: 'elsewhere', reason }
  expect(judgeEnd(result({ subtype: 'error_during_execution' }))).toEqual(verdict)
  expect(judgeEnd({ ...NOTHING, exitCode: 0 })).toEqual(verdict)
})
