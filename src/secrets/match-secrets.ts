import { decodeText } from './decode-text.ts'
import type { FindKnown } from './known-values.ts'
import { matchRules } from './match-rules.ts'
import type { Range, SecretRule } from './rule.ts'

export interface SecretMatch extends Range {
  /** None: the value is known exactly. */
  readonly rule?: SecretRule | undefined
  /** The secret as it reads when decoded. */
  readonly secret: string
}

/** Base64 in base64 is decoded; a third layer is not. */
const LAYERS = 2

/** Everything in a text that is known to be a secret, or looks like one; also inside encodings. Parts may overlap. */
export function matchSecrets(text: string, findKnown: FindKnown, layers = LAYERS): readonly SecretMatch[] {
  const plain = [...findKnown(text), ...matchRules(text)].map((match) => ({
    ...match,
    secret: text.slice(match.start, match.end),
  }))
  if (layers === 0) return plain
  const decoded = decodeText(text).flatMap((part) =>
    matchSecrets(part.text, findKnown, layers - 1).map((match) => ({ ...match, ...part.rangeOf(match) })),
  )
  return decoded.length === 0 ? plain : [...plain, ...decoded]
}
