import { type ModelRef, parseModelRef } from '../models/model.ts'
import type { SettingsReader } from './settings-reader.ts'

export interface ModelsSettings {
  /** Tried in this order. */
  readonly chain: readonly ModelRef[]
  readonly anthropic: ProviderSettings | undefined
  readonly openai: ProviderSettings | undefined
}

export interface ProviderSettings {
  readonly apiKey: string
  readonly baseUrl: string | undefined
}

export function readModelsSettings(reader: SettingsReader): ModelsSettings {
  const chain: ModelRef[] = []
  for (const item of reader.list('BACKSPACE_MODELS')) {
    const ref = parseModelRef(item)
    if (ref) chain.push(ref)
    else {
      reader.problem(
        `BACKSPACE_MODELS has "${item}"; write anthropic:<model id> or openai:<model id>, separated by commas.`,
      )
    }
  }
  return {
    chain,
    anthropic: readProvider(reader, 'ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL'),
    openai: readProvider(reader, 'OPENAI_API_KEY', 'OPENAI_BASE_URL'),
  }
}

function readProvider(
  reader: SettingsReader,
  keyName: 'ANTHROPIC_API_KEY' | 'OPENAI_API_KEY',
  urlName: 'ANTHROPIC_BASE_URL' | 'OPENAI_BASE_URL',
): ProviderSettings | undefined {
  const apiKey = reader.get(keyName)
  const baseUrl = reader.url(urlName)
  return apiKey ? { apiKey, baseUrl } : undefined
}
