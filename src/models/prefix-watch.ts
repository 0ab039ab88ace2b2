import { checkPrefix, type RequestShape } from './check-prefix.ts'
import type { RespondOptions } from './model.ts'

/** Told when a request breaks what the last answered one of the same conversation promised. */
export type OnViolation = (violation: string) => void

/** Watches the requests of one model. */
export interface PrefixWatch {
  /** Checks a request about to be sent, and returns what to call once it was answered. */
  check(request: RequestShape, options: RespondOptions): () => void
}

/**
 * A broken prefix is a bug of ours: tests fail on it, production counts it and goes on. Conversations are told
 * apart by their cache key; leaving out reasoning begins a new one on purpose.
 */
export function createPrefixWatch(onViolation: OnViolation | undefined): PrefixWatch {
  if (!onViolation) return { check: () => () => {} }
  let answered: { request: RequestShape; conversation: string } | undefined
  return {
    check(request, { cacheKey = '', omitReasoningBefore = 0 }) {
      const conversation = `${cacheKey}#${omitReasoningBefore}`
      if (answered && answered.conversation === conversation) {
        for (const violation of checkPrefix(answered.request, request)) onViolation(violation)
      }
      return () => {
        answered = { request, conversation }
      }
    },
  }
}
