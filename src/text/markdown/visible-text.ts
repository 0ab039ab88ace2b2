import { createHash } from 'node:crypto'
import { forModel } from '../hidden-characters.ts'
import { readLabels } from './link-labels.ts'
import { scanMarkdown } from './scan-markdown.ts'
import { findUnseen } from './unseen-markup.ts'

/** How many characters readers of a page do not see, by where they are. */
export interface HiddenText {
  /** Characters of HTML comments. */
  readonly comments: number
  /** Characters without width, or that change the order in which text is displayed. */
  readonly invisible: number
  /** Characters of attributes, titles and definitions of links; absent if there are none. */
  readonly markup?: number | undefined
  /** One mark for each HTML comment: its length and a hash of its words; absent if there are none. */
  readonly blocks?: readonly string[] | undefined
}

/**
 * The text that a reader of a comment or an issue sees. HTML comments, invisible characters, attributes such as `alt`
 * and `title`, and definitions of links are removed, so that no instruction slips past the person who approves them.
 * Text inside code blocks is visible and stays. Idempotent.
 */
export function visibleText(markdown: string): string {
  return readVisible(markdown).text
}

/** How much `visibleText` removes from these texts; undefined for nothing. */
export function countHidden(...texts: readonly string[]): HiddenText | undefined {
  return addHidden(...texts.map((text) => readVisible(text).hidden))
}

export function addHidden(...parts: readonly (HiddenText | undefined)[]): HiddenText | undefined {
  const known = parts.filter((part) => part !== undefined)
  const sum = (of: (part: HiddenText) => number) => known.reduce((total, part) => total + of(part), 0)
  const markup = sum((part) => part.markup ?? 0) || undefined
  const blocks = known.flatMap((part) => part.blocks ?? []).slice(0, MOST_BLOCKS)
  const hidden = { comments: sum((part) => part.comments), invisible: sum((part) => part.invisible), markup }
  if (hidden.comments + hidden.invisible + (markup ?? 0) === 0) return undefined
  return { ...hidden, blocks: blocks.length === 0 ? undefined : blocks }
}

/**
 * Marks of all HTML comments in the source of a template, to be compared with the `blocks` of a text written from it.
 * They include comments in a form of YAML, where they are indented.
 */
export function commentMarks(source: string): readonly string[] {
  const marks: string[] = []
  for (let end = 0; ; ) {
    const from = source.indexOf('<!--', end)
    const to = from < 0 ? -1 : source.indexOf('-->', from + 2)
    if (to < 0) return marks
    end = to + 3
    marks.push(markBlock(source.slice(from, end)))
  }
}

/** Length in characters of the comment with this mark. */
export function blockLength(block: string): number {
  return Number.parseInt(block, 10)
}

const MOST_BLOCKS = 50
/** Removing a part may turn the rest into markup, as in `<!-<!-- -->- -->`. No honest text needs a third round. */
const MOST_ROUNDS = 6

/** Returns the visible text and the count at once: reading the longest text that GitHub allows takes up to 26 ms. */
export function readVisible(markdown: string): { readonly text: string; readonly hidden: HiddenText } {
  const counts = { comments: 0, invisible: 0, markup: 0 }
  const blocks: string[] = []
  const take = (kind: keyof typeof counts, before: string, after: string) => {
    counts[kind] += before.length - after.length
    return after
  }
  let text = markdown.replace(/\r\n?/g, '\n')
  for (let round = 0; ; round++) {
    const before = text
    const cut = withoutComments(text)
    blocks.push(...cut.comments.map(markBlock))
    text = take('comments', text, cut.text)
    const unseen = withoutUnseen(text)
    counts.markup += unseen.characters
    text = take('invisible', unseen.text, forModel(unseen.text)).trim()
    if (text === before.trim() && round > 0) break
    if (text === before) break
    // Text that still has markup was nested on purpose, so every character that markup needs is removed.
    if (round === MOST_ROUNDS) text = text.replace(/[<>&[\]!`~]/g, ' ').trim()
  }
  const { comments, invisible, markup } = counts
  return { text, hidden: { comments, invisible, markup, blocks: blocks.slice(0, MOST_BLOCKS) } }
}

function markBlock(comment: string): string {
  const words = comment.replace(/\s+/g, ' ')
  return `${words.length}:${createHash('sha256').update(words).digest('hex').slice(0, 24)}`
}

function withoutComments(text: string): { readonly text: string; readonly comments: readonly string[] } {
  if (!/<[!?]/.test(text)) return { text, comments: [] }
  const cuts = scanMarkdown(text).comments.map(([from, to]) => ({ from, to, shown: '' }))
  return { text: replaceParts(text, cuts), comments: cuts.map(({ from, to }) => text.slice(from, to)) }
}

function withoutUnseen(text: string): { readonly text: string; readonly characters: number } {
  if (!/[<&[`~]/.test(text)) return { text, characters: 0 }
  const { blocks, infos } = scanMarkdown(text)
  const labels = readLabels(text)
  const parts = blocks.flatMap((block) => findUnseen(text, block, labels))
  for (const [from, to] of infos) if (to > from) parts.push({ from, to, shown: '', characters: to - from })
  parts.sort((one, other) => one.from - other.from)
  const characters = parts.reduce((sum, part) => sum + part.characters, 0)
  return { text: replaceParts(text, parts), characters }
}

/** @param parts in ascending order. */
function replaceParts(
  text: string,
  parts: readonly { readonly from: number; readonly to: number; readonly shown: string }[],
): string {
  const kept: string[] = []
  let end = 0
  for (const { from, to, shown } of parts) {
    if (from < end) continue
    kept.push(text.slice(end, from), shown)
    end = to
  }
  return [...kept, text.slice(end)].join('')
}
