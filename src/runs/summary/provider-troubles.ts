import type { RunTotals } from '../run-event.ts'

/** A provider that did not answer at once: how often it was asked again, and left for another. */
export type ProviderTrouble = NonNullable<RunTotals['troubles']>[number]

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
