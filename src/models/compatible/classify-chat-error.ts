import { APIConnectionError, APIError } from 'openai'
import {
  explainError,
  ModelError,
  type ModelErrorClass,
  type ProviderFacts,
  retryAfter,
  upstreamCause,
} from '../model-error.ts'
import { classOfOpenAIError } from '../openai/classify-openai-error.ts'
import type { CompatibleName } from '../transcript.ts'
import { compatibleVariables } from './compatible-variables.ts'

/** What error messages about a server of Chat Completions need to know about it. */
function compatibleFacts(provider: CompatibleName): ProviderFacts {
  const { baseUrl, apiKey } = compatibleVariables(provider)
  return {
    name: provider,
    keyVariable: apiKey,
    urlVariable: baseUrl,
    billingPage: 'the billing page of its operator',
  }
}

/**
 * Turns whatever a request to a server of Chat Completions threw into a ModelError. Only status, type and code decide
 * on its class.
 */
export function classifyChatError(
  error: unknown,
  { provider, model, apiKey }: { provider: CompatibleName; model: string; apiKey: string },
): ModelError {
  const known = error instanceof APIError ? error : undefined
  const failed = !known || known instanceof APIConnectionError
  const status = known?.status ?? statusInCode(known?.code)
  const facts = { status, code: known?.code, type: known?.type, param: known?.param }
  const errorClass: ModelErrorClass = failed ? 'transient' : classOf(facts)
  return new ModelError({
    class: errorClass,
    provider,
    model,
    userMessage: explainError(errorClass, { provider: compatibleFacts(provider), model, status }),
    status,
    retryAfterMs: retryAfter(known?.headers),
    cause: upstreamCause({
      text: error instanceof Error ? error.message : undefined,
      requestId: known?.requestID ?? undefined,
      apiKey,
    }),
  })
}

/** Gateways put the status of the server behind them into the code of an error inside a stream. */
function statusInCode(code: unknown): number | undefined {
  const number = typeof code === 'string' || typeof code === 'number' ? Number(code) : Number.NaN
  return Number.isInteger(number) && number >= 400 && number < 600 ? number : undefined
}

function classOf(facts: Parameters<typeof classOfOpenAIError>[0]): ModelErrorClass {
  // Servers in Python answer 422 when they do not know a field.
  return facts.status === 422 ? 'bad_request' : classOfOpenAIError(facts)
}
