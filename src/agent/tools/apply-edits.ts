import { breathe } from '../../time/breathe.ts'
import { cutHead } from './bounded-output.ts'
import { findText, MAX_PLACES, MAX_SIMPLIFIED, type TextRange } from './find-text.ts'
import { lineNumber } from './text-lines.ts'

/** The largest edited file, in characters, as large as `read` takes it. */
const MAX_RESULT = 10 * 1024 * 1024

export interface TextEdit {
  readonly old_string: string
  readonly new_string: string
  readonly replace_all?: boolean | undefined
}

type EditedText =
  | {
      readonly ok: true
      readonly text: string
      /** Where the new text of each edit is in the result; for an edit with `replace_all`, its first place. */
      readonly changed: readonly TextRange[]
      /** Tells the model which differences were ignored to find its text. */
      readonly notes: readonly string[]
    }
  | { readonly ok: false; readonly problem: string }

/** Applies edits in order, each to the result of the one before. Either all are applied or none. */
export async function applyEdits(text: string, edits: readonly TextEdit[]): Promise<EditedText> {
  let current = text
  let changed: TextRange[] = []
  const notes: string[] = []
  for (const [index, edit] of edits.entries()) {
    await breathe()
    const label = edits.length === 1 ? 'old_string' : `old_string of edit ${index + 1}`
    const found = findText(current, edit.old_string)
    const { ranges, matched } = found
    const problem = explain({ current, edit, label, ranges, exact: matched === 'exactly' })
    if (problem) return { ok: false, problem }
    if (matched !== 'exactly') notes.push(`${label} was found with ${matched}.`)
    const replacement = withLineEndingsOf(current, edit.new_string, ranges[0])
    // With `replace_all` of one letter by two, every edit doubles the file.
    if (current.length + ranges.length * replacement.length > MAX_RESULT) {
      return {
        ok: false,
        problem: `the file would have more than ${MAX_RESULT} characters. Use a program in bash.`,
      }
    }
    changed = [
      ...changed.flatMap((range) => shift(range, ranges, replacement.length)),
      firstPlace(ranges, replacement),
    ]
    current = replaceRanges(current, ranges, replacement)
  }
  return { ok: true, text: current, changed, notes }
}

function explain(given: {
  current: string
  edit: TextEdit
  label: string
  ranges: readonly TextRange[]
  exact: boolean
}): string | undefined {
  const { current, edit, label, ranges, exact } = given
  if (edit.old_string === '') return `${label} is empty. Use write to create or replace a whole file.`
  if (edit.old_string === edit.new_string) return `${label} and its new_string are the same.`
  if (ranges.length > MAX_PLACES) return `${label} occurs more than ${MAX_PLACES} times. Use sed in bash.`
  if (ranges.length === 0) {
    const bound =
      current.length > MAX_SIMPLIFIED ? ' In a file of this size only the exact text is found.' : ''
    return `${label} does not occur in the file.${bound}${nearest(current, edit.old_string)}`
  }
  if (ranges.length === 1 || (edit.replace_all && exact)) return undefined
  const lines = ranges.slice(0, 10).map(({ start }) => lineNumber(current, start))
  const where = `${ranges.length} times, on lines ${lines.join(', ')}${ranges.length > 10 ? ' …' : ''}`
  return exact
    ? `${label} occurs ${where}. Add the lines around the one you mean, or set replace_all.`
    : `${label} occurs only approximately, ${where}. Copy the exact text from read.`
}

function firstPlace(ranges: readonly TextRange[], replacement: string): TextRange {
  const start = ranges[0]?.start ?? 0
  return { start, end: start + replacement.length }
}

/** Shifts the range of an earlier change by the replacements before it; drops a range that was itself replaced. */
function shift(range: TextRange, replaced: readonly TextRange[], length: number): TextRange[] {
  let moved = 0
  for (const { start, end } of replaced) {
    if (start < range.end && end > range.start) return []
    if (end <= range.start) moved += length - (end - start)
  }
  return [{ start: range.start + moved, end: range.end + moved }]
}

function replaceRanges(text: string, ranges: readonly TextRange[], replacement: string): string {
  const parts: string[] = []
  let from = 0
  for (const { start, end } of ranges) {
    parts.push(text.slice(from, start), replacement)
    from = end
  }
  return [...parts, text.slice(from)].join('')
}

/**
 * Gives new text, which models write with LF, the line endings of the lines that it replaces or is inserted into. A file
 * may have both kinds.
 */
function withLineEndingsOf(text: string, added: string, place: TextRange | undefined): string {
  const newline = text.indexOf('\n', place?.start)
  const end = newline === -1 ? text.lastIndexOf('\n') : newline
  return end > 0 && text[end - 1] === '\r' ? added.replaceAll(/(?<!\r)\n/g, '\r\n') : added
}

/** Characters of a file that are compared, since comparing a line takes far longer than reading it. */
const MAX_COMPARED = 200_000
const MAX_LINE = 400

/** The three lines that look most like the first wanted line, because the model usually has the right place in mind. */
function nearest(text: string, wanted: string): string {
  const target = words(firstWords(wanted))
  const scored = text
    .slice(0, MAX_COMPARED)
    .split('\n')
    .map((line, index) => ({ line, index, score: likeness(words(line.slice(0, MAX_LINE)), target) }))
    .filter(({ score }) => score >= 0.4)
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, 3)
  if (scored.length === 0) return ' Read the file again and copy the text exactly.'
  const lines = scored.map(
    ({ line, index }) =>
      `${String(index + 1).padStart(6)}\t${line.length > 200 ? cutHead(line.slice(0, 200)) : line.trimEnd()}`,
  )
  return ` Closest lines:\n${lines.join('\n')}\nCopy the text exactly as it is, indentation included.`
}

function firstWords(text: string): string {
  const lines = text.slice(0, MAX_COMPARED).split('\n')
  return (lines.find((line) => line.trim() !== '') ?? '').slice(0, MAX_LINE)
}

function words(line: string): ReadonlySet<string> {
  return new Set(line.match(/\w+|[^\w\s]+/g) ?? [])
}

function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) return 0
  const shared = [...a].filter((word) => b.has(word)).length
  return (2 * shared) / (a.size + b.size)
}
