import { APIConnectionError, APIError } from '@anthropic-ai/sdk'
import { explainError, ModelError, type ModelErrorClass, retryAfter, upstreamCause } from '../model-error.ts'
import type { ClaudeHost } from './claude-host.ts'

/** Turns whatever a request to Anthropic threw into a ModelError. Only status, type and code decide on its class. */
export function classifyAnthropicError(
  error: unknown,
  { host: { provider, facts, secret }, model }: { readonly host: ClaudeHost; readonly model: string },
): ModelError {
  const known = error instanceof APIError ? error : undefined
  const waitMs = retryAfter(known?.headers)
  const isLimit = waitMs !== undefined || provider !== 'anthropic'
  const errorClass = known ? classify(known, isLimit) : 'transient'
  return new ModelError({
    class: errorClass,
    provider,
    model,
    userMessage: explainError(errorClass, { provider: facts, model, status: known?.status }),
    status: known?.status,
    retryAfterMs: waitMs,
    cause: upstreamCause({
      text: known?.apiMessage ?? (error instanceof Error ? error.message : undefined),
      requestId: known?.requestID ?? undefined,
      apiKey: secret,
    }),
  })
}

const BY_CODE: Readonly<Record<string, ModelErrorClass>> = {
  enforced_spend_limit_reached: 'billing',
  contract_spend_limit_reached: 'billing',
  linked_organization_spend_limit_reached: 'billing',
  linked_organization_billing_unavailable: 'billing',
  user_profile_not_billable: 'billing',
  user_profile_billing_not_authorized: 'billing',
  ramp_limit_exceeded: 'rate_limited',
  organization_on_hold: 'auth',
  organization_type_not_supported: 'auth',
  parent_organization_required: 'auth',
  claude_code_key_creator_not_member: 'auth',
  cmek_key_disabled: 'auth',
  cmek_key_network_blocked: 'auth',
  sandbox_egress_restricted: 'auth',
  cmek_key_unreachable: 'transient',
  cmek_context_unavailable: 'transient',
  model_not_available: 'model_missing',
  request_body_too_large_after_decoding: 'context',
}

/** Errors inside a stream have a type but no status. */
const BY_TYPE: Readonly<Record<string, ModelErrorClass>> = {
  overloaded_error: 'overloaded',
  billing_error: 'billing',
  authentication_error: 'auth',
  permission_error: 'auth',
  not_found_error: 'model_missing',
  request_too_large: 'context',
  invalid_request_error: 'bad_request',
}

const BY_STATUS: Readonly<Record<number, ModelErrorClass>> = {
  401: 'auth',
  402: 'billing',
  403: 'auth',
  404: 'model_missing',
  408: 'transient',
  409: 'transient',
  413: 'context',
  529: 'overloaded',
}

/** @param isLimit whether a 429 is a rate limit, which passes with time. */
function classify(error: APIError, isLimit: boolean): ModelErrorClass {
  if (error instanceof APIConnectionError) return 'transient'
  const byCode = BY_CODE[error.errorCode ?? '']
  if (byCode) return byCode
  const { status, type } = error
  // Anthropic answers 429 without Retry-After when a spend limit is reached, and waiting does not help. The clouds
  // never send Retry-After.
  if (status === 429) return isLimit ? 'rate_limited' : 'billing'
  if (status === undefined) {
    if (type === 'rate_limit_error') return 'rate_limited'
    return BY_TYPE[type ?? ''] ?? 'transient'
  }
  if (type === 'billing_error') return 'billing'
  if (type === 'overloaded_error') return 'overloaded'
  return BY_STATUS[status] ?? (status >= 500 ? 'transient' : 'bad_request')
}
