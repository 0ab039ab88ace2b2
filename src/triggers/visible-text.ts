import type { HiddenText } from '../runs/run.ts'
import { forModel } from '../text/hidden-characters.ts'
import { scanMarkdown } from './scan-markdown.ts'

/**
 * What a reader of a comment or an issue sees: HTML comments and invisible characters are removed, so that no
 * instruction slips past the person who approves them. Text inside code blocks is visible and stays.
 */
export function visibleText(markdown: string): string {
  return forModel(withoutHtmlComments(withPlainEnds(markdown))).trim()
}

/** How much `visibleText` takes out of these texts; undefined for nothing. */
export function countHidden(...texts: readonly string[]): HiddenText | undefined {
  const hidden = { comments: 0, invisible: 0 }
  for (const text of texts.map(withPlainEnds)) {
    const shown = withoutHtmlComments(text)
    hidden.comments += text.length - shown.length
    hidden.invisible += shown.length - forModel(shown).length
  }
  return hidden.comments + hidden.invisible > 0 ? hidden : undefined
}

function withPlainEnds(text: string): string {
  return text.replace(/\r\n?/g, '\n')
}

function withoutHtmlComments(text: string): string {
  if (!text.includes('<!--')) return text
  const parts: string[] = []
  let end = 0
  for (const [from, to] of scanMarkdown(text).comments) {
    parts.push(text.slice(end, from))
    end = to
  }
  return [...parts, text.slice(end)].join('')
}
