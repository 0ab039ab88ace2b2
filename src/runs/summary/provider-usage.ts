import type { ModelTurnEvent } from '../../agent/agent-event.ts'

export interface UsageByProvider {
  readonly provider: string
  readonly turns: number
  readonly knownCostUsd: number
  readonly unpricedTurns: number
}

/** What a provider did for a run. */
export interface ProviderCost {
  readonly provider: string
  readonly turns: number
  /** Dollars; null when a price is unknown. */
  readonly costUsd: number | null
}

/** A provider that did not answer at once. */
export interface ProviderTrouble {
  readonly provider: string
  /** Requests that were repeated. */
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
 * Counts one more.
 *
 * @param model `anthropic:claude-opus-5-5`; a name without a provider counts as one.
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
