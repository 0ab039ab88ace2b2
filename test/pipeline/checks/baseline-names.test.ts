import { expect, test } from 'vitest'
import { createBaselineNames } from '../../../src/pipeline/checks/baseline-names.ts'
import type { Run } from '../../../src/runs/run.ts'
import type { NamedCheck } from '../../../src/verify/run-named-checks.ts'

const CHECK: NamedCheck = {
  result: { command: 'npm test', exitCode: 1, durationMs: 10, tail: '' },
  tests: [{ name: 'a.test.js > adds', status: 'passed' }],
  log: { sha256: 'ab', bytes: 2 },
  redWords: { sha256: 'cd', said: { count: 1, names: ['error: coverage is below 90 %'] } },
}

test.each([
  'this attempt',
  'a later attempt',
])('all that is known of a run before the change is there in %s', async (which) => {
  const kept = new Map<string, unknown>()
  const effects = {
    keep: async ({ name, result }: { readonly name: string; readonly result: unknown }) =>
      void kept.set(name, JSON.parse(JSON.stringify(result))),
    result: async ({ name }: { readonly name: string }) => kept.get(name),
  }
  const attempt = { run: { id: 'r', request: {} } as Run, number: 1 }
  const create = () => createBaselineNames(effects, attempt, async () => undefined)
  const first = create()
  await first.keep({ checks: [CHECK], setup: [] })
  const names = which === 'this attempt' ? first : create()
  expect(await names.of([CHECK.result])).toEqual([CHECK])
  // A run that ended otherwise is another one.
  const passed = { ...CHECK.result, exitCode: 0 }
  expect(await names.of([passed])).toEqual([{ result: passed }])
})
