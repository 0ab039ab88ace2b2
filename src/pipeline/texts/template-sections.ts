import { NOTHING, ownWords, type SafeMarkdown } from '../../text/markdown/safe-markdown.ts'
import { type TemplateTable, tablesIn } from './template-table.ts'

/** A section of a pull request template. Its texts are untrusted, except those of type `SafeMarkdown`. */
export interface TemplateSection {
  /** Empty for the section before the first title. */
  readonly title: string
  readonly boxes: readonly string[]
  readonly tables: readonly TemplateTable[]
  /** Empty code blocks with a name, such as `release-note`, which a bot reads. */
  readonly fields: readonly SafeMarkdown[]
  /** HTML comments that a bot looks for. */
  readonly marks: readonly SafeMarkdown[]
}

const HEADING =
  /^ {0,3}#{1,6}\s(.*)|^(?:\*\*|__)([^*_]{2,80})(?:\*\*|__):?$|^\s*<h[1-6][^<>]{0,100}>(.*)<\/h[1-6]>$/i
/** `*Description of changes:*` */
const LABEL = /^([*_])([^*_]{2,100}):\1$|^([*_])([^*_]{2,100})\3:$/
/** Without emphasis, it counts where nothing but room for an answer is below. */
const PLAIN_LABEL = /^([A-Z][^*_#<>|[\]:.!?]{2,80}):$/
const ROOM = /^\s*[-*+]$/
/** A line that makes the paragraph of one line above it a title. */
const UNDERLINE = /^ {0,3}(?:-{3,}|={3,})$/
const NO_TITLE = /^\s*(?:[#>|<]|[-*+]\s|\d+[.)]\s|\*\*|$)/
const BOX = /^\s*(?:[-*+]|\d{1,3}[.)])\s+\[[ xX]?\]\s+(.{1,500})/
const MORE = /^\s{0,20}((?!\d{1,3}[.)]\s)[^\s\0|#>*+<-].{0,500})/
const FENCE = /^ {0,3}(?:`{3,}|~{3,})/
const FIELD = /^ {0,3}(`{3,})([a-z][\w -]{0,40})$/i
/** The contents of an empty `release-note` block. */
const NONE = /^(?:none|n\/a)?$/i
/** A comment of harmless characters, which has no effect on GitHub whatever it says. */
const MARK = /^<!--[\w .,:;=|/()"'’*!\n-]{1,200}-->$/
const KEEP =
  /\b(?:do(?: not|n['’]t)|never|must not) (?:\w{1,20} ){0,3}(?:remove|delete|edit|change|modify|touch)\b/i

const MAX_TEXT = 16 * 1024
const MAX_LINE = 600
const MAX_TITLE = 200
const MOST_SECTIONS = 20
const MOST_BOXES = 30
/** The most fields, and the most marks, that are kept. */
const MOST_KEPT = 10

/** The sections of a template, in order. Takes linear time. */
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
  // Lines are cut, because patterns take time quadratic in the length of a line.
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
  const label = labelIn(lines, index)
  if (heading === null && !isUnderlined && label === undefined) return undefined
  const words = (heading?.[1] ?? heading?.[2] ?? heading?.[3] ?? label ?? line).trim()
  // Emphasis is removed, because a mark inside of our own heading may lack its partner.
  const quiet = words.replace(/\*{1,3}(?=\S)|(?<=\S)\*{1,3}|(?<!\w)_{1,3}(?=\w)|(?<=[\w)])_{1,3}(?!\w)/g, '')
  const plain = /:[a-z0-9_+-]{1,40}:$/.test(quiet) ? quiet : quiet.replace(/[#:*\s]{1,40}$/, '')
  return withoutLinks(plain.trim()).slice(0, MAX_TITLE)
}

function labelIn(lines: readonly string[], index: number): string | undefined {
  const line = lines[index] ?? ''
  const [, , marked, , outside] = LABEL.exec(line) ?? []
  const plain = (lines[index - 1] ?? '') === '' ? PLAIN_LABEL.exec(line)?.[1] : undefined
  if (plain === undefined) return marked ?? outside
  const below = lines.slice(index + 1, index + 4).find((other) => other !== '')
  return below === undefined || ROOM.test(below) || HEADING.test(below) || LABEL.test(below)
    ? plain
    : undefined
}

/** The line that ends a code block; the line at which it begins if it never ends. */
function endOfFence(lines: readonly string[], from: number): number {
  const marker = lines[from]?.trimStart().charAt(0) === '~' ? '~~~' : '```'
  const end = lines.findIndex((line, index) => index > from && line.trim().startsWith(marker))
  return end === -1 ? from : end
}

/** The field of an empty code block with a name, such as `release-note`; empty for any other block. */
function fieldIn([first = '', ...content]: readonly string[]): SafeMarkdown {
  const [, marker, name] = FIELD.exec(first) ?? []
  const given = content.join(' ').trim()
  if (marker === undefined || name === undefined || !NONE.test(given)) return NOTHING
  return ownWords([`${marker}${name.trim()}`, given, marker].join('\n'))
}

/** Removes the front matter, which GitHub reads and people do not see. */
function withoutFrontMatter(lines: readonly string[]): readonly string[] {
  const end = lines[0] === '---' ? lines.slice(0, MOST_FRONT).indexOf('---', 1) : -1
  return end === -1 ? lines : lines.slice(end + 1)
}

const MOST_FRONT = 40

/** The backslash at the end of a line breaks it, and the lines of a box are joined. */
function boxText(line: string): string {
  return withoutLinks(line.endsWith('\\') ? line.slice(0, -1).trimEnd() : line)
}

/** Removes addresses outside of GitHub from links, and keeps the words. */
function withoutLinks(line: string): string {
  return line.replace(/\[([^[\]]{1,200})\]\((?:https?:)?(?!\/\/github\.com\/)\/\/[^()\s]{1,300}\)/g, '$1')
}

/**
 * Removes HTML comments, in linear time even if a comment never ends.
 *
 * @returns `marks` has the comments that say that they must stay, by the line that replaces each of them in the text.
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
    // Templates contain no NUL, so the line is unique.
    const place = `\0${marks.size}`
    kept.push(`\n${place}\n`)
    marks.set(place, ownWords(comment))
  }
  return { text: kept.join(''), marks }
}
