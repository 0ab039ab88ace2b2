import { NOTHING, ownWords, type SafeMarkdown } from '../../text/safe-markdown.ts'
import { type TemplateTable, tablesIn } from './template-table.ts'

/** A part of a pull request template; its texts are untrusted where they are not `SafeMarkdown`. */
export interface TemplateSection {
  /** Empty for what comes before the first title. */
  readonly title: string
  readonly boxes: readonly string[]
  readonly tables: readonly TemplateTable[]
  /** Empty blocks of code with a name, which a bot reads. */
  readonly fields: readonly SafeMarkdown[]
  /** Comments that a bot looks for. */
  readonly marks: readonly SafeMarkdown[]
}

const HEADING =
  /^ {0,3}#{1,6}\s(.*)|^(?:\*\*|__)([^*_]{2,80})(?:\*\*|__):?$|^\s*<h[1-6][^<>]{0,100}>(.*)<\/h[1-6]>$/i
/** Below a paragraph of one line. */
const UNDERLINE = /^ {0,3}(?:-{3,}|={3,})$/
const NO_TITLE = /^\s*(?:[#>|<]|[-*+]\s|\d+[.)]\s|\*\*|$)/
const BOX = /^\s*(?:[-*+]|\d{1,3}[.)])\s+\[[ xX]?\]\s+(.{1,500})/
const MORE = /^\s{0,20}((?!\d{1,3}[.)]\s)[^\s\0|#>*+<-].{0,500})/
const FENCE = /^ {0,3}(?:`{3,}|~{3,})/
const FIELD = /^ {0,3}(`{3,})([a-z][\w -]{0,40})$/i
/** `release-note`: what people see of the block is what they wrote. */
const NONE = /^(?:none|n\/a)?$/i
/** What is written so has no effect on GitHub, whatever it says. */
const MARK = /^<!--[\w .,:;=|/()"'’*!\n-]{1,200}-->$/
const KEEP =
  /\b(?:do(?: not|n['’]t)|never|must not) (?:\w{1,20} ){0,3}(?:remove|delete|edit|change|modify|touch)\b/i

const MAX_TEXT = 16 * 1024
const MAX_LINE = 600
const MAX_TITLE = 200
const MOST_SECTIONS = 20
const MOST_BOXES = 30
/** Of fields and of marks. */
const MOST_KEPT = 10

/** The sections of a template, in its order. Linear. */
export function sectionsOf(template: string): readonly TemplateSection[] {
  const sections: {
    readonly title: string
    readonly boxes: string[]
    readonly tables: TemplateTable[]
    readonly fields: SafeMarkdown[]
    readonly marks: SafeMarkdown[]
  }[] = []
  const begin = (title: string) => sections.push({ title, boxes: [], tables: [], fields: [], marks: [] })
  const last = () => {
    if (sections.length === 0) begin('')
    return sections.at(-1)
  }
  const { text, marks } = withoutComments(template.slice(0, MAX_TEXT).replaceAll('\r', ''))
  // Patterns over a line of any length would take time in proportion to its square.
  const lines = withoutFrontMatter(text.split('\n').map((line) => line.slice(0, MAX_LINE).trimEnd()))
  const tables = tablesIn(lines)
  let boxes = 0
  let isBox = false
  let fields = 0
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const mark = marks.get(line)
    if (mark !== undefined) last()?.marks.push(mark)
    const end = FENCE.test(line) ? endOfFence(lines, index) : index
    if (end > index) {
      const field = fields < MOST_KEPT ? fieldIn(lines.slice(index, end)) : NOTHING
      if (field !== NOTHING) last()?.fields.push(field)
      if (field !== NOTHING) fields += 1
      isBox = false
      index = end
      continue
    }
    const table = tables.get(index)
    if (table !== undefined) last()?.tables.push(table)
    const title = titleIn(lines, index)
    if (title !== undefined && sections.length < MOST_SECTIONS) begin(title)
    const box = BOX.exec(line)?.[1]
    // A line right below a box is more of its text, indented or not.
    const more: string | undefined =
      isBox && box === undefined && title === undefined ? MORE.exec(line)?.[1] : undefined
    const before: string | undefined = more === undefined ? undefined : sections.at(-1)?.boxes.pop()
    if (before !== undefined)
      sections.at(-1)?.boxes.push(`${before} ${boxText(more ?? '')}`.slice(0, MAX_LINE))
    isBox = box !== undefined ? boxes < MOST_BOXES : before !== undefined
    if (box === undefined || boxes >= MOST_BOXES) continue
    boxes += 1
    last()?.boxes.push(boxText(box))
  }
  return sections
}

/** @returns undefined for a line that is no heading; empty for one without words. */
function titleIn(lines: readonly string[], index: number): string | undefined {
  const line = lines[index] ?? ''
  const heading = HEADING.exec(line)
  const isUnderlined =
    UNDERLINE.test(lines[index + 1] ?? '') && !NO_TITLE.test(line) && (lines[index - 1] ?? '') === ''
  if (heading === null && !isUnderlined) return undefined
  const words = (heading?.[1] ?? heading?.[2] ?? heading?.[3] ?? line).trim()
  // Emphasis inside of a heading of ours would be only half of a pair.
  const quiet = words.replace(/\*{1,3}(?=\S)|(?<=\S)\*{1,3}|(?<!\w)_{1,3}(?=\w)|(?<=[\w)])_{1,3}(?!\w)/g, '')
  const plain = /:[a-z0-9_+-]{1,40}:$/.test(quiet) ? quiet : quiet.replace(/[#:*\s]{1,40}$/, '')
  return withoutLinks(plain.trim()).slice(0, MAX_TITLE)
}

/** The line that ends a block of code; that of its beginning if none does. */
function endOfFence(lines: readonly string[], from: number): number {
  const marker = lines[from]?.trimStart().charAt(0) === '~' ? '~~~' : '```'
  const end = lines.findIndex((line, index) => index > from && line.trim().startsWith(marker))
  return end === -1 ? from : end
}

/** An empty block that has a name: `release-note`. */
function fieldIn([first = '', ...content]: readonly string[]): SafeMarkdown {
  const [, marker, name] = FIELD.exec(first) ?? []
  const given = content.join(' ').trim()
  if (marker === undefined || name === undefined || !NONE.test(given)) return NOTHING
  return ownWords([`${marker}${name.trim()}`, given, marker].join('\n'))
}

/** GitHub reads it, and people do not see it. */
function withoutFrontMatter(lines: readonly string[]): readonly string[] {
  const end = lines[0] === '---' ? lines.slice(0, MOST_FRONT).indexOf('---', 1) : -1
  return end === -1 ? lines : lines.slice(end + 1)
}

const MOST_FRONT = 40

/** The backslash at the end of a line breaks it, and the lines of a box are joined. */
function boxText(line: string): string {
  return withoutLinks(line.endsWith('\\') ? line.slice(0, -1).trimEnd() : line)
}

/** Addresses outside of GitHub have no effect, and would be in the way of the words. */
function withoutLinks(line: string): string {
  return line.replace(/\[([^[\]]{1,200})\]\((?:https?:)?(?!\/\/github\.com\/)\/\/[^()\s]{1,300}\)/g, '$1')
}

/**
 * Linear, also where a comment never ends.
 *
 * @returns `marks`: the comments that say that they must stay, by the line that takes the place of each in the text.
 */
function withoutComments(text: string): {
  readonly text: string
  readonly marks: ReadonlyMap<string, SafeMarkdown>
} {
  const kept: string[] = []
  const marks = new Map<string, SafeMarkdown>()
  for (let from = 0; from < text.length; ) {
    const start = text.indexOf('<!--', from)
    kept.push(text.slice(from, start === -1 ? text.length : start))
    if (start === -1) break
    const end = text.indexOf('-->', start)
    from = end === -1 ? text.length : end + 3
    const comment = text.slice(start, Math.min(from, start + MAX_LINE))
    if (marks.size >= MOST_KEPT || !MARK.test(comment) || !KEEP.test(comment)) continue
    // No line of a template has a NUL.
    const place = `\0${marks.size}`
    kept.push(`\n${place}\n`)
    marks.set(place, ownWords(comment))
  }
  return { text: kept.join(''), marks }
}
