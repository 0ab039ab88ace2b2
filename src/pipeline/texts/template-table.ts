import type { OutboundOptions } from '../../text/markdown/outbound-inline.ts'
import { outboundItem } from '../../text/markdown/outbound-markdown.ts'
import { joinSafe, NOTHING, type SafeMarkdown, safeMarkdown } from '../../text/markdown/safe-markdown.ts'

/** A row of a table that asks in its first column, as in `| Bug fix? | yes/no |`. */
export interface TemplateRow {
  readonly asks: string
  /** The template's text in the second column. */
  readonly given: string
}

/** A table of a template: the names of its two columns, and its questions. */
export interface TemplateTable {
  readonly header: TemplateRow
  readonly rows: readonly TemplateRow[]
}

const RULE = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*\|[ \t]*:?-+:?[ \t]*\|?$/
const MOST_ROWS = 40
/** `yes/no`, `bug fix / feature / docs`: choices that a person must make. */
const CHOICE = /^[\w -]{1,30}(?:\/[\w -]{1,30}){1,8}$/

/**
 * Finds tables with two columns in lines without comments.
 *
 * @returns the tables, by the index of the line with their column titles.
 */
export function tablesIn(lines: readonly string[]): ReadonlyMap<number, TemplateTable> {
  const tables = new Map<number, TemplateTable>()
  for (const [index, line] of lines.entries()) {
    const header = RULE.test(line) ? rowIn(lines[index - 1] ?? '') : undefined
    if (header === undefined) continue
    const rows: TemplateRow[] = []
    for (const next of lines.slice(index + 1, index + 1 + MOST_ROWS)) {
      const row = rowIn(next)
      if (row === undefined) break
      rows.push(row)
    }
    // Other tables are lists to choose from, with marks in the first column, or frames for pictures.
    const isAsking = rows.length > 0 && rows.every(({ asks }) => /\p{L}{2}/u.test(asks))
    if (isAsking) tables.set(index - 1, { header, rows })
  }
  return tables
}

/** @returns undefined if the line is no row with two cells. */
function rowIn(line: string): TemplateRow | undefined {
  const [asks, given, ...more] = line
    .trim()
    .replace(/^\|/, '')
    .split('|')
    .map((cell) => cell.trim())
  const isRow = asks !== undefined && given !== undefined && more.length <= 1 && !more[0]
  return isRow && `${asks}${given}` !== '' ? { asks, given } : undefined
}

/**
 * The table with the host's answers. Choices stay for a person, and so do statements of the template, since a program
 * cannot agree to a license.
 *
 * @param answerTo returns `NOTHING` for a row to which it has no answer.
 */
export function tableText(
  { header, rows }: TemplateTable,
  answerTo: (row: TemplateRow) => SafeMarkdown,
  options: OutboundOptions,
): SafeMarkdown {
  const cell = (text: string) => outboundItem(text, { ...options, maxChars: 200 })
  const lines = rows.map((row) => {
    const answer = answerTo(row)
    const second = answer === NOTHING && CHOICE.test(row.given) ? cell(row.given) : answer
    return safeMarkdown`| ${cell(row.asks)} | ${second} |`
  })
  const first = safeMarkdown`| ${cell(header.asks)} | ${cell(header.given)} |\n|---|---|`
  return joinSafe([first, ...lines], '\n')
}
