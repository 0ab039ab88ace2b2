import { isRecord } from '../../text/is-record.ts'
import { readUpTo } from '../../text/read-up-to.ts'
import type { ProviderModelOptions } from '../ask-provider.ts'
import type { TokenPrices } from '../pricing.ts'
import type { ModelCard } from './server-features.ts'

const TIMEOUT_MS = 10_000
/** OpenRouter lists hundreds of models in 2 MB. */
const MAX_BYTES = 16 * 1024 * 1024
const PER_MILLION = 1_000_000

/**
 * Names that servers give to the context window: OpenRouter, vLLM, Groq, LM Studio and Mistral. llama.cpp has it in
 * `meta`.
 */
const WINDOWS = [
  'context_length',
  'max_model_len',
  'context_window',
  'max_context_length',
  'n_ctx',
  'n_ctx_train',
]

/**
 * Reads what a server says about a model in its list of models. Not every server has such a list and nothing depends on
 * it, so no failure is an error.
 */
export async function readModelCard(
  { baseUrl, apiKey, model }: Pick<ProviderModelOptions, 'apiKey' | 'model' | 'baseUrl'>,
  signal: AbortSignal,
): Promise<ModelCard> {
  try {
    const response = await fetch(`${baseUrl}/models`, {
      headers: { accept: 'application/json', authorization: `Bearer ${apiKey}`, 'api-key': apiKey },
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    const bytes = response.ok ? await readUpTo(response, MAX_BYTES) : undefined
    const entry = bytes && entryOf(JSON.parse(bytes.toString('utf8')), model)
    return entry ? cardOf(entry) : {}
  } catch {
    signal.throwIfAborted()
    return {}
  }
}

function entryOf(list: unknown, model: string): Record<string, unknown> | undefined {
  const entries: unknown = isRecord(list) ? (list.data ?? list.models) : list
  if (!Array.isArray(entries)) return undefined
  return entries.find(
    (entry): entry is Record<string, unknown> => isRecord(entry) && (entry.id ?? entry.name) === model,
  )
}

function cardOf(entry: Record<string, unknown>): ModelCard {
  const { meta, pricing } = entry
  const places = [entry, ...(isRecord(meta) ? [meta] : [])]
  const windows = places.flatMap((place) => WINDOWS.map((name) => place[name]))
  const contextWindow = windows.find(
    (value): value is number => Number.isSafeInteger(value) && Number(value) >= 1024,
  )
  return { contextWindow, prices: isRecord(pricing) ? pricesOf(pricing) : undefined }
}

/** OpenRouter states dollars per token, as text. */
function pricesOf(pricing: Record<string, unknown>): TokenPrices | undefined {
  const perMillion = (name: string) => {
    const value = typeof pricing[name] === 'string' ? Number(pricing[name]) : Number.NaN
    return Number.isFinite(value) && value >= 0 ? value * PER_MILLION : undefined
  }
  const input = perMillion('prompt')
  const output = perMillion('completion')
  if (input === undefined || output === undefined) return undefined
  return {
    input,
    output,
    cacheRead: perMillion('input_cache_read'),
    cacheWrite: perMillion('input_cache_write'),
  }
}
