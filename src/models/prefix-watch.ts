import { checkPrefix, type RequestShape } from './check-prefix.ts'
import { checkTranscript } from './check-transcript.ts'
import type { RespondOptions } from './model.ts'
import { segmentStart } from './segment.ts'
import type { Transcript } from './transcript.ts'

/** Told when a transcript breaks its contract, or a request what the last answered one promised. */
export type OnViolation = (violation: string) => void

/** Watches the requests of one model. */
export interface PrefixWatch {
  /** Checks what is about to be sent, and returns what to call once it was answered. */
  check(sending: Sending): () => void
}

interface Sending {
  readonly transcript: Transcript
  readonly request: RequestShape
  readonly options: RespondOptions
}

/**
 * A broken prefix is a bug of ours: tests fail on it, production counts it and goes on. Conversations are told
 * apart by their cache key; leaving out reasoning and compaction begin a new one on purpose.
 */
export function createPrefixWatch(onViolation: OnViolation | undefined): PrefixWatch {
  if (!onViolation) return { check: () => () => {} }
  let answered: { request: RequestShape; conversation: string } | undefined
  return {
    check({ transcript, request, options: { cacheKey = '', omitReasoningBefore = 0 } }) {
      const conversation = `${cacheKey}#${omitReasoningBefore}#${segmentStart(transcript)}`
      const known = answered?.conversation === conversation ? answered.request : undefined
      const broken = known ? checkPrefix(known, request) : []
      for (const violation of [...checkTranscript(transcript), ...broken]) onViolation(violation)
      return () => {
        answered = { request, conversation }
      }
    },
  }
}
