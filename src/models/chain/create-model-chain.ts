import type { BedrockSettings, VertexSettings } from '../anthropic/claude-host.ts'
import type { KnownServers } from '../compatible/compatible.ts'
import { compatibleVariables, NO_KEY } from '../compatible/compatible-variables.ts'
import { isCompatible, type Model, type ModelRef } from '../model.ts'
import type { ModelError } from '../model-error.ts'
import type { OnViolation } from '../prefix-check.ts'
import type { TokenPrices } from '../pricing.ts'
import { createFallbackModel, type ModelRetries } from './fallback.ts'
import type { ProviderBreaker } from './provider-breaker.ts'

/** A provider's key, and the address of its API when it is not the public one. */
interface ProviderAccess {
  readonly apiKey: string
  readonly baseUrl?: string | undefined
}

/** A server of Chat Completions, and its key if it wants one. */
interface CompatibleAccess {
  readonly baseUrl: string
  readonly apiKey?: string | undefined
}

/** How each provider is reached; one without is not used. */
export interface ModelAccess {
  readonly anthropic?: ProviderAccess | undefined
  readonly openai?: ProviderAccess | undefined
  readonly bedrock?: BedrockSettings | undefined
  readonly vertex?: VertexSettings | undefined
  /** Servers of Chat Completions by provider: `compatible`, `compatible-groq`. */
  readonly compatible?: Readonly<Record<string, CompatibleAccess>> | undefined
  /** What the operator says that models cost, by `provider:id`. */
  readonly prices?: Readonly<Record<string, TokenPrices>> | undefined
}

export interface ModelChainOptions {
  /** Models in the order of preference. */
  readonly refs: readonly ModelRef[]
  readonly access: ModelAccess
  /** One per process. */
  readonly breaker?: ProviderBreaker | undefined
  /** One per process. */
  readonly knownServers?: KnownServers | undefined
  readonly retry?: ModelRetries | undefined
  /** Called with each attempt that failed. */
  readonly onFailure?: ((error: ModelError) => void) | undefined
  readonly idleTimeoutMs?: number | undefined
  readonly totalTimeoutMs?: number | undefined
  /** Required: a broken prefix raises no error, it only loses the cache and Claude's thinking. */
  readonly onViolation: OnViolation
}

export interface ModelChain {
  /** For one run; undefined when no model of the chain has a key. */
  readonly model: Model | undefined
  /** One line per provider that is not used, saying why. */
  readonly unavailable: readonly string[]
}

/**
 * Builds the model of one run from configuration: a fallback over every model whose provider has a key. Of the
 * providers' SDKs only those are loaded that it needs.
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

/** A request may name a model of the configuration, and what failed is not asked again under the same name. */
function withoutRepeats(refs: readonly ModelRef[]): ModelRef[] {
  return [...new Map(refs.map((ref) => [`${ref.provider}:${ref.id}`, ref])).values()]
}

/** @returns undefined without access to the provider. */
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

/** What the two usual providers lack, and others that the chain names. */
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
  // Without its usual providers a chain is complete: nothing of theirs is missing there.
  const isOther = refs.length > 0 && !named.has('anthropic') && !named.has('openai')
  const usual = [
    ...keyed('Anthropic', 'anthropic', 'ANTHROPIC_API_KEY'),
    ...keyed('OpenAI', 'openai', 'OPENAI_API_KEY'),
  ]
  return isOther ? others : [...usual, ...others]
}
