import { createRedact } from '../secrets/redact.ts'
import type { ProviderName } from './transcript.ts'

/**
 * The kind of an error, which decides what happens next. It follows from the status and error type, never from the
 * message.
 *
 * - `transient`, `hang`: try the same provider again, then the next.
 * - `overloaded`: keep trying the same one for most of a minute, then the next.
 * - `rate_limited`: wait if Retry-After is short, else go to the next.
 * - `billing`, `auth`, `model_missing`: do not retry; go to the next.
 * - `context`: the request is too long for this model.
 * - `thinking`: replayed reasoning was rejected; leave it out once.
 * - `bad_request`: a repeat would fail too; repair the request once, never loop.
 * - `refusal`: the model declined.
 */
export type ModelErrorClass =
  | 'transient'
  | 'hang'
  | 'overloaded'
  | 'rate_limited'
  | 'billing'
  | 'auth'
  | 'model_missing'
  | 'context'
  | 'thinking'
  | 'bad_request'
  | 'refusal'

export class ModelError extends Error {
  readonly class: ModelErrorClass
  readonly provider: ProviderName
  readonly model: string
  readonly status: number | undefined
  readonly retryAfterMs: number | undefined
  /** One line for people, without keys and without the provider's answer. */
  readonly userMessage: string
  /** When a whole chain failed: one line per model, in the order in which they were asked. */
  readonly reasons: readonly string[]
  /** The subject of a refusal in the provider's words (`cyber`, `bio` …). */
  readonly category: string | undefined

  constructor(fields: {
    class: ModelErrorClass
    provider: ProviderName
    model: string
    userMessage: string
    status?: number | undefined
    retryAfterMs?: number | undefined
    reasons?: readonly string[]
    category?: string | undefined
    cause?: unknown
  }) {
    super(
      `${fields.provider}:${fields.model} ${fields.class}: ${fields.userMessage}`,
      fields.cause === undefined ? undefined : { cause: fields.cause },
    )
    this.name = 'ModelError'
    this.class = fields.class
    this.provider = fields.provider
    this.model = fields.model
    this.status = fields.status
    this.retryAfterMs = fields.retryAfterMs
    this.userMessage = fields.userMessage
    this.reasons = fields.reasons ?? []
    this.category = fields.category
  }
}

/** A provider's name for people, and the page where they fix an account problem. */
export interface ProviderFacts {
  readonly name: string
  readonly keyVariable: string
  readonly urlVariable: string
  /** Such as `Billing in the Claude Console`. */
  readonly billingPage: string
}

/** Says in one line for people why a model did not answer: what happened, and what to check. */
export function explainError(
  errorClass: ModelErrorClass,
  {
    provider,
    model,
    status,
  }: { readonly provider: ProviderFacts; readonly model: string; readonly status: number | undefined },
): string {
  const { name, keyVariable, urlVariable, billingPage } = provider
  const answered = status === undefined ? '' : ` (status ${status})`
  switch (errorClass) {
    case 'overloaded':
      return `${name} is overloaded${answered}.`
    case 'rate_limited':
      return `${name}’s rate limit is reached${answered}.`
    case 'billing':
      return `The ${name} account has no credit or reached its spend limit${answered}; see ${billingPage}.`
    case 'auth':
      return `${name} refused the key${answered}; check ${keyVariable} and what it may do.`
    case 'model_missing':
      return `${name} does not know the model ${model}${answered}; check BACKSPACE_MODELS and ${urlVariable}.`
    case 'context':
      return `The request is too long for ${model}${answered}.`
    case 'thinking':
    case 'bad_request':
      return `${name} rejected the request${answered}.`
    case 'refusal':
      return `${model} declined to continue.`
    case 'hang':
    case 'transient':
      return status === undefined
        ? `The connection to ${name} failed or broke off.`
        : `${name} failed${answered}.`
  }
}

/**
 * How many milliseconds a provider asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date. Undefined
 * when it does not ask.
 */
export function retryAfter(headers: Headers | undefined, now: number = Date.now()): number | undefined {
  const exact = Number.parseFloat(headers?.get('retry-after-ms') ?? '')
  if (Number.isFinite(exact)) return Math.max(0, exact)
  const text = headers?.get('retry-after')
  if (!text) return undefined
  const seconds = Number(text)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/**
 * What a provider answered, for the log: cut to a limit and without secrets. The SDKs' errors themselves are never
 * attached as `cause`, since they carry headers and whole bodies.
 */
export function upstreamCause({
  text,
  requestId,
  apiKey,
}: {
  text: string | undefined
  requestId: string | undefined
  apiKey: string
}): Error {
  const said = createRedact([apiKey])(text ?? 'no details').slice(0, 500)
  return new Error(requestId ? `${said} (request ${requestId})` : said)
}
