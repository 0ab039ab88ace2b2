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

/** What a message about a server of Chat Completions says of it. */
function compatibleFacts(provider: CompatibleName): ProviderFacts {
  const { baseUrl, apiKey } = compatibleVariables(provider)
  return {
    name: provider,
    keyVariable: apiKey,
    urlVariable: baseUrl,
    billingPage: 'the billing page of its operator',
  }
}

/** What went wrong with a request to a server of Chat Completions; decided by status, type and code only. */
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

/** Gateways put the status of the server behind them into an error that comes inside a stream. */
function statusInCode(code: unknown): number | undefined {
  const number = typeof code === 'string' || typeof code === 'number' ? Number(code) : Number.NaN
  return Number.isInteger(number) && number >= 400 && number < 600 ? number : undefined
}

function classOf(facts: Parameters<typeof classOfOpenAIError>[0]): ModelErrorClass {
  // 422 is what servers in Python answer to a field that they do not know.
  return facts.status === 422 ? 'bad_request' : classOfOpenAIError(facts)
}
