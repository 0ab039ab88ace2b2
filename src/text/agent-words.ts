import type { OutboundOptions } from './outbound-inline.ts'
import { outboundMarkdown } from './outbound-markdown.ts'
import { NOTHING, ownWords, type RawText, type SafeMarkdown } from './safe-markdown.ts'

/**
 * What an agent wrote, as a quotation: nothing outside of one is an agent's, so its headings, tables and ticks cannot pass
 * for findings of the host. A quotation ends where the host ends it: every line has its mark, fences inside are closed, and
 * what would hold for the whole document (definitions of links and footnotes, HTML) is taken apart. Empty for empty text.
 *
 * @param options.maxChars of the result, marks included.
 */
export function agentWords(
  markdown: RawText,
  options: OutboundOptions & { readonly maxChars: number },
): SafeMarkdown {
  if (markdown.trim() === '') return NOTHING
  const { maxChars } = options
  const whole = quoted(outboundMarkdown(markdown, { ...options, maxChars, keepTables: true }))
  if (whole.length <= maxChars) return whole
  // At worst each line is one character, and its mark two more.
  const shorter = outboundMarkdown(markdown, {
    ...options,
    keepTables: true,
    maxChars: Math.floor(maxChars / 2) - 2,
  })
  return quoted(shorter)
}

function quoted(safe: SafeMarkdown): SafeMarkdown {
  const lines = safe.split('\n').map((line) => (line === '' ? '>' : `> ${line}`))
  return ownWords(lines.join('\n'))
}
