import type { Redact } from '../../secrets/redact.ts'
import type { Pieces } from '../../time/pieces.ts'

declare const SAFE: unique symbol

/**
 * Markdown that may appear under Backspace's name as it is: Backspace's own words, or a result of `outboundMarkdown`,
 * `codeSpan` or `fenced`. Making a text safe twice would show Backspace's own markup as text (`&lt;details>`); not
 * making it safe would let a model notify people. Both are type errors.
 */
export type SafeMarkdown = string & { readonly [SAFE]: true }

/** Any text that is not known to be safe. The type rejects a `SafeMarkdown`. */
export type RawText = string & { readonly [SAFE]?: never }

/** Template tag for Markdown that Backspace writes. Only safe values may be inserted. */
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

/**
 * Marks words that the host chose, such as amounts and addresses, as safe. Never use it for text of a model, a person
 * or a command.
 */
export function ownWords(text: RawText): SafeMarkdown {
  return text as string as SafeMarkdown
}

/** Masks secrets in safe Markdown, which stays safe: a mask only replaces characters by Backspace's own words. */
export function* maskSafe(text: SafeMarkdown, redact: Redact): Pieces<SafeMarkdown> {
  return (yield* redact.inPieces(text)) as SafeMarkdown
}

export const NOTHING = ownWords('')
