import type { Model, ModelRef } from '../model.ts'
import type { ModelError } from '../model-error.ts'
import type { OnViolation } from '../prefix-check.ts'
import { createFallbackModel, type ModelRetries } from './fallback.ts'
import type { ProviderBreaker } from './provider-breaker.ts'

/** A provider's key, and the address of its API when it is not the public one. */
interface ProviderAccess {
  readonly apiKey: string
  readonly baseUrl?: string | undefined
}

export interface ModelChainOptions {
  /** Models in the order of preference. */
  readonly refs: readonly ModelRef[]
  readonly anthropic?: ProviderAccess | undefined
  readonly openai?: ProviderAccess | undefined
  /** One per process. */
  readonly breaker?: ProviderBreaker | undefined
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
    unavailable: [
      ...whyUnused('Anthropic', { options, provider: 'anthropic', keyName: 'ANTHROPIC_API_KEY' }),
      ...whyUnused('OpenAI', { options, provider: 'openai', keyName: 'OPENAI_API_KEY' }),
    ],
  }
}

/** A request may name a model of the configuration, and what failed is not asked again under the same name. */
function withoutRepeats(refs: readonly ModelRef[]): ModelRef[] {
  return [...new Map(refs.map((ref) => [`${ref.provider}:${ref.id}`, ref])).values()]
}

async function createModel(ref: ModelRef, options: ModelChainOptions): Promise<Model | undefined> {
  const { anthropic, openai, idleTimeoutMs, totalTimeoutMs, onViolation } = options
  const shared = { model: ref.id, idleTimeoutMs, totalTimeoutMs, onViolation }
  switch (ref.provider) {
    case 'anthropic': {
      if (!anthropic) return undefined
      const { createAnthropicModel } = await import('../anthropic/anthropic.ts')
      return createAnthropicModel({ ...shared, ...anthropic })
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

function whyUnused(
  title: string,
  {
    options,
    provider,
    keyName,
  }: { options: ModelChainOptions; provider: 'anthropic' | 'openai'; keyName: string },
): string[] {
  if (!options[provider]) return [`${title}: ${keyName} is not set`]
  return options.refs.some((ref) => ref.provider === provider)
    ? []
    : [`${title}: the model chain (BACKSPACE_MODELS) names none of its models`]
}
