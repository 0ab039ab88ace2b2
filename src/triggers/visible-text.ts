import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { visit } from 'unist-util-visit'
import { forModel } from '../text/hidden-characters.ts'

/**
 * What a reader of a comment or an issue sees: HTML comments and invisible characters are removed, so that no
 * instruction slips past the person who approves them. Text inside code blocks is visible and stays.
 */
export function visibleText(markdown: string): string {
  return forModel(withoutHtmlComments(markdown.replaceAll('\r\n', '\n'))).trim()
}

function withoutHtmlComments(text: string): string {
  if (!text.includes('<!--')) return text
  const cuts: [number, number][] = []
  visit(fromMarkdown(text) as Nodes, 'html', (node) => {
    const from = node.position?.start.offset
    if (from === undefined) return
    for (const match of node.value.matchAll(/<!--[\s\S]*?(?:-->|--!>|$)/g)) {
      cuts.push([from + match.index, from + match.index + match[0].length])
    }
  })
  let visible = ''
  let end = 0
  for (const [from, to] of cuts) {
    visible += text.slice(end, from)
    end = to
  }
  return visible + text.slice(end)
}
