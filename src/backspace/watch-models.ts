import type { ModelError } from '../models/model-error.ts'
import type { OnViolation } from '../models/prefix-watch.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** Who is told what goes wrong between a run and its models. */
export interface ModelWatch {
  readonly onViolation: OnViolation
  /** Told of each attempt that failed; what the provider said is the error's cause. */
  readonly onFailure: (error: ModelError) => void
}

/** Tells the operator. People read in the run what became of it; only here stands what the provider said, and its request id. */
export function watchModels(
  { metrics, logger }: { readonly metrics: Pick<Metrics, 'count'>; readonly logger: Logger },
  runId: string,
): ModelWatch {
  return {
    onViolation(violation) {
      metrics.count('backspace_transcript_violations_total')
      logger.error({ runId, violation }, 'a request to a model does not continue the one before')
    },
    onFailure(error) {
      const { class: errorClass, provider, model } = error
      const level = needsOperator(error) ? 'error' : 'warn'
      logger[level](
        { err: error, runId, errorClass, model: `${provider}:${model}` },
        'a model did not answer',
      )
    },
  }
}

/** What does not pass by itself: somebody has to pay, or to change the configuration. */
function needsOperator({ class: errorClass }: ModelError): boolean {
  return errorClass === 'billing' || errorClass === 'auth' || errorClass === 'model_missing'
}
