import { createHash } from 'node:crypto'

/** Lets an API caller repeat a request without starting a second run; pass it to `submitRun`. */
interface Idempotency {
  /** The same key finds the same run for 24 hours. */
  readonly key: string
  /** Tells whether two requests are the same. The same key with another fingerprint is a conflict. */
  readonly fingerprint: string
}

/**
 * Reads the `Idempotency-Key` header of an API caller. Keys of different callers never collide.
 *
 * @param request.body the raw body, or any text that two requests share only if they are the same request.
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
