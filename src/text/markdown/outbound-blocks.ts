import { SPLIT } from './outbound-commands.ts'

/**
 * Removes from lines of Markdown, outside of fences, what could pass for a part of Backspace's own text around them:
 * headings become bold, rules and the underlines of headings are removed, boxes to tick become signs. Linear.
 *
 * @param keepTables false also breaks up tables.
 */
export function withoutStructure(lines: readonly string[], keepTables: boolean): readonly string[] {
  const out: string[] = []
  for (const line of lines) {
    const hasTextAbove = !isBlank(out.at(-1) ?? '')
    const { prefix, rest } = withoutContainers(withoutRule(line))
    const flat = `${prefix}${flatRest(rest, { prefix, hasTextAbove, keepTables })}`
    const shown = flat === line ? line : withoutRule(flat.trimEnd())
    // A lone dash is an empty list item, or turns the text above it into a heading.
    out.push(hasTextAbove ? shown.replace(/^([ \t>]*)(?=--?[ \t]*$)/, '$1\\') : shown)
  }
  return out
}

interface Around {
  readonly prefix: string
  readonly hasTextAbove: boolean
  readonly keepTables: boolean
}

function flatRest(rest: string, { prefix, hasTextAbove, keepTables }: Around): string {
  if (/^=+[ \t]*$/.test(rest) && hasTextAbove) return ''
  if (!keepTables && isDelimiterRow(rest)) return `${SPLIT}${rest}`
  if (/^#{1,6}(?=[ \t]|$)/.test(rest)) return flatHeading(rest, prefix)
  const box = /[-*+.)][ \t]+$/.test(prefix) ? /^\[([ xX])\](?=[ \t])/.exec(rest) : null
  return box === null ? rest : `${box[1] === ' ' ? '☐' : '☑'}${rest.slice(3)}`
}

/** A heading as bold text. Four spaces may begin code, whose words must stay. */
function flatHeading(rest: string, prefix: string): string {
  const marks = /^#+/.exec(rest)?.[0] ?? ''
  if (/(?: {4}|\t)$/.test(prefix)) return `\\${rest}`
  const title = rest.slice(marks.length).trim()
  const words = title.slice(0, lengthWithoutMarks(title)).replace(/\\$/, '').trim()
  return /^[-*_\s]*$/.test(words) ? '' : `**${words}**`
}

/** The length of a title without the marks that may close it, as in `Title ##`. */
function lengthWithoutMarks(title: string): number {
  let end = title.length
  while (title[end - 1] === '#') end--
  return end === 0 || /[ \t]/.test(title[end - 1] ?? '') ? end : title.length
}

/** Splits a line into the quotation marks, list markers and spaces at its beginning, and the rest. */
function withoutContainers(line: string): { readonly prefix: string; readonly rest: string } {
  const containers = /[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))/y
  let end = 0
  while (containers.test(line)) end = containers.lastIndex
  while (line[end] === ' ' || line[end] === '\t') end++
  return { prefix: line.slice(0, end), rest: line.slice(end) }
}

/**
 * Removes a rule: three or more of one mark draw a line, whatever the spaces between them, even inside lists and
 * quotations.
 */
function withoutRule(line: string): string {
  let left = line
  for (let start = ruleStart(left); start !== undefined; start = ruleStart(left)) left = left.slice(0, start)
  return left
}

/** Where a rule at the end of a line begins. What comes before it may be another rule: `- - - ***`. */
function ruleStart(line: string): number | undefined {
  const mark = line.trimEnd().at(-1) ?? ''
  if (!/^[-*_]$/.test(mark)) return undefined
  let count = 0
  let start = line.length
  for (
    let at = line.length - 1;
    at >= 0 && (line[at] === mark || line[at] === ' ' || line[at] === '\t');
    at--
  ) {
    if (line[at] !== mark) continue
    count++
    start = at
  }
  return count >= 3 && withoutContainers(line.slice(0, start)).rest === '' ? start : undefined
}

function isDelimiterRow(rest: string): boolean {
  return /^[-:| \t]+$/.test(rest) && rest.includes('-') && /[|:]/.test(rest)
}

function isBlank(line: string): boolean {
  return withoutContainers(line).rest.trim() === ''
}
