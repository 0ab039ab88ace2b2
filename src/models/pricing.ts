import { calcPrice } from '@pydantic/genai-prices'
import { countTokens, type ProviderName, type Usage } from './transcript.ts'

/**
 * Dollars of one turn, from the price table bundled with the package (no network).
 * Undefined when the table does not know the model, or the server counted nothing. Scripted models have no price: 0.
 *
 * @param cacheWrite1h tokens of `usage.cacheWrite` that were written with Anthropic's one-hour lifetime, which
 * costs more.
 */
export function priceTurn({
  provider,
  model,
  usage,
  cacheWrite1h = 0,
  at = new Date(),
}: {
  provider: ProviderName
  model: string
  usage: Usage
  cacheWrite1h?: number
  at?: Date
}): number | undefined {
  if (provider === 'scripted') return 0
  if (countTokens(usage) === 0) return undefined
  const units = {
    // The table wants the total, cached tokens included.
    input_tokens: usage.input + usage.cacheRead + usage.cacheWrite,
    cache_read_tokens: usage.cacheRead,
    cache_write_tokens: usage.cacheWrite,
    cache_write_1h_tokens: Math.min(cacheWrite1h, usage.cacheWrite),
    output_tokens: usage.output,
  }
  try {
    return calcPrice(units, model, { providerId: provider, timestamp: at })?.total_price
  } catch {
    // Counts that contradict each other have no price; a run must not fail over its bill.
    return undefined
  }
}

/** Tokens that a model can read at once, by the table that the prices come from; undefined when it is not known. */
export function contextWindow({
  provider,
  model,
}: {
  readonly provider: ProviderName
  readonly model: string
}): number | undefined {
  const known = calcPrice({ input_tokens: 0, output_tokens: 0 }, model, { providerId: provider })
  return known?.model.context_window
}
