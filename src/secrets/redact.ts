import { mapTexts } from '../text/map-texts.ts'
import { atOnce, inTurns, type Pieces } from '../time/pieces.ts'
import { createFindKnown, type FindKnown } from './known-values.ts'
import { matchInPieces } from './match-secrets.ts'
import type { Range } from './rule.ts'

/**
 * Masks secrets in text. Idempotent: masking masked text changes nothing. A call is for short text, up to a few thousand
 * characters: a longer one stops everything else for tens of milliseconds.
 */
export interface Redact {
  (text: string): string
  /** The same for text of any length. */
  readonly inPieces: (text: string) => Pieces<string>
}

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
  return redactFound(createFindKnown(values))
}

/** The same for values that `findKnown` finds. */
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

/** A mask whose calls and pieces all go through `mask`. */
export function redactBy(mask: Redact['inPieces']): Redact {
  return Object.assign((text: string) => atOnce(mask(text)), { inPieces: mask })
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
export function redactDeep<T>(value: T, redact: (text: string) => string): T {
  return atOnce(
    // biome-ignore lint/correctness/useYield: it is one piece
    mapTexts(value, function* (text) {
      return redact(text)
    }),
  )
}

/** The same for values of any size; other work goes on in between. */
export function redactInTurns<T>(value: T, redact: Redact): Promise<T> {
  return inTurns(mapTexts(value, redact.inPieces))
}
