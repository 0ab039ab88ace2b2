import { APIConnectionError, APIError } from 'openai'
import { ModelError, type ModelErrorClass } from '../model-error.ts'
import { retryAfter } from '../retry-after.ts'
import { upstreamCause } from '../upstream-cause.ts'

/** An error that came inside a stream or a failed response: it has a code but no status. */
export interface OpenAIStreamError {
  readonly code?: string | null | undefined
  readonly type?: string | null | undefined
  readonly message?: string | undefined
}

/** What went wrong with a request to OpenAI, as a ModelError; decided by status, type and code only. */
export function classifyOpenAIError(
  error: unknown,
  { model, apiKey, inStream }: { model: string; apiKey: string; inStream?: OpenAIStreamError },
): ModelError {
  const known = error instanceof APIError ? error : undefined
  const facts = {
    status: known?.status,
    code: inStream?.code ?? known?.code,
    type: inStream?.type ?? known?.type,
  }
  const failed = known instanceof APIConnectionError || (!known && !inStream)
  const errorClass = failed ? 'transient' : classify(facts, known?.param)
  return new ModelError({
    class: errorClass,
    provider: 'openai',
    model,
    userMessage: explain(errorClass, model, facts.status),
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

/** Billing hides under 429: `type` says `insufficient_quota`, `code` which limit. */
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

function classify(
  {
    status,
    code,
    type,
  }: { status: number | undefined; code: string | null | undefined; type: string | null | undefined },
  param: string | null | undefined,
): ModelErrorClass {
  const named = BY_CODE[code ?? ''] ?? BY_CODE[type ?? '']
  if (named) return named
  if (code && /_policy(_violation)?$/.test(code)) return 'refusal'
  // A replayed item that the server no longer knows, not a missing model.
  if (status === 404 && param?.startsWith('input')) return 'thinking'
  if (status === undefined) {
    return /^(?:invalid|image|unsupported|empty|failed_to_download)_/.test(code ?? '')
      ? 'bad_request'
      : 'transient'
  }
  return BY_STATUS[status] ?? (status >= 500 ? 'transient' : 'bad_request')
}

function explain(errorClass: ModelErrorClass, model: string, status: number | undefined): string {
  const answered = status === undefined ? '' : ` (status ${status})`
  switch (errorClass) {
    case 'overloaded':
      return `OpenAI is overloaded${answered}.`
    case 'rate_limited':
      return `OpenAI’s rate limit is reached${answered}.`
    case 'billing':
      return `The OpenAI account has no credit or reached its spend limit${answered}; see Billing on the OpenAI platform.`
    case 'auth':
      return `OpenAI refused the key${answered}; check OPENAI_API_KEY and what it may do.`
    case 'model_missing':
      return `OpenAI does not know the model ${model}${answered}; check BACKSPACE_MODELS and OPENAI_BASE_URL.`
    case 'context':
      return `The request is too long for ${model}${answered}.`
    case 'thinking':
    case 'bad_request':
      return `OpenAI rejected the request${answered}.`
    case 'refusal':
      return `${model} declined to go on.`
    case 'hang':
    case 'transient':
      return status === undefined
        ? 'The connection to OpenAI failed or broke off.'
        : `OpenAI failed${answered}.`
  }
}
