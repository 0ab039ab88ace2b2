import type { Redact } from '../secrets/redact.ts'
import type { Pieces } from '../time/pieces.ts'

declare const SAFE: unique symbol

/**
 * Markdown that GitHub may show under our name as it is: our own words, or what `outboundMarkdown`, `codeSpan` or
 * `fenced` returned. Making text safe twice would show our own markup as text (`&lt;details>`), not making it safe
 * would let a model notify people: both are type errors.
 */
export type SafeMarkdown = string & { readonly [SAFE]: true }

/** Any text that is not known to be safe. A `SafeMarkdown` is refused. */
export type RawText = string & { readonly [SAFE]?: never }

/** Tag for Markdown that we write: only safe values may be put into it. */
export function safeMarkdown(
  strings: TemplateStringsArray,
  ...values: readonly (SafeMarkdown | number)[]
): SafeMarkdown {
  return String.raw({ raw: strings }, ...values) as SafeMarkdown
}

/** Joins the parts that are not empty. */
export function joinSafe(parts: readonly SafeMarkdown[], separator: string): SafeMarkdown {
  return parts.filter((part) => part !== '').join(separator) as SafeMarkdown
}

/** Words that the host chose, such as amounts and addresses. Never for text of a model, a person or a command. */
export function ownWords(text: RawText): SafeMarkdown {
  return text as string as SafeMarkdown
}

/** Masks secrets in safe Markdown: a mask only replaces characters by our own words. */
export function* maskSafe(text: SafeMarkdown, redact: Redact): Pieces<SafeMarkdown> {
  return (yield* redact.inPieces(text)) as SafeMarkdown
}

export const NOTHING = ownWords('')
