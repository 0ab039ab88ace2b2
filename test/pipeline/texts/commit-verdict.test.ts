import { expect, test } from 'vitest'
import type { CheckResult } from '../../../src/checks/run-checks.ts'
import { commitVerdict, type VerdictFacts } from '../../../src/pipeline/texts/checks-table.ts'
import { createRedact } from '../../../src/secrets/redact.ts'
import { atOnce } from '../../../src/time/pieces.ts'

function ran(command: string, exitCode: number): CheckResult {
  return { command, exitCode, durationMs: 10, tail: 'the key is hunter2' }
}

function verdict(facts: Partial<VerdictFacts>) {
  return atOnce(
    commitVerdict({
      ...{
        ...{ checksBefore: [], checksAfter: [], files: [], draft: false, noModel: false },
        repository: 'acme/api',
      },
      redact: createRedact(['hunter2']),
      ...facts,
    }),
  )
}

test.each([
  ['every check passed', { checksAfter: [ran('a', 0), ran('b', 0)] }, 'success', '2 of 2 checks passed'],
  [
    'one newly fails',
    { checksBefore: [ran('a', 0)], checksAfter: [ran('a', 1)], draft: true },
    'failure',
    'Checks newly fail',
  ],
  [
    'one failed before as well',
    { checksBefore: [ran('a', 1)], checksAfter: [ran('a', 1), ran('b', 0)] },
    'neutral',
    '1 of 2 checks passed',
  ],
  ['none were run', {}, 'neutral', 'No checks were run'],
  [
    'it is a draft',
    { checksAfter: [ran('a', 0)], draft: true },
    'neutral',
    'Draft: the pull request says why. 1 of 1 check passed',
  ],
  [
    'no model took part',
    { checksAfter: [ran('a', 0)], draft: true, noModel: true },
    'neutral',
    'No AI model was used. 1 of 1 check passed',
  ],
] as const)('when %s', (_case, facts, conclusion, title) => {
  expect(verdict(facts)).toMatchObject({ conclusion, title })
})

test('the table says what ran, without secrets', () => {
  const checks = { checksBefore: [ran('npm test', 0)], checksAfter: [ran('npm test', 2)] }
  const { summary } = verdict({ ...checks, agents: ['claude-code'] })
  expect(summary).toContain('| `npm test` | ✅ passed')
  expect(summary).toContain('the key is [redacted]')
  expect(summary).toMatch(/<sub>Made by: Claude Code<\/sub>$/)
  expect(summary).not.toContain('hunter2')
})
