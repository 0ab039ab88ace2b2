import type { OutboundOptions } from './markdown/outbound-inline.ts'
import { outboundMarkdown } from './markdown/outbound-markdown.ts'
import { NOTHING, ownWords, type RawText, type SafeMarkdown } from './markdown/safe-markdown.ts'

/**
 * What an agent wrote, as a quotation. Agents' words appear only inside quotations, so their headings, tables and ticks
 * cannot pass for findings of the host. Only the host can end a quotation: every line has its mark, fences inside are
 * closed, and whatever would affect the whole document (definitions of links and footnotes, HTML) is made inert. Empty
 * for an empty text.
 *
 * @param options.maxChars most characters of the result, marks included.
 */
export function agentWords(
  markdown: RawText,
  options: OutboundOptions & { readonly maxChars: number },
): SafeMarkdown {
  if (markdown.trim() === '') return NOTHING
  const { maxChars } = options
  const whole = quoted(outboundMarkdown(markdown, { ...options, maxChars, keepTables: true }))
  if (whole.length <= maxChars) return whole
  // In the worst case each line is one character, to which the mark adds two.
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
