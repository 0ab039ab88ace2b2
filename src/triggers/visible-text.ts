import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { visit } from 'unist-util-visit'

/** Characters that a person does not see but a model reads. */
const INVISIBLE = new RegExp(
  [
    // C0 and C1 controls, except tab and line feed
    '[\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F]',
    // Soft hyphen, joiners and marks without a glyph, fillers, zero-width spaces, directions, tags
    '\\u00AD|\\u034F|\\u061C|[\\u115F\\u1160]|[\\u17B4\\u17B5]|[\\u180B-\\u180F]|\\u3164|\\uFFA0|\\u2800',
    '[\\u200B\\u200C\\u200E\\u200F]|[\\u2028-\\u202E]|[\\u2060-\\u206F]|\\uFEFF|[\\uFFF0-\\uFFFB]',
    '[\\u{E0000}-\\u{E0FFF}]',
    // Joiners and variation selectors stay where they shape an emoji.
    '(?<![\\p{Extended_Pictographic}\\uFE0F\\u{1F3FB}-\\u{1F3FF}])\\u200D',
    '(?<![\\p{Extended_Pictographic}0-9#*])[\\uFE00-\\uFE0F]',
  ].join('|'),
  'gu',
)

/**
 * What a reader of a comment or an issue sees: HTML comments and invisible characters are removed, so that nobody
 * can slip instructions past the person who approves them. Text inside code blocks is visible and stays.
 */
export function visibleText(markdown: string): string {
  const text = markdown.replaceAll('\r\n', '\n')
  return withoutHtmlComments(text).replace(INVISIBLE, '').trim()
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
