/** A range of the text, end exclusive. */
export interface TextRange {
  readonly start: number
  readonly end: number
}

/** Where `wanted` stands, and how much had to be overlooked to find it. */
export interface FoundText {
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

/** The simplified text, and for each of its characters the range of the original that it stands for. */
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

/** Each stands for exactly one UTF-16 unit, so that offsets stay true. */
function plainCharacter(character: string): string {
  if (/[\u2018\u2019\u201a\u201b]/.test(character)) return "'"
  if (/[\u201c\u201d\u201e\u201f]/.test(character)) return '"'
  if (/[\u2010-\u2015\u2212]/.test(character)) return '-'
  if (/[\u00a0\u2002-\u200a\u202f\u205f\u3000]/.test(character)) return ' '
  return character
}
