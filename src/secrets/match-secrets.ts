import { atOnce, type Pieces } from '../time/pieces.ts'
import { decodeText } from './decode-text.ts'
import type { FindKnown } from './known-values.ts'
import { matchRules } from './match-rules.ts'
import type { Range, SecretRule } from './rule.ts'

export interface SecretMatch extends Range {
  /** Undefined if the value is known exactly. */
  readonly rule?: SecretRule | undefined
  /** The secret in its decoded form. */
  readonly secret: string
}

/** How many encodings are undone: base64 in base64 is decoded, a third layer is not. */
const LAYERS = 2

/** Everything in a text that is a known secret or looks like one, even inside encodings. Matches may overlap. */
export function matchSecrets(text: string, findKnown: FindKnown): readonly SecretMatch[] {
  return atOnce(matchInPieces(text, findKnown))
}

export function* matchInPieces(
  text: string,
  findKnown: FindKnown,
  layers = LAYERS,
): Pieces<readonly SecretMatch[]> {
  const matches: SecretMatch[] = []
  for (const match of [...findKnown(text), ...(yield* matchRules(text))]) {
    matches.push({ ...match, secret: text.slice(match.start, match.end) })
  }
  if (layers === 0) return matches
  for (const part of decodeText(text)) {
    yield
    if (part === undefined) continue
    for (const match of yield* matchInPieces(part.text, findKnown, layers - 1)) {
      matches.push({ ...match, ...part.rangeOf(match) })
    }
  }
  return matches
}
