import { expect, test } from 'vitest'
import type { AuditLog } from '../../src/audit/audit-log.ts'
import type { Sandbox, SandboxProvider } from '../../src/sandbox/sandbox.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { countMasks, meterDeliveries, meterSandboxes } from '../../src/wiring/meter-work.ts'

const fails = { runId: 'fails', timeoutMs: 1, egress: { allowHosts: [] } }
const works = { ...fails, runId: 'works' }

function provider(): SandboxProvider {
  const open = (id: string) =>
    ({ id, pause: async () => undefined, kill: async () => undefined }) as unknown as Sandbox
  return {
    kind: 'e2b',
    reachesGitHub: true,
    async create({ runId, signal }) {
      if (runId === 'fails') throw signal?.aborted ? signal.reason : new Error('no capacity')
      return open(runId)
    },
    attach: async (id) => open(id),
    kill: async () => undefined,
    list: async () => [],
  }
}

test('sandboxes are counted while they are open, and those that could not be created', async () => {
  const metrics = createMetrics()
  const sandboxes = meterSandboxes(metrics, provider())
  const sandbox = await sandboxes.create(works)
  await expect(sandboxes.create(fails)).rejects.toThrow('no capacity')
  await expect(sandboxes.create({ ...fails, signal: AbortSignal.abort() })).rejects.toThrow()
  expect(sandboxes.openNow()).toBe(1)
  await sandbox.pause?.()
  expect(sandboxes.openNow()).toBe(0)
  await (await sandboxes.attach('works')).kill()
  await sandboxes.create(works)
  await sandboxes.kill('works')
  expect(sandboxes.openNow()).toBe(0)
  const text = await metrics.render()
  expect(text).toContain('backspace_sandboxes_total{kind="e2b",result="created"} 2')
  expect(text).toContain('backspace_sandboxes_total{kind="e2b",result="failed"} 1')
  expect(text).toContain('backspace_sandbox_start_seconds_count{kind="e2b"} 2')
})

test('a webhook is timed from its arrival, and one that could not be handled is counted', async () => {
  const metrics = createMetrics()
  const delivery = { deliveryId: 'd', event: 'issues', payload: '', contentKey: '', receivedAt: new Date(0) }
  await meterDeliveries(metrics, async () => undefined)(delivery)
  const failing = meterDeliveries(metrics, async () => {
    throw new Error('GitHub is away')
  })
  await expect(failing(delivery)).rejects.toThrow('GitHub is away')
  const text = await metrics.render()
  expect(text).toContain('backspace_webhooks_handled_total{event="issues",result="handled"} 1')
  expect(text).toContain('backspace_webhooks_handled_total{event="issues",result="failed"} 1')
  expect(text).toContain('backspace_webhook_handled_seconds_count 1')
})

test('texts in which a run masked a secret are counted', async () => {
  const metrics = createMetrics()
  const audit = countMasks(metrics, { append: async () => undefined } as unknown as AuditLog)
  await audit.append({ kind: 'text.masked', actor: 'backspace', runId: 'r', facts: { texts: 3 } })
  expect(await metrics.render()).toContain('backspace_masked_texts_total 3')
})
