import type { RespondOptions } from './model.ts'
import { callsOf, segmentStart, type Transcript } from './transcript.ts'

/** Called with a sentence when a transcript breaks its contract, or a request does not continue the last answered one. */
export type OnViolation = (violation: string) => void

/** Checks that the requests of one model continue one another. */
interface PrefixCheck {
  /** Checks a request that is about to be sent. Call the function that it returns once the request was answered. */
  check(sending: Sending): () => void
}

interface Sending {
  readonly transcript: Transcript
  readonly request: RequestShape
  readonly options: RespondOptions
}

/**
 * Reports when a request does not continue the one before it. That is a bug of Backspace: tests fail on it, while
 * production counts it and goes on. The cache key tells conversations apart. Leaving out reasoning and compaction begin
 * a new conversation on purpose.
 */
export function createPrefixCheck(onViolation: OnViolation | undefined): PrefixCheck {
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

/**
 * Compares two requests of one conversation and says where the later one does not merely continue the earlier one. A
 * changed beginning costs the prompt cache, and Claude rejects it if it contains thinking. As for the API,
 * `cache_control` makes no difference, and a string equals one text block.
 *
 * @param earlier like `later`: the head that never changes (system, tools), and the list that grows.
 * @returns one line per violation; empty when the earlier request is a prefix of the later one.
 */
export function checkPrefix(earlier: RequestShape, later: RequestShape): string[] {
  const violations: string[] = []
  if (!isSame(earlier.head, later.head)) violations.push('system or tools changed')
  if (later.items.length < earlier.items.length) {
    violations.push(`${earlier.items.length - later.items.length} items are gone from the end`)
  }
  for (const [index, item] of earlier.items.entries()) {
    if (index >= later.items.length || isSame(item, later.items[index])) continue
    violations.push(`item ${index} changed`)
    break
  }
  return violations
}

interface RequestShape {
  readonly head: unknown
  readonly items: readonly unknown[]
}

/** Compares field by field rather than as JSON, so that long texts are not written out turn after turn. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const rest = fieldsOf(other)
  const fields = fieldsOf(one)
  return (
    fields.length === rest.length &&
    fields.every(([key, value], index) => key === rest[index]?.[0] && isSame(value, rest[index]?.[1]))
  )
}

/** The fields that are sent, in the order in which they are sent. */
function fieldsOf(value: object): (readonly [key: string, value: unknown])[] {
  return Object.entries(value).flatMap(([key, field]) => {
    if (key === 'cache_control' || field === undefined) return []
    return [[key, key === 'content' && typeof field === 'string' ? [{ type: 'text', text: field }] : field]]
  })
}

/** What is wrong with a transcript, one line each. Renderers repair all of it, but each is a bug of the agent. */
export function checkTranscript({ entries }: Transcript): string[] {
  const violations: string[] = []
  let open: readonly string[] = []
  if (entries[0] && entries[0].role !== 'user') violations.push(`entry 0 is ${entries[0].role}, not user`)
  for (const [index, entry] of entries.entries()) {
    if (entry.role === 'tool') {
      const given = entry.parts.map(({ callId }) => callId)
      if (given.join('\n') !== open.join('\n')) {
        violations.push(`entry ${index} answers [${given.join(', ')}] where [${open.join(', ')}] were called`)
      }
      open = []
      continue
    }
    if (open.length > 0) violations.push(`entry ${index} comes before the results of [${open.join(', ')}]`)
    open = entry.role === 'assistant' ? callsOf(entry).map(({ id }) => id) : []
  }
  if (open.length > 0) violations.push(`the results of [${open.join(', ')}] are missing`)
  return violations
}
