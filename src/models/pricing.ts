import { calcPrice } from '@pydantic/genai-prices'
import { countTokens, type ProviderName, type Usage } from './transcript.ts'

/** The prices that an operator configured for a model: dollars per million tokens. */
export interface TokenPrices {
  readonly input: number
  readonly output: number
  /** For input that is read from the provider's cache; default: `input`. `cacheWrite` is for input written to it. */
  readonly cacheRead?: number | undefined
  readonly cacheWrite?: number | undefined
}

/**
 * The cost of one turn in dollars, by the operator's prices, or else by the table in the package, without network.
 * Undefined when neither has the model, or the server counted no tokens. Scripted models cost 0.
 *
 * @param cacheWrite1h those tokens of `usage.cacheWrite` that Anthropic keeps for an hour, which costs more.
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
    // The table wants the total, including cached tokens.
    input_tokens: usage.input + usage.cacheRead + usage.cacheWrite,
    cache_read_tokens: usage.cacheRead,
    cache_write_tokens: usage.cacheWrite,
    cache_write_1h_tokens: Math.min(cacheWrite1h, usage.cacheWrite),
    output_tokens: usage.output,
  }
  try {
    return lookUp(units, { provider, model, at })?.total_price
  } catch {
    // The counts contradict each other, so there is no price. A run must not fail because of its bill.
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

/**
 * How many tokens a model can read at once, according to the table of prices; undefined when the table does not say.
 */
export function contextWindow({
  provider,
  model,
}: {
  readonly provider: ProviderName
  readonly model: string
}): number | undefined {
  return lookUp({ input_tokens: 0, output_tokens: 0 }, { provider, model })?.model.context_window
}

/** The table's names for the providers whose prices it has. A server of another provider has prices of its own. */
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
