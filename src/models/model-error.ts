import type { ProviderName } from './transcript.ts'

/**
 * Decides what happens next; taken from status and error type, never from message text.
 * - `transient`, `hang`: try the same provider again, then the next.
 * - `overloaded`: two quick tries, then the next.
 * - `rate_limited`: wait when told to and short, else the next.
 * - `billing`, `auth`, `model_missing`: no retry; the next.
 * - `context`: the request is too long for this model.
 * - `thinking`: replayed reasoning was rejected; strip it once.
 * - `bad_request`: deterministic; repair once, never loop.
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
  /** One line for people: no key, no upstream body. */
  readonly userMessage: string
  /** One line per model when a whole chain failed, in the order they were asked. */
  readonly reasons: readonly string[]
  /** What a refusal was about, in the provider's words (`cyber`, `bio` …). */
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
