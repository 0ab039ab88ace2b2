import type { Model } from './model.ts'
import { ModelError } from './model-error.ts'

/**
 * What a run ends with when no model of the chain can go on: the last error, with one reason per model.
 *
 * @param reasons why each model cannot be used.
 * @param last the error of the model asked last; undefined when none could be asked.
 */
export function chainError(
  models: readonly Model[],
  reasons: ReadonlyMap<Model, ModelError>,
  last: ModelError | undefined,
): ModelError {
  const lines = models.flatMap((model) => {
    const reason = reasons.get(model)
    return reason ? [`${model.name}: ${reason.userMessage}`] : []
  })
  const error = last ?? [...reasons.values()].at(-1)
  return new ModelError({
    class: error?.class ?? 'transient',
    provider: error?.provider ?? 'scripted',
    model: error?.model ?? 'none',
    userMessage:
      lines.length > 1 ? `No model can go on. ${lines.join(' ')}` : (error?.userMessage ?? lines.join('')),
    status: error?.status,
    retryAfterMs: error?.retryAfterMs,
    category: error?.category,
    reasons: lines,
    cause: error,
  })
}
