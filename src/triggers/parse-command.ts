import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { visit } from 'unist-util-visit'

/** What a person asked for in a comment. */
export type ParsedCommand =
  | ({ readonly kind: 'prompt'; readonly prompt: string } & Flags)
  /** Nothing after the token: "do this issue". */
  | ({ readonly kind: 'bare' } & Flags)
  /** `text` is what follows a word that takes more, as in `approve but keep the API`; `whole` is all of it. */
  | {
      readonly kind: 'reserved'
      readonly command: Command
      readonly text: string
      readonly whole: string
    }
  /** A word that begins like a flag, right after the token, and is none. */
  | { readonly kind: 'unknown_flag'; readonly flag: string }

export interface Flags {
  /** `--plan`: make a plan and change nothing. */
  readonly plan: boolean
  /** `--new`: a run of its own, even while one is under way. */
  readonly separate: boolean
}

/** Words that are commands when nothing else follows `/backspace`. */
export const COMMANDS = ['stop', 'retry', 'status', 'approve', 'help'] as const
export type Command = (typeof COMMANDS)[number]

/** Up to three spaces, as in CommonMark: more would be code. Phones capitalise the first letter. */
const TOKEN = /^ {0,3}\/backspace(?=\s|$)/i
/** On the line of the token. Phones make one dash of two. */
const FLAG = /^[ \t]+(?:--|—)([a-z]\S*)/i

/**
 * Finds every `/backspace` that stands first on a line, outside quotes and code. A prompt runs to the next one, or
 * to the end of the comment, as it was written.
 */
export function parseCommands(comment: string): readonly ParsedCommand[] {
  const text = comment.replaceAll('\r\n', '\n')
  const starts = commandOffsets(text)
  return starts.map((start, index) => parseCommand(text.slice(start, starts[index + 1]).replace(TOKEN, '')))
}

function parseCommand(afterToken: string): ParsedCommand {
  const { names, rest } = takeFlags(afterToken)
  const unknown = names.find((name) => name !== 'plan' && name !== 'new')
  if (unknown !== undefined) return { kind: 'unknown_flag', flag: unknown }
  const flags = { plan: names.includes('plan'), separate: names.includes('new') }
  if (rest === '') return { kind: 'bare', ...flags }
  const reserved = names.length === 0 ? parseReserved(rest) : undefined
  return reserved ?? { kind: 'prompt', prompt: rest, ...flags }
}

function takeFlags(text: string): { readonly names: readonly string[]; readonly rest: string } {
  const names: string[] = []
  let left = text
  for (let match = FLAG.exec(left); match; match = FLAG.exec(left)) {
    names.push((match[1] ?? '').toLowerCase())
    left = left.slice(match[0].length)
  }
  return { names, rest: left.trim() }
}

/** As people write it, `stop!` too: taken for a request, it would be the contrary of what they want. */
function parseReserved(rest: string): ParsedCommand | undefined {
  const word = rest.toLowerCase().replace(/\s*[.!?,:;…]+$/, '')
  const sole = COMMANDS.find((command) => command === word)
  if (sole) return { kind: 'reserved', command: sole, text: '', whole: rest }
  const approved = /^approve\b[,:;.!]*\s+(?=\S)/i.exec(rest)
  if (!approved) return undefined
  return { kind: 'reserved', command: 'approve', text: rest.slice(approved[0].length), whole: rest }
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
