import { createHash } from 'node:crypto'

/** Makes a request of an API caller repeatable; pass it to `submitRun`. */
interface Idempotency {
  /** The same key finds the same run for 24 hours. */
  readonly key: string
  /** The same key with another fingerprint is a conflict. */
  readonly fingerprint: string
}

/**
 * From the `Idempotency-Key` header of an API caller. Keys of different callers never collide.
 *
 * @param request.body the raw body, or any other text that is equal exactly when the request is.
 */
export function idempotencyOf(request: {
  readonly caller: string
  readonly key: string
  readonly body: string | Uint8Array
}): Idempotency {
  return {
    key: `code:${createHash('sha256').update(`${request.caller}\n${request.key}`).digest('base64url')}`,
    fingerprint: createHash('sha256').update(request.body).digest('base64url'),
  }
}
