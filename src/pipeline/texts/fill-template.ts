import type { OutboundOptions } from '../../text/outbound-inline.ts'
import { outboundItem } from '../../text/outbound-markdown.ts'
import { joinSafe, NOTHING, type SafeMarkdown, safeMarkdown } from '../../text/safe-markdown.ts'
import { type TemplateRow, type TemplateTable, tablesIn, tableText } from './template-table.ts'

/** What the host can say where a template asks. */
export interface TemplateAnswers {
  /** What was changed, and why. */
  readonly summary: SafeMarkdown
  /** What was run. */
  readonly testing: SafeMarkdown
  /** `Closes #42`; empty without an issue. */
  readonly issue: SafeMarkdown
  /** Which models wrote it; empty without any. */
  readonly assistance: SafeMarkdown
}

/** A filled template, and which answers it holds. */
export interface FilledTemplate {
  readonly text: SafeMarkdown
  readonly used: ReadonlySet<keyof TemplateAnswers>
}

interface Section {
  readonly title: string
  readonly boxes: readonly string[]
  readonly tables: readonly TemplateTable[]
}

const HEADING = /^ {0,3}#{1,6}\s(.*)|^\*\*([^*]{2,80})\*\*:?$/
const MAX_LINE = 600
const MAX_TITLE = 200
const BOX = /^\s*[-*+]\s+\[[ xX]?\]\s+(.{1,500})/
const MORE = /^\s{2,20}([^\s|#>*+-].{0,500})/
const MAX_TEXT = 16 * 1024
const MOST_SECTIONS = 20
const MOST_BOXES = 30

/** What titles ask for, the plainest words first. An answer goes to the section that asks for it most plainly. */
const ASKS: readonly (readonly [answer: keyof TemplateAnswers, titles: readonly RegExp[]])[] = [
  [
    'assistance',
    [
      /\b(?:AI|LLMs?|assistance)\b.{0,30}\b(?:disclos\w+|us(?:e|age)|assist\w+|generat\w+|tools?)\b|\bAI[- ]Assist/i,
    ],
  ],
  ['issue', [/\b(?:issues?|tickets?|fixes|closes|resolves|related|linked|references?)\b/i]],
  ['testing', [/\b(?:test(?:s|ed|ing)?|verif\w+|validation|qa)\b/i]],
  [
    'summary',
    [
      /\b(?:descri\w+|summar\w+|overview|proposed|modifications|new behaviou?r|what (?:does|this|was|has)\b)/i,
      /\b(?:solution|implementation|approach|details|changes?|changed|fix)\b/i,
      /\b(?:what|why|motivation|context|purpose|objective|about|background|rationale|pull request)\b/i,
    ],
  ],
]
/** They name a change, and ask for something else than what it is. */
const NO_SUMMARY =
  /check[- ]?list|\bto[- ]?dos?\b|before (?:you )?submit|make sure|\bthank|\b(?:type|kind)s? of|what type|breaking|compatib|licen[sc]e|agreement|policy|\brules\b|guide|requirements|screenshot|current behaviou?r|release note|change ?log|disclos|user[- ]facing|unreleased/i
/** Titles above words to the author, which are left out. */
const INSTRUCTS =
  /\bthank|\b(?:please|important|delete|remov\w+|do not|don['’]t|rules|licen[sc]e|helpful)\b|\bread (?:this|me|before)|before submit|\b(?:contribution|ai) policy|formatting|available types|^\W*pull request\W*$|follow the guide/i

/**
 * Fills a pull request template with what the host knows. Boxes stay empty: they are for a person to tick. The template's
 * explanations and comments are left out, and its texts have no effects.
 *
 * @returns undefined if it asks for nothing that could be filled.
 */
export function fillTemplate(
  template: string,
  answers: TemplateAnswers,
  options: OutboundOptions,
): FilledTemplate | undefined {
  const given = sectionsOf(template.slice(0, MAX_TEXT))
  const placed = placesOf(given, answers)
  const sections = given.filter(
    (section) =>
      placed.has(section) ||
      section.boxes.length > 0 ||
      section.tables.length > 0 ||
      !INSTRUCTS.test(section.title),
  )
  if (sections.length === 0) return undefined
  const used = new Set(placed.values())
  const row = used.has('issue') || answers.issue === NOTHING ? undefined : issueRow(sections)
  if (row !== undefined) used.add('issue')
  const answerTo = (asked: TemplateRow) => (asked === row ? answers.issue : NOTHING)
  const written = sections.map((section) => {
    const { title, boxes, tables } = section
    const answer = placed.get(section)
    const content = answer === undefined ? NOTHING : answers[answer]
    const heading =
      title === '' ? NOTHING : safeMarkdown`### ${outboundItem(title, { ...options, maxChars: 120 })}`
    const left =
      content === NOTHING && boxes.length === 0 && tables.length === 0
        ? safeMarkdown`_For a person to fill in._`
        : NOTHING
    const list = joinSafe(
      boxes.map((box) => safeMarkdown`- [ ] ${outboundItem(box, { ...options, maxChars: 400 })}`),
      '\n',
    )
    const asked = tables.map((table) => tableText(table, answerTo, options))
    return joinSafe(
      [heading, content, left, ...asked, list].filter((part) => part !== NOTHING),
      '\n\n',
    )
  })
  return { text: joinSafe(written, '\n\n'), used }
}

/** Which section gets which answer. */
function placesOf(
  sections: readonly Section[],
  answers: TemplateAnswers,
): ReadonlyMap<Section, keyof TemplateAnswers> {
  const placed = new Map<Section, keyof TemplateAnswers>()
  for (const [answer, titles] of ASKS) {
    if (answers[answer] === NOTHING) continue
    const open = sections.filter(
      (section) => !placed.has(section) && (answer !== 'summary' || !NO_SUMMARY.test(section.title)),
    )
    const [best] = titles.flatMap((asks) => open.filter(({ title }) => asks.test(title)))
    if (best) placed.set(best, answer)
  }
  return placed
}

/** The first question of a table for what the change closes. */
function issueRow(sections: readonly Section[]): TemplateRow | undefined {
  const titles = ASKS.find(([answer]) => answer === 'issue')?.[1] ?? []
  const rows = sections.flatMap(({ tables }) => tables.flatMap((table) => table.rows))
  return rows.find(({ asks }) => titles.some((title) => title.test(asks)))
}

function sectionsOf(template: string): readonly Section[] {
  const sections: { title: string; boxes: string[]; tables: TemplateTable[] }[] = []
  const begin = (title: string) => sections.push({ title, boxes: [], tables: [] })
  // Patterns over a line of any length would take time in proportion to its square.
  const lines = withoutComments(template)
    .split('\n')
    .map((line) => line.slice(0, MAX_LINE).trimEnd())
  const tables = tablesIn(lines)
  let boxes = 0
  let isBox = false
  for (const [index, line] of lines.entries()) {
    const table = tables.get(index)
    if (table !== undefined && sections.length === 0) begin('')
    if (table !== undefined) sections.at(-1)?.tables.push(table)
    const title = titleIn(line)
    if (title !== undefined && sections.length < MOST_SECTIONS) begin(title)
    const box = BOX.exec(line)?.[1]
    const last = sections.at(-1)
    // What is indented below a box is more of its text.
    const more: string | undefined =
      isBox && box === undefined && title === undefined ? MORE.exec(line)?.[1] : undefined
    const before: string | undefined = more === undefined ? undefined : last?.boxes.pop()
    if (before !== undefined) last?.boxes.push(`${before} ${withoutLinks(more ?? '')}`.slice(0, MAX_LINE))
    isBox = box !== undefined ? boxes < MOST_BOXES : before !== undefined
    if (box === undefined || boxes >= MOST_BOXES) continue
    boxes += 1
    if (last === undefined) begin('')
    sections.at(-1)?.boxes.push(withoutLinks(box))
  }
  return sections
}

/** @returns undefined for a line that is no heading; empty for one without words. */
function titleIn(line: string): string | undefined {
  const heading = HEADING.exec(line)
  if (heading === null) return undefined
  const words = (heading[1] ?? heading[2] ?? '').trim()
  const plain = /:[a-z0-9_+-]{1,40}:$/.test(words) ? words : words.replace(/[#:*\s]{1,40}$/, '')
  return withoutLinks(plain).slice(0, MAX_TITLE)
}

/** Addresses outside of GitHub have no effect, and would be in the way of the words. */
function withoutLinks(line: string): string {
  return line.replace(/\[([^[\]]{1,200})\]\((?:https?:)?(?!\/\/github\.com\/)\/\/[^()\s]{1,300}\)/g, '$1')
}

/** Linear, also where a comment never ends. */
function withoutComments(text: string): string {
  const kept: string[] = []
  for (let from = 0; from < text.length; ) {
    const start = text.indexOf('<!--', from)
    kept.push(text.slice(from, start === -1 ? text.length : start))
    if (start === -1) break
    const end = text.indexOf('-->', start)
    from = end === -1 ? text.length : end + 3
  }
  return kept.join('')
}
