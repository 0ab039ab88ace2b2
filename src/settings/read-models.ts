import type { ModelAccess } from '../models/chain/create-model-chain.ts'
import { compatibleVariables, providerOf } from '../models/compatible/compatible-variables.ts'
import { isCompatible, type ModelRef, parseModelRef } from '../models/model.ts'
import type { TokenPrices } from '../models/pricing.ts'
import { readCredential } from './read-credential.ts'
import type { SettingsReader } from './settings-reader.ts'

export interface ModelsSettings extends ModelAccess {
  /** The models, in the order in which they are tried. */
  readonly chain: readonly ModelRef[]
  readonly compatible: Readonly<Record<string, CompatibleSettings>>
  readonly prices: Readonly<Record<string, TokenPrices>>
}

interface CompatibleSettings {
  readonly baseUrl: string
  /** Undefined for a server that needs none. */
  readonly apiKey: string | undefined
}

export function readModelsSettings(reader: SettingsReader): ModelsSettings {
  const chain = readChain(reader)
  const compatible = readCompatible(reader)
  for (const { provider } of chain) {
    if (!isCompatible(provider) || compatible[provider]) continue
    const { baseUrl } = compatibleVariables(provider)
    reader.problem(`BACKSPACE_MODELS names a model of ${provider}, but ${baseUrl} is not set.`)
  }
  return {
    chain,
    anthropic: readProvider(reader, 'ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL'),
    openai: readProvider(reader, 'OPENAI_API_KEY', 'OPENAI_BASE_URL'),
    ...readClouds(reader, chain),
    compatible,
    prices: readPrices(reader),
  }
}

const HOW =
  'write anthropic:<model id>, openai:<model id>, bedrock:<model id>, vertex:<model id> or compatible:<model id>, separated by commas.'

function readChain(reader: SettingsReader): ModelRef[] {
  return reader.list('BACKSPACE_MODELS').flatMap((item) => {
    const ref = parseModelRef(item)
    if (ref) return [ref]
    const shown = item.length < 16 || item.includes(':') ? `"${item}"` : 'an item without a provider'
    reader.problem(`BACKSPACE_MODELS has ${shown}; ${HOW}`)
    return []
  })
}

function readProvider(
  reader: SettingsReader,
  keyName: 'ANTHROPIC_API_KEY' | 'OPENAI_API_KEY',
  urlName: 'ANTHROPIC_BASE_URL' | 'OPENAI_BASE_URL',
): ModelAccess['anthropic'] {
  const baseUrl = reader.url(urlName)
  const apiKey = readCredential(reader, keyName, { elsewhere: baseUrl !== undefined })
  return apiKey ? { apiKey, baseUrl } : undefined
}

/**
 * Reads the settings of clouds that the chain names. Those of other clouds are ignored, since their variables are often
 * set for something else.
 */
function readClouds(
  reader: SettingsReader,
  chain: readonly ModelRef[],
): Pick<ModelAccess, 'bedrock' | 'vertex'> {
  const names = (provider: string) => chain.some((ref) => ref.provider === provider)
  const required = (
    name: 'AWS_REGION' | 'CLOUD_ML_REGION' | 'ANTHROPIC_VERTEX_PROJECT_ID',
    which: string,
  ) => {
    const value = reader.get(name)
    if (value === undefined)
      reader.problem(`BACKSPACE_MODELS names a model of ${which}, but ${name} is not set.`)
    else if (/^[\w.:-]+$/.test(value)) return value
    else reader.problem(`${name} is not the name of a region or project.`)
    return ''
  }
  return {
    bedrock: names('bedrock')
      ? { region: required('AWS_REGION', 'bedrock'), baseUrl: reader.url('ANTHROPIC_BEDROCK_BASE_URL') }
      : undefined,
    vertex: names('vertex')
      ? {
          region: required('CLOUD_ML_REGION', 'vertex'),
          projectId: required('ANTHROPIC_VERTEX_PROJECT_ID', 'vertex'),
          baseUrl: reader.url('ANTHROPIC_VERTEX_BASE_URL'),
        }
      : undefined,
  }
}

function readCompatible(reader: SettingsReader): Record<string, CompatibleSettings> {
  const providers = [...new Set(reader.compatibleVariables().map(providerOf))]
  return Object.fromEntries(
    providers.flatMap((provider): [string, CompatibleSettings][] => {
      const names = compatibleVariables(provider)
      const baseUrl = reader.url(names.baseUrl)
      const apiKey = readCredential(reader, names.apiKey, { elsewhere: true })
      if (baseUrl !== undefined) return [[provider, { baseUrl, apiKey }]]
      if (apiKey !== undefined && !reader.has(names.baseUrl))
        reader.problem(`${names.apiKey} is set, but ${names.baseUrl} is not: where is the server?`)
      return []
    }),
  )
}

/** Reads `provider:id=input/output`, optionally with `/cache read/cache write`, in dollars per million tokens. */
function readPrices(reader: SettingsReader): Record<string, TokenPrices> {
  return Object.fromEntries(
    reader.list('BACKSPACE_PRICES').flatMap((item): [string, TokenPrices][] => {
      const [, name = '', written = ''] = /^([^=]+)=([\d./]+)$/.exec(item) ?? []
      const amounts = written
        .split('/')
        .map((amount) => (/^\d{1,6}(?:\.\d{1,9})?$/.test(amount) ? Number(amount) : Number.NaN))
      const [input, output, cacheRead, cacheWrite] = amounts
      if (
        !parseModelRef(name) ||
        input === undefined ||
        output === undefined ||
        amounts.length > 4 ||
        amounts.some(Number.isNaN)
      ) {
        reader.problem(
          'BACKSPACE_PRICES has an item that is not a price; write provider:id=input/output in dollars per million tokens, such as compatible:qwen3=0.2/0.6, separated by commas.',
        )
        return []
      }
      return [[name, { input, output, cacheRead, cacheWrite }]]
    }),
  )
}
