import type { BedrockSettings, VertexSettings } from '../anthropic/claude-host.ts'
import type { KnownServers } from '../compatible/compatible.ts'
import { compatibleVariables, NO_KEY } from '../compatible/compatible-variables.ts'
import { isCompatible, type Model, type ModelRef } from '../model.ts'
import type { ModelError } from '../model-error.ts'
import type { OnViolation } from '../prefix-check.ts'
import type { TokenPrices } from '../pricing.ts'
import { createFallbackModel, type ModelRetries } from './fallback.ts'
import type { ProviderBreaker } from './provider-breaker.ts'

/** A provider's key, and the address of its API if that is not the public one. */
interface ProviderAccess {
  readonly apiKey: string
  readonly baseUrl?: string | undefined
}

/** A server that speaks Chat Completions, and its key if it wants one. */
interface CompatibleAccess {
  readonly baseUrl: string
  readonly apiKey?: string | undefined
}

/** How to reach each provider. A provider that is absent here is not used. */
export interface ModelAccess {
  readonly anthropic?: ProviderAccess | undefined
  readonly openai?: ProviderAccess | undefined
  readonly bedrock?: BedrockSettings | undefined
  readonly vertex?: VertexSettings | undefined
  /** Servers of Chat Completions by provider: `compatible`, `compatible-groq`. */
  readonly compatible?: Readonly<Record<string, CompatibleAccess>> | undefined
  /** The prices that the operator configured, by `provider:id`. */
  readonly prices?: Readonly<Record<string, TokenPrices>> | undefined
}

export interface ModelChainOptions {
  /** Models in the order of preference. */
  readonly refs: readonly ModelRef[]
  readonly access: ModelAccess
  /** Share one in the whole process, so that runs learn from each other. */
  readonly breaker?: ProviderBreaker | undefined
  /** Share one in the whole process, so that each server is probed once. */
  readonly knownServers?: KnownServers | undefined
  readonly retry?: ModelRetries | undefined
  /** Called with each attempt that failed. */
  readonly onFailure?: ((error: ModelError) => void) | undefined
  readonly idleTimeoutMs?: number | undefined
  readonly totalTimeoutMs?: number | undefined
  /** Required, since a broken prefix raises no error: it only loses the cache and Claude's thinking. */
  readonly onViolation: OnViolation
}

export interface ModelChain {
  /** The model for one run; undefined when no model of the chain has a key. */
  readonly model: Model | undefined
  /** For each provider that is not used, one line with the reason. */
  readonly unavailable: readonly string[]
}

/**
 * Builds the model of one run from the configuration: a fallback over every model whose provider has a key. It loads
 * only the SDKs that these models need.
 */
export async function createModelChain(options: ModelChainOptions): Promise<ModelChain> {
  const created = await Promise.all(withoutRepeats(options.refs).map((ref) => createModel(ref, options)))
  const models = created.filter((model) => model !== undefined)
  const { breaker, retry, onFailure } = options
  return {
    model: models.length === 0 ? undefined : createFallbackModel({ models, breaker, retry, onFailure }),
    unavailable: whyUnused(options),
  }
}

/**
 * Drops repeats: a request may name a model that is configured anyway, and a model that failed must not be asked again.
 */
function withoutRepeats(refs: readonly ModelRef[]): ModelRef[] {
  return [...new Map(refs.map((ref) => [`${ref.provider}:${ref.id}`, ref])).values()]
}

/** @returns undefined when the provider cannot be reached for lack of a key or an address. */
export async function createModel(ref: ModelRef, options: ModelChainOptions): Promise<Model | undefined> {
  const { access, idleTimeoutMs, totalTimeoutMs, onViolation, knownServers: known = new Map() } = options
  const { anthropic, openai, bedrock, vertex, compatible = {} } = access
  const { provider } = ref
  const prices = access.prices?.[`${provider}:${ref.id}`]
  const shared = { model: ref.id, prices, idleTimeoutMs, totalTimeoutMs, onViolation }
  if (isCompatible(provider)) {
    const server = compatible[provider]
    if (!server) return undefined
    const { createCompatibleModel } = await import('../compatible/compatible.ts')
    const { baseUrl, apiKey = NO_KEY } = server
    return createCompatibleModel({ ...shared, baseUrl, apiKey, provider, known })
  }
  switch (provider) {
    case 'anthropic': {
      if (!anthropic) return undefined
      const { createAnthropicModel } = await import('../anthropic/anthropic.ts')
      return createAnthropicModel({ ...shared, ...anthropic })
    }
    case 'bedrock': {
      if (!bedrock) return undefined
      const [{ createClaudeModel }, { createBedrockHost }] = await loadClaude()
      return createClaudeModel(shared, await createBedrockHost(bedrock, totalTimeoutMs))
    }
    case 'vertex': {
      if (!vertex) return undefined
      const [{ createClaudeModel }, { createVertexHost }] = await loadClaude()
      return createClaudeModel(shared, await createVertexHost(vertex, totalTimeoutMs))
    }
    case 'openai': {
      if (!openai) return undefined
      const { createOpenAIModel } = await import('../openai/openai.ts')
      return createOpenAIModel({ ...shared, ...openai })
    }
    case 'scripted': {
      const { createScriptedModel } = await import('../scripted.ts')
      return createScriptedModel({ path: ref.id })
    }
  }
}

function loadClaude() {
  return Promise.all([import('../anthropic/anthropic.ts'), import('../anthropic/claude-host.ts')])
}

/** Why Anthropic, OpenAI or another provider that the chain names is not used. */
function whyUnused({ refs, access }: ModelChainOptions): string[] {
  const named = new Set(refs.map(({ provider }) => provider))
  const missing = (line: string) => [line]
  const keyed = (title: string, provider: 'anthropic' | 'openai', keyName: string) => {
    if (!access[provider]) return missing(`${title}: ${keyName} is not set`)
    return named.has(provider)
      ? []
      : missing(`${title}: the model chain (BACKSPACE_MODELS) names none of its models`)
  }
  const others = [...named].flatMap((provider) => {
    if (provider === 'bedrock' && !access.bedrock) return missing('Amazon Bedrock: AWS_REGION is not set')
    if (provider === 'vertex' && !access.vertex)
      return missing('Vertex AI: CLOUD_ML_REGION or ANTHROPIC_VERTEX_PROJECT_ID is not set')
    if (isCompatible(provider) && !access.compatible?.[provider])
      return missing(`${provider}: ${compatibleVariables(provider).baseUrl} is not set`)
    return []
  })
  // An operator who names only other providers did not forget the two usual ones.
  const isOther = refs.length > 0 && !named.has('anthropic') && !named.has('openai')
  const usual = [
    ...keyed('Anthropic', 'anthropic', 'ANTHROPIC_API_KEY'),
    ...keyed('OpenAI', 'openai', 'OPENAI_API_KEY'),
  ]
  return isOther ? others : [...usual, ...others]
}
