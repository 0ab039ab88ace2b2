import { joinSafe, NOTHING, type SafeMarkdown, safeMarkdown } from '../../text/markdown/safe-markdown.ts'

/** A part of a long text. */
export interface BodyPart {
  readonly text: SafeMarkdown
  /** Parts with the highest number are left out first when the text is too long; 0 means never. */
  readonly spare: number
}

const LEFT_OUT = safeMarkdown`_Parts of this text are left out, because it would be too long for GitHub._`

/**
 * Joins parts with blank lines. If the text would be too long, whole parts are left out, the least important first, and a
 * sentence says so.
 *
 * @param most the most characters; the parts that are never left out must fit.
 */
export function fitParts(parts: readonly BodyPart[], most: number): SafeMarkdown {
  const kept = parts.filter(({ text }) => text !== NOTHING)
  const order = kept.filter(({ spare }) => spare > 0).sort((one, other) => other.spare - one.spare)
  const gone = new Set<BodyPart>()
  for (;;) {
    const texts = kept.map((part) => (gone.has(part) ? NOTHING : part.text))
    const at = texts.length - kept.toReversed().findIndex(({ spare }) => spare > 0)
    const said = gone.size === 0 ? texts : [...texts.slice(0, at), LEFT_OUT, ...texts.slice(at)]
    const joined = joinSafe(said, '\n\n')
    const next = order.find((part) => !gone.has(part))
    if (joined.length <= most || next === undefined) return joined
    gone.add(next)
  }
}
