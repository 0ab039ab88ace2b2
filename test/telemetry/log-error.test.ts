import { expect, test } from 'vitest'
import { BackspaceError } from '../../src/errors.ts'
import { createLogError } from '../../src/telemetry/logger.ts'

test('what is understood is a warning in words for people, the rest an error', () => {
  const lines: unknown[][] = []
  const take =
    (level: string) =>
    (facts: unknown, message?: string, ..._args: unknown[]): void => {
      lines.push([level, message, facts])
    }
  const logError = createLogError({ warn: take('warn'), error: take('error') })
  const known = new BackspaceError('github_unavailable', 'GitHub does not answer. Try again.')
  const wrapped = new Error('chore failed', { cause: known })
  const unknown = new Error('boom')
  logError(known, { chore: 'github-deliveries' })
  logError(wrapped)
  logError(unknown, { runId: 'r1' })
  expect(lines).toEqual([
    ['warn', known.userMessage, { err: known, chore: 'github-deliveries' }],
    ['warn', known.userMessage, { err: wrapped }],
    ['error', 'internal error', { err: unknown, runId: 'r1' }],
  ])
})
