import { forModel } from '../text/hidden-characters.ts'
import { scanMarkdown } from './scan-markdown.ts'

/**
 * What a reader of a comment or an issue sees: HTML comments and invisible characters are removed, so that no
 * instruction slips past the person who approves them. Text inside code blocks is visible and stays.
 */
export function visibleText(markdown: string): string {
  return forModel(withoutHtmlComments(markdown.replace(/\r\n?/g, '\n'))).trim()
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
