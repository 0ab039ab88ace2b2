import { cutHead } from './bounded-output.ts'

export interface TextEdit {
  readonly old_string: string
  readonly new_string: string
  readonly replace_all?: boolean | undefined
}

type EditedText =
  | {
      readonly ok: true
      readonly text: string
      /** Where the new text of each edit is in the result; the first place for an edit with `replace_all`. */
      readonly changed: readonly TextRange[]
      /** What had to be overlooked, for the model to know. */
      readonly notes: readonly string[]
    }
  | { readonly ok: false; readonly problem: string }

/** Applies edits one after the other, each to the result of the one before: all of them, or none. */
export function applyEdits(text: string, edits: readonly TextEdit[]): EditedText {
  let current = text
  let changed: TextRange[] = []
  const notes: string[] = []
  for (const [index, edit] of edits.entries()) {
    const label = edits.length === 1 ? 'old_string' : `old_string of edit ${index + 1}`
    const found = findText(current, edit.old_string)
    const { ranges, matched } = found
    const problem = explain({ current, edit, label, ranges, exact: matched === 'exactly' })
    if (problem) return { ok: false, problem }
    if (matched !== 'exactly') notes.push(`${label} was found with ${matched}.`)
    const replacement = withLineEndingsOf(current, edit.new_string)
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
  if (ranges.length === 0) return `${label} does not occur in the file.${nearest(current, edit.old_string)}`
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

/** Moves an earlier change by what replacements before it add or take; drops one that was replaced itself. */
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

/** Models write LF. In a file whose every line ends with CRLF the new lines do so too. */
function withLineEndingsOf(text: string, added: string): string {
  const allCrlf = text.includes('\r\n') && !/(?<!\r)\n/.test(text)
  return allCrlf ? added.replaceAll(/(?<!\r)\n/g, '\r\n') : added
}

export function lineNumber(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}

/** The three lines that look most like the first line wanted: usually the model has the right place in mind. */
function nearest(text: string, wanted: string): string {
  const target = words(wanted.split('\n').find((line) => line.trim() !== '') ?? '')
  const scored = text
    .split('\n', 20_000)
    .map((line, index) => ({ line, index, score: likeness(words(line), target) }))
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

function words(line: string): ReadonlySet<string> {
  return new Set(line.match(/\w+|[^\w\s]+/g) ?? [])
}

function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) return 0
  const shared = [...a].filter((word) => b.has(word)).length
  return (2 * shared) / (a.size + b.size)
}

/** A range of the text, end exclusive. */
export interface TextRange {
  readonly start: number
  readonly end: number
}

/** Where `wanted` is, and which differences were ignored to find it. */
interface FoundText {
  readonly ranges: readonly TextRange[]
  readonly matched: 'exactly' | 'line endings aside' | 'trailing spaces and typography aside'
}

/** Characters; simplifying takes many times the memory of the text itself. */
const MAX_SIMPLIFIED = 500_000

/**
 * Finds text as a model quotes it. Exact first; then with CRLF read as LF; then with trailing spaces dropped and
 * typographic quotes, dashes and spaces read as plain ones. The ranges are of the original text, so that
 * everything outside of a hit stays byte for byte. No similarity search: an edit in the wrong place is worse
 * than one more try.
 */
function findText(text: string, wanted: string): FoundText {
  const exact = occurrences(text, wanted)
  if (exact.length > 0) return { ranges: exact, matched: 'exactly' }
  if (text.length > MAX_SIMPLIFIED) return { ranges: [], matched: 'exactly' }
  const unix = search(text, wanted, { loose: false })
  if (unix.length > 0) return { ranges: unix, matched: 'line endings aside' }
  return { ranges: search(text, wanted, { loose: true }), matched: 'trailing spaces and typography aside' }
}

function occurrences(text: string, wanted: string): TextRange[] {
  const found: TextRange[] = []
  if (wanted === '') return found
  for (let start = text.indexOf(wanted); start >= 0; start = text.indexOf(wanted, start + wanted.length)) {
    found.push({ start, end: start + wanted.length })
  }
  return found
}

function search(text: string, wanted: string, { loose }: { loose: boolean }): TextRange[] {
  const needle = plain(wanted, loose)
  if (needle.text.trim() === '') return []
  const haystack = plain(text, loose)
  return occurrences(haystack.text, needle.text).flatMap(({ start, end }) => {
    const first = haystack.places[start]
    const last = haystack.places[end - 1]
    return first && last ? [{ start: first.start, end: last.end }] : []
  })
}

/** The simplified text, and for each of its characters the range of the original that it represents. */
interface PlainText {
  readonly text: string
  readonly places: readonly TextRange[]
}

function plain(text: string, loose: boolean): PlainText {
  const characters: string[] = []
  const places: TextRange[] = []
  for (const line of linesWithEnds(text)) {
    const kept = loose ? trimSpacesAtEnd(line.body) : line.body
    for (let offset = 0; offset < kept.length; offset++) {
      characters.push(loose ? plainCharacter(kept.charAt(offset)) : kept.charAt(offset))
      places.push({ start: line.start + offset, end: line.start + offset + 1 })
    }
    if (line.ending !== '') {
      characters.push('\n')
      const start = line.start + line.body.length
      places.push({ start, end: start + line.ending.length })
    }
  }
  return { text: characters.join(''), places }
}

/** No expression: one that looks for spaces before an end takes quadratic time on a long run of spaces. */
function trimSpacesAtEnd(line: string): string {
  let end = line.length
  while (end > 0 && ' \t\u00a0'.includes(line.charAt(end - 1))) end--
  return line.slice(0, end)
}

interface Line {
  readonly start: number
  readonly body: string
  readonly ending: string
}

function* linesWithEnds(text: string): Generator<Line> {
  let start = 0
  while (start < text.length) {
    const newline = text.indexOf('\n', start)
    const end = newline < 0 ? text.length : newline + 1
    const whole = text.slice(start, end)
    const ending = whole.endsWith('\r\n') ? '\r\n' : whole.endsWith('\n') ? '\n' : ''
    yield { start, body: whole.slice(0, whole.length - ending.length), ending }
    start = end
  }
}

/** Each replaces exactly one UTF-16 unit, so that offsets stay valid. */
function plainCharacter(character: string): string {
  if (/[\u2018\u2019\u201a\u201b]/.test(character)) return "'"
  if (/[\u201c\u201d\u201e\u201f]/.test(character)) return '"'
  if (/[\u2010-\u2015\u2212]/.test(character)) return '-'
  if (/[\u00a0\u2002-\u200a\u202f\u205f\u3000]/.test(character)) return ' '
  return character
}
