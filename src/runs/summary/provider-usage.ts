import type { ModelTurnEvent } from '../../agent/agent-event.ts'

export interface UsageByProvider {
  readonly provider: string
  readonly turns: number
  readonly knownCostUsd: number
  readonly unpricedTurns: number
}

/** How much a run used a provider. */
export interface ProviderCost {
  readonly provider: string
  readonly turns: number
  /** Dollars; null when the price of a model is unknown. */
  readonly costUsd: number | null
}

/** A provider that did not answer every request at once. */
export interface ProviderTrouble {
  readonly provider: string
  /** Number of requests that were repeated. */
  readonly retries: number
  /** How often another model took over. */
  readonly fallbacks: number
}

export function withProvider(
  providers: readonly UsageByProvider[],
  { provider, costUsd }: ModelTurnEvent,
): readonly UsageByProvider[] {
  const known = providers.find((other) => other.provider === provider)
  const next = {
    provider,
    turns: (known?.turns ?? 0) + 1,
    knownCostUsd: (known?.knownCostUsd ?? 0) + (costUsd ?? 0),
    unpricedTurns: (known?.unpricedTurns ?? 0) + (costUsd === null ? 1 : 0),
  }
  return known ? providers.map((other) => (other === known ? next : other)) : [...providers, next]
}

/**
 * Counts one more retry or fallback of the model's provider.
 *
 * @param model `anthropic:claude-opus-5-5`. A name without a colon is itself the provider.
 */
export function withTrouble(
  troubles: readonly ProviderTrouble[],
  model: string,
  kind: 'retries' | 'fallbacks',
): readonly ProviderTrouble[] {
  const provider = model.split(':', 1)[0] ?? model
  const known = troubles.find((other) => other.provider === provider)
  const before = known ?? { provider, retries: 0, fallbacks: 0 }
  const next = { ...before, [kind]: before[kind] + 1 }
  return known ? troubles.map((other) => (other === known ? next : other)) : [...troubles, next]
}
