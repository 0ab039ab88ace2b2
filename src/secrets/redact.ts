import { createFindKnown } from './known-values.ts'
import { matchSecrets } from './match-secrets.ts'
import type { Range } from './rule.ts'

/** Masks secrets in text. Idempotent: masking masked text changes nothing. */
export type Redact = (text: string) => string

const MASK = '[redacted]'
/** What remains beside a mask may look like a secret in its turn; more than this often is not possible by chance. */
const MOST_PASSES = 5

/**
 * Builds the masking function: exact values, in every usual spelling, and what a rule takes for a secret. It masks
 * samples, too: that costs nothing.
 *
 * @param values secrets known to this process; shorter ones than 6 characters are ignored, since masking them
 * would garble ordinary text.
 */
export function createRedact(values: Iterable<string>): Redact {
  const findKnown = createFindKnown(values)
  return (text) => {
    let masked = text
    for (let pass = 0; pass < MOST_PASSES; pass++) {
      const matches = matchSecrets(masked, findKnown)
      if (matches.length === 0) break
      masked = maskRanges(masked, matches)
    }
    return masked
  }
}

/** The text with a mask in place of each range. */
export function maskRanges(text: string, ranges: readonly Range[]): string {
  const sorted = ranges.toSorted((a, b) => a.start - b.start)
  const pieces: string[] = []
  let last = 0
  let masked = -1
  for (const { start, end } of sorted) {
    if (start > masked) {
      pieces.push(text.slice(last, start), MASK)
      masked = end
    }
    masked = Math.max(masked, end)
    last = masked
  }
  pieces.push(text.slice(last))
  return pieces.join('')
}

/** Applies `redact` to every string inside a JSON-like value, keys included; other values are kept as they are. */
export function redactDeep<T>(value: T, redact: Redact): T {
  return walk(value, redact, 0) as T
}

/** Of values in values. */
const MOST_LEVELS = 32

function walk(value: unknown, redact: Redact, depth: number): unknown {
  if (typeof value === 'string') return redact(value)
  if (value === null || typeof value !== 'object') return value
  if (depth > MOST_LEVELS) return '[too deep]'
  if (Array.isArray(value)) return value.map((item) => walk(item, redact, depth + 1))
  if (value instanceof Date || ArrayBuffer.isView(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [redact(key), walk(item, redact, depth + 1)]),
  )
}
