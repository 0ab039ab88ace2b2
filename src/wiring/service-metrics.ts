import type { Config } from '../config.ts'
import type { Database } from '../db/database.ts'
import { knownError } from '../errors.ts'
import type { ModelError } from '../models/model-error.ts'
import type { OnViolation } from '../models/prefix-check.ts'
import { whyDiskIsFull } from '../readiness/check-storage.ts'
import type { DeliveryStore } from '../runs/deliveries/delivery-store.ts'
import { countWaitingDeliveries } from '../runs/deliveries/delivery-worker.ts'
import { countLiveRuns } from '../runs/store/run-rows.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { within } from '../time/within.ts'
import type { MeteredSandboxes } from './meter-work.ts'

/** The text for `/metrics`: counters of this process, and how much of the deployment's work waits and runs. */
export async function renderServiceMetrics(
  metrics: Metrics,
  db: Database,
  {
    config,
    sandboxes,
    openStreams,
  }: {
    readonly config: Config
    readonly sandboxes: Pick<MeteredSandboxes, 'openNow'>
    readonly openStreams: number
  },
): Promise<string> {
  const ours = {
    backspace_run_slots: config.role === 'web' ? 0 : config.concurrency,
    backspace_sandboxes_open: sandboxes.openNow(),
    backspace_event_streams_open: openStreams,
  }
  // The counters are useful even while the database is away.
  const [runs, webhooks] = await Promise.all([
    countLiveRuns(db).catch(() => undefined),
    countWaitingDeliveries(db).catch(() => undefined),
  ])
  return metrics.render({
    ...ours,
    backspace_runs_waiting: runs?.waiting,
    backspace_runs_running: runs?.running,
    backspace_runs_oldest_waiting_seconds: runs?.oldestWaiting,
    backspace_paused: runs?.paused,
    backspace_webhooks_waiting: webhooks?.waiting,
    backspace_webhooks_oldest_waiting_seconds: webhooks?.oldestWaiting,
  })
}

/** A database that takes longer than this to answer counts as away. */
const PING_MS = 2_000

/** What keeps the service from working; empty when it is ready. */
export async function problemsOf(db: Database, config: Config): Promise<readonly string[]> {
  const [answers, full] = await Promise.all([within(PING_MS, db.ping()), whyDiskIsFull(config)])
  return [answers ? undefined : 'The database does not answer.', full].filter((why) => why !== undefined)
}

/** Wraps `submit` so that refused requests are counted by error code. */
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

/** Wraps `accept` so that accepted webhooks are counted, new ones and repeats, and timed. */
export function countDeliveries(
  metrics: Metrics,
  accept: DeliveryStore['acceptDelivery'],
): DeliveryStore['acceptDelivery'] {
  return async (delivery) => {
    const started = performance.now()
    const status = await accept(delivery)
    metrics.time('backspace_webhook_answer_seconds', {}, (performance.now() - started) / 1000)
    metrics.count('backspace_webhooks_total', { event: delivery.event, status })
    return status
  }
}

/** Receives the problems that runs have with their models. */
export interface ModelProblemListener {
  readonly onViolation: OnViolation
  /** Called for each failed request; the provider's own answer is the error's cause. */
  readonly onFailure: (error: ModelError) => void
}

/**
 * Counts problems with models and logs them for the operator. The run shows how a problem ended; only the log has the
 * provider's own answer and the request id.
 */
export function listenToModels(
  { metrics, logger }: { readonly metrics: Pick<Metrics, 'count'>; readonly logger: Logger },
  runId: string,
): ModelProblemListener {
  return {
    onViolation(violation) {
      metrics.count('backspace_transcript_violations_total', {})
      logger.error({ runId, violation }, 'a request to a model does not continue the previous one')
    },
    onFailure(error) {
      const { class: errorClass, provider, model } = error
      metrics.count('backspace_model_failures_total', { provider, class: errorClass })
      const level = needsOperator(error) ? 'error' : 'warn'
      logger[level](
        { err: error, runId, errorClass, model: `${provider}:${model}` },
        'a model did not answer',
      )
    },
  }
}

/** Whether an error does not pass with time: the operator has to pay, or to change the configuration. */
function needsOperator({ class: errorClass }: ModelError): boolean {
  return errorClass === 'billing' || errorClass === 'auth' || errorClass === 'model_missing'
}
