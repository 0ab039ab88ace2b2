import type { OutboundOptions } from '../../text/markdown/outbound-inline.ts'
import { outboundItem } from '../../text/markdown/outbound-markdown.ts'
import { joinSafe, NOTHING, type SafeMarkdown, safeMarkdown } from '../../text/markdown/safe-markdown.ts'
import { sectionsOf, type TemplateSection } from './template-sections.ts'
import { type TemplateRow, tableText } from './template-table.ts'

/** The host's answers to the questions of a template. */
export interface TemplateAnswers {
  /** What was changed, and why. */
  readonly summary: SafeMarkdown
  /** Which checks ran. */
  readonly testing: SafeMarkdown
  /** `Closes #42`; empty without an issue. */
  readonly issue: SafeMarkdown
  /** Which models wrote the change; empty if none did. */
  readonly assistance: SafeMarkdown
}

/** A filled template, and the answers that it contains. */
export interface FilledTemplate {
  readonly text: SafeMarkdown
  readonly used: ReadonlySet<keyof TemplateAnswers>
}

/** Titles by the answer that they ask for, the clearest first. An answer goes to the section that asks for it most clearly. */
const ASKS: readonly (readonly [answer: keyof TemplateAnswers, titles: readonly RegExp[]])[] = [
  [
    'assistance',
    [
      /\b(?:AI|LLMs?|assistance)\b.{0,30}\b(?:disclos\w+|us(?:e|age)|assist\w+|generat\w+|tools?)\b|\bAI[- ]Assist/i,
    ],
  ],
  [
    'issue',
    [
      /\b(?:issues?|tickets?|fixes|closes|resolves|related|linked|references?)\b|関連|課題|相关|关联|關聯|관련|связанн/i,
    ],
  ],
  [
    'testing',
    [
      /\b(?:test(?:s|ed|ing)?|verif\w+|validation|qa|prueba\w*|testes)\b|テスト|動作確認|测试|測試|테스트|тест/i,
    ],
  ],
  [
    'summary',
    [
      /\b(?:descri\w+|summar\w+|overview|proposed|modifications|new behaviou?r|what (?:does|this|was|has)\b|beschreib|zusammenfass|descri[çp]|resum)|概要|説明|変更内容|描述|说明|說明|概述|설명|변경 ?사항|описани/i,
      /\b(?:solution|implementation|approach|details|changes?|changed|fix|enhanc\w+)\b/i,
      /\b(?:what|why|motivation|context|purpose|objective|about|background|rationale|pull request)\b/i,
    ],
  ],
]
/** Titles that mention a change but do not ask what it is. */
const NO_SUMMARY =
  /^if\b|check[- ]?list|\bto[- ]?dos?\b|before (?:you )?submit|make sure|\bthank|\b(?:type|kind)s? of|what type|breaking|compatib|licen[sc]e|agreement|policy|\brules\b|guide|requirements|screenshot|current behaviou?r|release note|change ?log|disclos|user[- ]facing|unreleased/i
/** Titles of instructions to the author, which are left out. */
const INSTRUCTS =
  /\bthank|\b(?:please|important|delete|remov\w+|do not|don['’]t|rules|licen[sc]e|helpful)\b|^(?:updating|how to)\b|\bread (?:this|me|before)|before submit|\b(?:contribution|ai) policy|formatting|available types|^\W*pull request\W*$|follow the guide/i

/**
 * Fills a pull request template with the host's answers. Boxes stay empty, because a person must tick them. The template's
 * explanations are left out, and its texts have no effects such as mentions.
 *
 * @returns undefined if the template asks for nothing that could be filled in.
 */
export function fillTemplate(
  template: string,
  answers: TemplateAnswers,
  options: OutboundOptions,
): FilledTemplate | undefined {
  const given = sectionsOf(template)
  const placed = placesOf(given, answers)
  const sections = given.filter(
    (section) =>
      placed.has(section) ||
      section.boxes.length > 0 ||
      section.tables.length > 0 ||
      section.fields.length + section.marks.length > 0 ||
      !INSTRUCTS.test(section.title),
  )
  if (sections.length === 0) return undefined
  const used = new Set(placed.values())
  const row = used.has('issue') || answers.issue === NOTHING ? undefined : issueRow(sections)
  if (row !== undefined) used.add('issue')
  const answerTo = (asked: TemplateRow) => (asked === row ? answers.issue : NOTHING)
  const written = sections.map((section) => {
    const { title, boxes, tables, fields, marks } = section
    const answer = placed.get(section)
    const content = answer === undefined ? NOTHING : answers[answer]
    const heading =
      title === '' ? NOTHING : safeMarkdown`### ${outboundItem(title, { ...options, maxChars: 120 })}`
    const left =
      content === NOTHING && title !== '' && boxes.length + tables.length + fields.length === 0
        ? safeMarkdown`_For a person to fill in._`
        : NOTHING
    const list = joinSafe(
      boxes.map((box) => safeMarkdown`- [ ] ${outboundItem(box, { ...options, maxChars: 400 })}`),
      '\n',
    )
    const asked = tables.map((table) => tableText(table, answerTo, options))
    return joinSafe(
      [heading, content, left, ...asked, list, ...fields, ...marks].filter((part) => part !== NOTHING),
      '\n\n',
    )
  })
  return { text: joinSafe(written, '\n\n'), used }
}

/** The answer for each section. */
function placesOf(
  sections: readonly TemplateSection[],
  answers: TemplateAnswers,
): ReadonlyMap<TemplateSection, keyof TemplateAnswers> {
  const placed = new Map<TemplateSection, keyof TemplateAnswers>()
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

/** The first row of a table that asks which issue the change closes. */
function issueRow(sections: readonly TemplateSection[]): TemplateRow | undefined {
  const titles = ASKS.find(([answer]) => answer === 'issue')?.[1] ?? []
  const rows = sections.flatMap(({ tables }) => tables.flatMap((table) => table.rows))
  return rows.find(({ asks }) => titles.some((title) => title.test(asks)))
}
