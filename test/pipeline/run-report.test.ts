import { expect, test } from 'vitest'
import type { AgentOutcome } from '../../src/agent/agent.ts'
import { reportWithoutChange } from '../../src/pipeline/run-report.ts'

test('a long answer is not cut inside of a character, which no database stores', () => {
  const summary = `${'x'.repeat(39_999)}😀 and more`
  const outcome = { kind: 'no_change', summary, totals: { models: [] } } as unknown as AgentOutcome
  const report = reportWithoutChange(outcome)
  expect(report).toMatchObject({ outcome: 'answer', message: 'x'.repeat(39_999), text: 'x'.repeat(39_999) })
})
