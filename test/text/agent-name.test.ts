import { expect, test } from 'vitest'
import { agentMistake, agentsText } from '../../src/text/agent-name.ts'

test.each([
  ['claude', 'claude-code'],
  ['claudecode', 'claude-code'],
  ['Claude Code', 'claude-code'],
  ['claude_code', 'claude-code'],
  ['clade-code', 'claude-code'],
  ['built-in', 'builtin'],
  ['dumy', 'dummy'],
])('an agent called %j is meant to be %j', (given, meant) => {
  expect(agentMistake(given)).toBe(`must be "builtin", "claude-code" or "dummy". Did you mean "${meant}"?`)
})

test.each([
  'codex',
  '',
  '--',
  'c',
  7,
  undefined,
  'x'.repeat(100_000),
])('%j is meant to be no agent', (given) => {
  expect(agentMistake(given)).toBe('must be "builtin", "claude-code" or "dummy".')
})

test('agents are shown in order, and one that this version does not know by its name', () => {
  expect(agentsText([])).toBe('')
  expect(agentsText(['claude-code', 'builtin'])).toBe('Claude Code, then builtin agent')
  expect(agentsText(['codex'])).toBe('codex')
})
