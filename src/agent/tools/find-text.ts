/** A range of a text, as offsets; `end` is exclusive. */
export interface TextRange {
  readonly start: number
  readonly end: number
}

/** Where the wanted text occurs, and which differences were ignored to find it. */
interface FoundText {
  readonly ranges: readonly TextRange[]
  readonly matched: 'exactly' | 'line endings aside' | 'trailing spaces and typography aside'
}

/** The most replacements of one edit; the search stops at one more, so that the caller notices. */
export const MAX_PLACES = 100_000
/** Characters. Simplifying a text costs many times its size in time and memory, so in longer ones only exact matches count. */
export const MAX_SIMPLIFIED = 200_000

/**
 * Finds text as a model quotes it: first exactly, then with CRLF read as LF, then also without trailing spaces and with
 * typographic quotes, dashes and spaces read as plain ones. The ranges refer to the original text, so that everything
 * outside of a match stays byte for byte. There is no similarity search, because an edit in the wrong place is worse
 * than another try.
 */
export function findText(text: string, wanted: string): FoundText {
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
    if (found.length > MAX_PLACES) break
  }
  return found
}

function search(text: string, wanted: string, { loose }: { loose: boolean }): TextRange[] {
  const needle = plain(wanted, loose).text
  if (needle.trim() === '') return []
  const haystack = plain(text, loose)
  const placeOf = createPlaces(haystack)
  return occurrences(haystack.text, needle).map(({ start, end }) => ({
    start: placeOf(start).start,
    end: placeOf(end - 1).end,
  }))
}

/** A simplified text, with the position of its lines in the original. */
interface PlainText {
  readonly text: string
  readonly lines: readonly PlainLine[]
}

interface PlainLine {
  /** Where the line starts in the simplified text (`at`) and in the original (`start`). */
  readonly at: number
  readonly start: number
  /** How many of its characters were kept. */
  readonly length: number
  /** The line's ending in the original; an empty range if the text ends there. */
  readonly ending: TextRange
}

function plain(text: string, loose: boolean): PlainText {
  const kept: string[] = []
  const lines: PlainLine[] = []
  const simple = loose ? withPlainCharacters(text) : text
  let at = 0
  for (let start = 0; start < text.length; ) {
    const newline = simple.indexOf('\n', start)
    const end = newline === -1 ? text.length : newline + 1
    const body =
      newline === -1 ? end : simple[newline - 1] === '\r' && newline > start ? newline - 1 : newline
    const stop = loose ? trimmedEnd(simple, start, body) : body
    kept.push(simple.slice(start, stop), newline === -1 ? '' : '\n')
    lines.push({ at, start, length: stop - start, ending: { start: body, end } })
    at += stop - start + (newline === -1 ? 0 : 1)
    start = end
  }
  return { text: kept.join(''), lines }
}

/** Maps an offset in the simplified text to its range in the original. Call it with increasing offsets. */
function createPlaces({ lines }: PlainText): (offset: number) => TextRange {
  let index = 0
  return (offset) => {
    while ((lines[index + 1]?.at ?? Number.POSITIVE_INFINITY) <= offset) index++
    const line = lines[index]
    if (line === undefined) return { start: offset, end: offset + 1 }
    const inside = offset - line.at
    return inside < line.length ? { start: line.start + inside, end: line.start + inside + 1 } : line.ending
  }
}

/** Without a regular expression, because `[ \t]+$` takes quadratic time on a long run of spaces. */
function trimmedEnd(text: string, start: number, from: number): number {
  let end = from
  while (end > start && ' \t'.includes(text.charAt(end - 1))) end--
  return end
}

/** Replaces typographic characters. Each replacement keeps one UTF-16 unit, so that offsets stay valid. */
function withPlainCharacters(text: string): string {
  return text
    .replace(/[\u2018\u2019\u201a\u201b]/g, "'")
    .replace(/[\u201c\u201d\u201e\u201f]/g, '"')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\u00a0\u2002-\u200a\u202f\u205f\u3000]/g, ' ')
}
