import type { Database } from '../db/database.ts'
import { knownError } from '../errors.ts'
import { countLiveRuns } from '../runs/count-live-runs.ts'
import type { DeliveryStore } from '../runs/deliveries/delivery-store.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** What `/metrics` answers: counters of this process, and how many runs of the deployment wait and run. */
export async function renderServiceMetrics(metrics: Metrics, db: Database): Promise<string> {
  // Whoever scrapes wants the counters also while the database is away.
  const live = await countLiveRuns(db).catch(() => undefined)
  if (!live) return metrics.render()
  return metrics.render({ backspace_runs_waiting: live.waiting, backspace_runs_running: live.running })
}

/** Counts requests that were refused, by the error's code. */
export function countRefusals<I, O>(
  metrics: Metrics,
  submit: (input: I) => Promise<O>,
): (input: I) => Promise<O> {
  return async (input) => {
    try {
      return await submit(input)
    } catch (error) {
      const reason = knownError(error)?.code
      if (reason !== undefined) metrics.count('backspace_requests_refused_total', { reason })
      throw error
    }
  }
}

/** Counts webhooks that were accepted, new ones and repeats. */
export function countDeliveries(
  metrics: Metrics,
  accept: DeliveryStore['acceptDelivery'],
): DeliveryStore['acceptDelivery'] {
  return async (delivery) => {
    const status = await accept(delivery)
    metrics.count('backspace_webhooks_total', { event: delivery.event, status })
    return status
  }
}
