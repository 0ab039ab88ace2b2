import { mapTexts } from '../text/map-texts.ts'
import { atOnce, inTurns, type Pieces } from '../time/pieces.ts'
import { createFindKnown, type FindKnown } from './known-values.ts'
import { matchInPieces } from './match-secrets.ts'
import type { Range } from './rule.ts'

/**
 * Masks secrets in a text. Idempotent: masking a masked text changes nothing. Call it directly only for short text, up
 * to a few thousand characters: a longer one stops everything else for tens of milliseconds.
 */
export interface Redact {
  (text: string): string
  /** Masks text of any length, piece by piece. */
  readonly inPieces: (text: string) => Pieces<string>
}

/** Replaces a secret. */
export const MASK = '[redacted]'
/**
 * Most passes over a text. What remains beside a mask may look like a secret again, but by chance not more often than
 * this.
 */
const MOST_PASSES = 5

/**
 * Builds the function that masks exact values, in every usual spelling, and whatever a rule takes for a secret. It
 * masks samples as well, which does no harm.
 *
 * @param values secrets that this process knows. Those with fewer than 6 characters are ignored, since masking them
 * would garble ordinary text.
 */
export function createRedact(values: Iterable<string>): Redact {
  return redactFound(createFindKnown(values))
}

/** Like `createRedact`, for the values that `findKnown` finds. */
export function redactFound(findKnown: FindKnown): Redact {
  function* mask(text: string): Pieces<string> {
    let masked = text
    for (let pass = 0; pass < MOST_PASSES; pass++) {
      const matches = yield* matchInPieces(masked, findKnown)
      if (matches.length === 0) break
      masked = maskRanges(masked, matches)
    }
    return masked
  }
  return redactBy(mask)
}

/** Builds a `Redact` whose direct calls and pieces all go through `mask`. */
export function redactBy(mask: Redact['inPieces']): Redact {
  return Object.assign((text: string) => atOnce(mask(text)), { inPieces: mask })
}

/** Replaces each range of a text by a mask. */
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

/** Applies `redact` to every string in a JSON-like value, keys included. Other values stay as they are. */
export function redactDeep<T>(value: T, redact: (text: string) => string): T {
  return atOnce(
    // biome-ignore lint/correctness/useYield: it is one piece
    mapTexts(value, function* (text) {
      return redact(text)
    }),
  )
}

/** Like `redactDeep`, for values of any size: other work goes on in between. */
export function redactInTurns<T>(value: T, redact: Redact): Promise<T> {
  return inTurns(mapTexts(value, redact.inPieces))
}
