import type { AuditLog } from '../audit/audit-log.ts'
import type { StoredDelivery } from '../runs/deliveries/delivery.ts'
import type { Run } from '../runs/run.ts'
import type { Sandbox, SandboxProvider } from '../sandbox/sandbox.ts'
import type { Metrics } from '../telemetry/metrics.ts'

type Recorder = Pick<Metrics, 'count' | 'time'>

/** A provider that counts and times its sandboxes. */
export interface MeteredSandboxes extends SandboxProvider {
  /** How many sandboxes this process has open. */
  openNow(): number
}

/** Wraps a provider so that new sandboxes are counted and timed. A paused sandbox does not count as open. */
export function meterSandboxes(metrics: Recorder, provider: SandboxProvider): MeteredSandboxes {
  const { kind } = provider
  const open = new Set<string>()

  function opened(sandbox: Sandbox): Sandbox {
    open.add(sandbox.id)
    const close = () => void open.delete(sandbox.id)
    const pause = sandbox.pause?.bind(sandbox)
    const metered = { ...sandbox, kill: () => sandbox.kill().finally(close) }
    return pause ? { ...metered, pause: () => pause().then(close) } : metered
  }

  return {
    ...provider,
    openNow: () => open.size,
    async create(request) {
      const started = performance.now()
      try {
        const sandbox = opened(await provider.create(request))
        metrics.time('backspace_sandbox_start_seconds', { kind }, (performance.now() - started) / 1000)
        metrics.count('backspace_sandboxes_total', { kind, result: 'created' })
        return sandbox
      } catch (error) {
        // If the run was stopped while it waited, the failure says nothing about the provider.
        if (!request.signal?.aborted) metrics.count('backspace_sandboxes_total', { kind, result: 'failed' })
        throw error
      }
    },
    attach: async (id) => opened(await provider.attach(id)),
    kill: (id) => provider.kill(id).finally(() => open.delete(id)),
  }
}

/** Records how long a run waited for its first start. */
export function timeWait(
  metrics: Recorder,
  { run, attempt }: { readonly run: Run; readonly attempt: number },
) {
  if (attempt === 1) metrics.time('backspace_run_wait_seconds', {}, secondsSince(run.createdAt))
}

/** Wraps the handling of deliveries: counts them, and times them from their arrival. */
export function meterDeliveries(
  metrics: Recorder,
  deliver: (delivery: StoredDelivery) => Promise<void>,
): (delivery: StoredDelivery) => Promise<void> {
  return async (delivery) => {
    const { event, receivedAt } = delivery
    try {
      await deliver(delivery)
    } catch (error) {
      metrics.count('backspace_webhooks_handled_total', { event, result: 'failed' })
      throw error
    }
    metrics.count('backspace_webhooks_handled_total', { event, result: 'handled' })
    metrics.time('backspace_webhook_handled_seconds', {}, secondsSince(receivedAt))
  }
}

/** Wraps the audit log: counts the texts in which runs masked secrets. */
export function countMasks(metrics: Recorder, audit: AuditLog): AuditLog {
  return {
    ...audit,
    append(entry) {
      if (entry.kind === 'text.masked') {
        metrics.count('backspace_masked_texts_total', {}, entry.facts.texts)
      }
      return audit.append(entry)
    },
  }
}

function secondsSince(date: Date): number {
  return (Date.now() - date.getTime()) / 1000
}
