import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { visit } from 'unist-util-visit'

/** What a person asked for in a comment. */
export type ParsedCommand =
  | { readonly kind: 'prompt'; readonly prompt: string }
  /** Nothing after the token: "do this issue". */
  | { readonly kind: 'bare' }
  | { readonly kind: 'reserved'; readonly command: Command }

/** Words that are commands when nothing else follows `/backspace`. */
export const COMMANDS = ['stop', 'retry', 'status', 'approve', 'help'] as const
export type Command = (typeof COMMANDS)[number]

/** Up to three spaces, as in CommonMark: more would be code. Phones capitalise the first letter. */
const TOKEN = /^ {0,3}\/backspace(?=\s|$)/i

/**
 * Finds every `/backspace` that stands first on a line, outside quotes and code. A prompt runs to the next one, or
 * to the end of the comment, as it was written.
 */
export function parseCommands(comment: string): readonly ParsedCommand[] {
  const text = comment.replaceAll('\r\n', '\n')
  const starts = commandOffsets(text)
  return starts.map((start, index) => {
    const rest = text
      .slice(start, starts[index + 1])
      .replace(TOKEN, '')
      .trim()
    if (rest === '') return { kind: 'bare' }
    const command = COMMANDS.find((word) => word === rest.toLowerCase())
    return command ? { kind: 'reserved', command } : { kind: 'prompt', prompt: rest }
  })
}

function commandOffsets(text: string): number[] {
  // Parsing Markdown costs more than looking, and most comments are not for us.
  if (!/^ {0,3}\/backspace/im.test(text)) return []
  const hidden = codeAndHtmlRanges(text)
  const offsets: number[] = []
  let offset = 0
  for (const line of text.split('\n')) {
    const inside = hidden.some(([from, to]) => offset >= from && offset < to)
    if (TOKEN.test(line) && !inside) offsets.push(offset)
    offset += line.length + 1
  }
  return offsets
}

/** Quotes need no range: each of their lines starts with `>`, so the token is never first there. */
function codeAndHtmlRanges(text: string): [number, number][] {
  const ranges: [number, number][] = []
  visit(fromMarkdown(text) as Nodes, ['code', 'inlineCode', 'html'], (node) => {
    const from = node.position?.start.offset
    const to = node.position?.end.offset
    if (from !== undefined && to !== undefined) ranges.push([from, to])
  })
  return ranges
}
