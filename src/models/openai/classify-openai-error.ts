import { APIConnectionError, APIError } from 'openai'
import {
  explainError,
  ModelError,
  type ModelErrorClass,
  type ProviderFacts,
  retryAfter,
  upstreamCause,
} from '../model-error.ts'

/** An error inside a stream or a failed response. It has a code but no status. */
export interface OpenAIStreamError {
  readonly code?: string | null | undefined
  readonly type?: string | null | undefined
  readonly message?: string | undefined
}

const OPENAI: ProviderFacts = {
  name: 'OpenAI',
  keyVariable: 'OPENAI_API_KEY',
  urlVariable: 'OPENAI_BASE_URL',
  billingPage: 'Billing on the OpenAI platform',
}

/** Turns whatever a request to OpenAI threw into a ModelError. Only status, type and code decide on its class. */
export function classifyOpenAIError(
  error: unknown,
  { model, apiKey, inStream }: { model: string; apiKey: string; inStream?: OpenAIStreamError },
): ModelError {
  const known = error instanceof APIError ? error : undefined
  const facts = {
    status: known?.status,
    code: inStream?.code ?? known?.code,
    type: inStream?.type ?? known?.type,
    param: known?.param,
  }
  const failed = known instanceof APIConnectionError || (!known && !inStream)
  const errorClass = failed ? 'transient' : classOfOpenAIError(facts)
  return new ModelError({
    class: errorClass,
    provider: 'openai',
    model,
    userMessage: explainError(errorClass, { provider: OPENAI, model, status: facts.status }),
    status: facts.status,
    retryAfterMs: retryAfter(known?.headers),
    category: errorClass === 'refusal' ? (facts.code ?? undefined) : undefined,
    cause: upstreamCause({
      text: inStream?.message ?? (error instanceof Error ? error.message : undefined),
      requestId: known?.requestID ?? undefined,
      apiKey,
    }),
  })
}

/** OpenAI reports billing problems as 429: `type` is `insufficient_quota`, and `code` names the limit. */
const BY_CODE: Readonly<Record<string, ModelErrorClass>> = {
  insufficient_quota: 'billing',
  billing_hard_limit_reached: 'billing',
  billing_not_active: 'billing',
  credit_balance_exhausted: 'billing',
  organization_spend_limit_exceeded: 'billing',
  project_spend_limit_exceeded: 'billing',
  organization_usage_limit_exceeded: 'billing',
  rate_limit_exceeded: 'rate_limited',
  rate_limit_error: 'rate_limited',
  slow_down: 'overloaded',
  server_overloaded: 'overloaded',
  server_is_overloaded: 'overloaded',
  invalid_api_key: 'auth',
  model_not_found: 'model_missing',
  context_length_exceeded: 'context',
  invalid_encrypted_content: 'thinking',
  content_filter: 'refusal',
}

const BY_STATUS: Readonly<Record<number, ModelErrorClass>> = {
  401: 'auth',
  402: 'billing',
  403: 'auth',
  404: 'model_missing',
  408: 'transient',
  409: 'transient',
  413: 'context',
  429: 'rate_limited',
  503: 'overloaded',
}

/** The class of an error from a server that answers as OpenAI does. `param` names the field that is wrong. */
export function classOfOpenAIError({
  status,
  code,
  type,
  param,
}: {
  readonly status: number | undefined
  readonly code: string | null | undefined
  readonly type: string | null | undefined
  readonly param?: string | null | undefined
}): ModelErrorClass {
  const named = BY_CODE[code ?? ''] ?? BY_CODE[type ?? '']
  if (named) return named
  if (code && /_policy(_violation)?$/.test(code)) return 'refusal'
  // The server does not know an item that was sent back to it. The model exists.
  if (status === 404 && param?.startsWith('input')) return 'thinking'
  if (status === undefined) {
    return /^(?:invalid|image|unsupported|empty|failed_to_download)_/.test(code ?? '')
      ? 'bad_request'
      : 'transient'
  }
  return BY_STATUS[status] ?? (status >= 500 ? 'transient' : 'bad_request')
}
