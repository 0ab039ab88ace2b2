import type { Model } from '../model.ts'
import { ModelError } from '../model-error.ts'

/** Remembers, for the whole process, which providers are known not to answer. */
export interface ProviderBreaker {
  /** The error for which the provider was taken out of use; undefined while it may be asked. */
  blockedBy(provider: string): ModelError | undefined
  /** Takes the error's provider out of use if the error is about its account. Other errors change nothing. */
  trip(error: ModelError): void
  /** The providers that are out of use now. */
  blocked(): readonly BlockedProvider[]
}

/** A provider that is not asked for some time. */
export interface BlockedProvider {
  readonly provider: string
  /** What is wrong with its account, for people: `refuses the key`. */
  readonly why: string
  readonly until: Date
}

/**
 * An account without money or with a bad key fails every run in the same way. Once one run has found that out, later
 * runs go to the next provider at once, for `openMs` milliseconds. Make one per process and pass it to every chain.
 */
export function createProviderBreaker({
  openMs = 600_000,
  now = Date.now,
}: {
  openMs?: number
  now?: () => number
} = {}): ProviderBreaker {
  const open = new Map<string, { readonly error: ModelError; readonly until: number }>()
  return {
    blockedBy(provider) {
      const entry = open.get(provider)
      return entry && entry.until > now() ? entry.error : undefined
    },
    trip(error) {
      if (error.class !== 'billing' && error.class !== 'auth') return
      open.set(error.provider, { error, until: now() + openMs })
    },
    blocked: () =>
      [...open].flatMap(([provider, { error, until }]) =>
        until > now() ? [{ provider, why: WHY[error.class] ?? 'failed', until: new Date(until) }] : [],
      ),
  }
}

const WHY: Readonly<Partial<Record<ModelError['class'], string>>> = {
  billing: 'says that the account has no money left',
  auth: 'refuses the key',
}

/**
 * The error that ends a run when no model of the chain can go on: the last error, with every reason and the models that
 * it applies to.
 *
 * @param reasons why each model cannot be used.
 * @param last the error of the model that was asked last; undefined when none could be asked.
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
