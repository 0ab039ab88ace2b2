import { calcPrice } from '@pydantic/genai-prices'
import type { ProviderName } from './transcript.ts'

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
