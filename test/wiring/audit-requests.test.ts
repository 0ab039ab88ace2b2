import { expect, test } from 'vitest'
import type { AuditEntry } from '../../src/audit/audit-entry.ts'
import { readConfig } from '../../src/config.ts'
import { BackspaceError } from '../../src/errors.ts'
import { auditRefusals, auditStart, auditStops } from '../../src/wiring/audit-requests.ts'

function openAudit() {
  const entries: AuditEntry[] = []
  return { entries, append: async (entry: AuditEntry) => void entries.push(entry), chainSoon: () => {} }
}

test('a request that a limit refuses is recorded with the limit, and still refused', async () => {
  const audit = openAudit()
  const submit = auditRefusals(audit, async () => {
    throw new BackspaceError('rate_limited', 'Too many.', { facts: { limit: 'runs_per_hour' } })
  })
  const request = {
    trigger: 'code',
    repository: { owner: 'acme', name: 'api' },
    prompt: 'a secret plan',
    requester: { login: 'ci' },
    options: {},
    tainted: false,
  } as const
  await expect(submit({ key: 'code:1', request })).rejects.toThrow('Too many.')
  expect(audit.entries).toMatchObject([
    { kind: 'request.refused', actor: 'token:ci', facts: { rule: 'runs_per_hour', asked: 'code:1' } },
  ])
  expect(JSON.stringify(audit.entries)).not.toContain('secret plan')
})

test('a stop is recorded when it stopped something', async () => {
  const audit = openAudit()
  const stop = auditStops(audit, async (id) => (id === 'run-1' ? 'cancelled' : 'not_found'))
  expect([await stop('run-1', 'Stopped by @ada.'), await stop('other', 'x')]).toEqual([
    'cancelled',
    'not_found',
  ])
  expect(audit.entries).toMatchObject([{ kind: 'run.stop_asked', runId: 'run-1' }])
})

test('the hash of the settings changes with the settings, not with the secrets', async () => {
  const audit = openAudit()
  const key = (letter: string) => `sk-ant-${'x1Y2z3W4'.repeat(4)}${letter.repeat(8)}`
  for (const env of [
    { ANTHROPIC_API_KEY: key('a') },
    { ANTHROPIC_API_KEY: key('b') },
    { ANTHROPIC_API_KEY: key('b'), BACKSPACE_MAX_STEPS: '7' },
  ]) {
    await auditStart(audit, readConfig({ DATA_DIR: 'data', ...env }))
  }
  const [first, second, third] = audit.entries.map(({ facts }) => 'settings' in facts && facts.settings)
  expect(first).toMatch(/^[0-9a-f]{64}$/)
  expect(second).toBe(first)
  expect(third).not.toBe(first)
})
