import type { Model } from '../model.ts'
import { ModelError } from '../model-error.ts'

/**
 * What a run ends with when no model of the chain can go on: the last error, with every reason and the models it holds for.
 *
 * @param reasons why each model cannot be used.
 * @param last the error of the model asked last; undefined when none could be asked.
 */
export function chainError(
  models: readonly Model[],
  reasons: ReadonlyMap<Model, ModelError>,
  last: ModelError | undefined,
): ModelError {
  const namesByReason = new Map<string, string[]>()
  for (const model of models) {
    const reason = reasons.get(model)?.userMessage
    if (reason) namesByReason.set(reason, [...(namesByReason.get(reason) ?? []), model.name])
  }
  const lines = [...namesByReason].map(([reason, names]) => `${names.join(', ')}: ${reason}`)
  const error = last ?? [...reasons.values()].at(-1)
  return new ModelError({
    class: error?.class ?? 'transient',
    provider: error?.provider ?? 'scripted',
    model: error?.model ?? 'none',
    userMessage: models.length > 1 ? lines.join(' ') : (error?.userMessage ?? lines.join('')),
    status: error?.status,
    retryAfterMs: error?.retryAfterMs,
    category: error?.category,
    reasons: lines,
    cause: error,
  })
}
