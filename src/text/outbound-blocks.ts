import { SPLIT } from './outbound-commands.ts'

/**
 * Lines of Markdown outside of fences, without what would look like a part of our own text around them: headings become
 * bold, rules and the underlines of headings go, boxes to tick become signs. Linear.
 *
 * @param keepTables false also takes tables apart.
 */
export function withoutStructure(lines: readonly string[], keepTables: boolean): readonly string[] {
  const out: string[] = []
  for (const line of lines) {
    const hasTextAbove = !isBlank(out.at(-1) ?? '')
    const { prefix, rest } = withoutContainers(withoutRule(line))
    const flat = `${prefix}${flatRest(rest, { prefix, hasTextAbove, keepTables })}`
    const shown = flat === line ? line : withoutRule(flat.trimEnd())
    // A lone dash is an empty item of a list, or makes a heading of the text above.
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

/** Four spaces may begin code, which keeps its words. */
function flatHeading(rest: string, prefix: string): string {
  const marks = /^#+/.exec(rest)?.[0] ?? ''
  if (/(?: {4}|\t)$/.test(prefix)) return `\\${rest}`
  const title = rest.slice(marks.length).trim()
  const words = title.slice(0, lengthWithoutMarks(title)).replace(/\\$/, '').trim()
  return /^[-*_\s]*$/.test(words) ? '' : `**${words}**`
}

/** `Title ##` closes a heading with its marks. */
function lengthWithoutMarks(title: string): number {
  let end = title.length
  while (title[end - 1] === '#') end--
  return end === 0 || /[ \t]/.test(title[end - 1] ?? '') ? end : title.length
}

/** The quotation marks, list markers and spaces that a line begins with, and what they contain. */
function withoutContainers(line: string): { readonly prefix: string; readonly rest: string } {
  const containers = /[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))/y
  let end = 0
  while (containers.test(line)) end = containers.lastIndex
  while (line[end] === ' ' || line[end] === '\t') end++
  return { prefix: line.slice(0, end), rest: line.slice(end) }
}

/** Three or more of one mark draw a line, whatever the spaces between them, also inside of lists and quotations. */
function withoutRule(line: string): string {
  let left = line
  for (let start = ruleStart(left); start !== undefined; start = ruleStart(left)) left = left.slice(0, start)
  return left
}

/** Where the rule that ends a line begins; what is before it may be one as well: `- - - ***`. */
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
