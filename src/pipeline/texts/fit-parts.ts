import { joinSafe, NOTHING, type SafeMarkdown, safeMarkdown } from '../../text/safe-markdown.ts'

/** A part of a long text. */
export interface BodyPart {
  readonly text: SafeMarkdown
  /** The higher, the sooner it is left out of a text that is too long; 0: never. */
  readonly spare: number
}

const LEFT_OUT = safeMarkdown`_Parts of this text are left out, because GitHub takes no longer one._`

/**
 * Joins parts with blank lines. Of a text that is too long whole parts are left out, the least important first, and it says so:
 * the first and the last parts, which say what a change is, remain.
 *
 * @param most characters; the parts that are never left out must fit.
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
