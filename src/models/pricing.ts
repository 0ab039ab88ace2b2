import { calcPrice } from '@pydantic/genai-prices'
import { countTokens, type ProviderName, type Usage } from './transcript.ts'

/** What an operator says that a model costs: dollars per million tokens. */
export interface TokenPrices {
  readonly input: number
  readonly output: number
  /** Of input that is read from the provider's cache, or written to it; default: as other input. */
  readonly cacheRead?: number | undefined
  readonly cacheWrite?: number | undefined
}

/**
 * Dollars of one turn: by the operator's prices, else by the table bundled with the package (no network).
 * Undefined when neither knows the model, or the server counted nothing. Scripted models have no price: 0.
 *
 * @param cacheWrite1h tokens of `usage.cacheWrite` that were written with Anthropic's one-hour lifetime, which
 * costs more.
 */
export function priceTurn({
  provider,
  model,
  usage,
  cacheWrite1h = 0,
  prices,
  at = new Date(),
}: {
  provider: ProviderName
  model: string
  usage: Usage
  cacheWrite1h?: number
  prices?: TokenPrices | undefined
  at?: Date
}): number | undefined {
  if (provider === 'scripted') return 0
  if (countTokens(usage) === 0) return undefined
  if (prices) return priceBy(prices, usage)
  const units = {
    // The table wants the total, cached tokens included.
    input_tokens: usage.input + usage.cacheRead + usage.cacheWrite,
    cache_read_tokens: usage.cacheRead,
    cache_write_tokens: usage.cacheWrite,
    cache_write_1h_tokens: Math.min(cacheWrite1h, usage.cacheWrite),
    output_tokens: usage.output,
  }
  try {
    return lookUp(units, { provider, model, at })?.total_price
  } catch {
    // Counts that contradict each other have no price; a run must not fail over its bill.
    return undefined
  }
}

function priceBy(
  { input, output, cacheRead = input, cacheWrite = input }: TokenPrices,
  usage: Usage,
): number {
  const { input: fresh, output: written, ...cached } = usage
  const dollars =
    fresh * input + written * output + cached.cacheRead * cacheRead + cached.cacheWrite * cacheWrite
  return dollars / 1_000_000
}

/** Tokens that a model can read at once, by the table that the prices come from; undefined when it is not known. */
export function contextWindow({
  provider,
  model,
}: {
  readonly provider: ProviderName
  readonly model: string
}): number | undefined {
  return lookUp({ input_tokens: 0, output_tokens: 0 }, { provider, model })?.model.context_window
}

/** The table's names of those whose prices it knows. A model costs something else on each server. */
const IN_TABLE: Readonly<Record<string, string>> = {
  anthropic: 'anthropic',
  bedrock: 'aws',
  vertex: 'google',
  openai: 'openai',
}

function lookUp(
  units: Parameters<typeof calcPrice>[0],
  {
    provider,
    model,
    at = new Date(),
  }: { readonly provider: ProviderName; readonly model: string; readonly at?: Date },
): ReturnType<typeof calcPrice> {
  const providerId = IN_TABLE[provider]
  return providerId === undefined ? null : calcPrice(units, model, { providerId, timestamp: at })
}
