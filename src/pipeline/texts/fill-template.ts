import type { OutboundOptions } from '../../text/outbound-inline.ts'
import { outboundItem } from '../../text/outbound-markdown.ts'
import { joinSafe, NOTHING, type SafeMarkdown, safeMarkdown } from '../../text/safe-markdown.ts'

/** What the host can say where a template asks. */
export interface TemplateAnswers {
  /** What was changed, and why. */
  readonly summary: SafeMarkdown
  /** What was run. */
  readonly testing: SafeMarkdown
  /** `Closes #42`; empty without an issue. */
  readonly issue: SafeMarkdown
}

/** A filled template, and which answers it holds. */
export interface FilledTemplate {
  readonly text: SafeMarkdown
  readonly used: ReadonlySet<keyof TemplateAnswers>
}

interface Section {
  readonly title: string
  readonly boxes: readonly string[]
}

const HEADING = /^ {0,3}#{1,6}\s(.*)|^\*\*([^*]{2,80})\*\*:?$/
const MAX_LINE = 600
const MAX_TITLE = 200
const BOX = /^\s*[-*+]\s+\[[ xX]?\]\s+(.{1,500})/
const MAX_TEXT = 16 * 1024
const MOST_SECTIONS = 20
const MOST_BOXES = 30

const ASKS: readonly (readonly [answer: keyof TemplateAnswers, title: RegExp])[] = [
  ['issue', /\b(?:issues?|tickets?|fixes|closes|resolves|related|linked|references?)\b/i],
  ['testing', /\b(?:test(?:s|ed|ing)?|verif\w+|validation|qa|how (?:to|can|did|has|was))\b/i],
  [
    'summary',
    /\b(?:descri\w+|summary|what|why|change[sd]?|overview|proposed|motivation|context|purpose|about|details|pull request)\b/i,
  ],
]

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
  const sections = sectionsOf(template.slice(0, MAX_TEXT))
  if (sections.length === 0) return undefined
  const used = new Set<keyof TemplateAnswers>()
  const written = sections.map(({ title, boxes }) => {
    const answer = ASKS.find(([name, asks]) => asks.test(title) && !used.has(name))?.[0]
    const content = answer === undefined ? NOTHING : answers[answer]
    if (answer !== undefined && content !== NOTHING) used.add(answer)
    const heading =
      title === '' ? NOTHING : safeMarkdown`### ${outboundItem(title, { ...options, maxChars: 120 })}`
    const left =
      content === NOTHING && boxes.length === 0 ? safeMarkdown`_For a person to fill in._` : NOTHING
    const list = joinSafe(
      boxes.map((box) => safeMarkdown`- [ ] ${outboundItem(box, { ...options, maxChars: 300 })}`),
      '\n',
    )
    return joinSafe(
      [heading, content, left, list].filter((part) => part !== NOTHING),
      '\n\n',
    )
  })
  return { text: joinSafe(written, '\n\n'), used }
}

function sectionsOf(template: string): readonly Section[] {
  const sections: { title: string; boxes: string[] }[] = []
  let boxes = 0
  for (const whole of withoutComments(template).split('\n')) {
    // Patterns over a line of any length would take time in proportion to its square.
    const line = whole.slice(0, MAX_LINE).trimEnd()
    const title = titleIn(line)
    if (title !== undefined && sections.length < MOST_SECTIONS) sections.push({ title, boxes: [] })
    const box = BOX.exec(line)?.[1]
    if (box === undefined || boxes >= MOST_BOXES) continue
    boxes += 1
    const last = sections.at(-1)
    if (last === undefined) sections.push({ title: '', boxes: [box] })
    else last.boxes.push(box)
  }
  return sections
}

/** @returns undefined for a line that is no heading; empty for one without words. */
function titleIn(line: string): string | undefined {
  const heading = HEADING.exec(line)
  if (heading === null) return undefined
  const words = (heading[1] ?? heading[2] ?? '').trim()
  return words.replace(/[#:*\s]{1,40}$/, '').slice(0, MAX_TITLE)
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
