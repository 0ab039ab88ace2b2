import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'

const ASCII = /^[\x20-\x7e]*$/

/** The width of one line in terminal columns. Colours take none; Chinese characters and emoji take two. */
function columns(text: string): number {
  const plain = stripVTControlCharacters(text)
  return ASCII.test(plain) ? plain.length : stringWidth(plain)
}

/** Cuts one line without colours to at most `width` columns, ending in `…`. */
export function cutLine(line: string, width: number): string {
  const plain = line.replaceAll('\t', '    ')
  if (columns(plain) <= width) return plain
  const room = Math.max(1, width - 1)
  let kept = ''
  let taken = 0
  for (const { segment } of new Intl.Segmenter().segment(plain)) {
    taken += columns(segment)
    if (taken > room) break
    kept += segment
  }
  return `${kept}…`
}

/**
 * Breaks lines between words, so that each has at most `width` columns. A longer word, such as a URL, is broken only if its
 * script has no spaces.
 */
export function wrapText(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => (columns(line) <= width ? line : wrapLine(line, width)))
    .join('\n')
}

/** The continuation of a list item is indented like its text. */
function wrapLine(line: string, width: number): string {
  const margin = /^\s*(?:[-•☐☑] )?/.exec(line)?.[0] ?? ''
  const indent = ' '.repeat(margin.length)
  const rows: string[] = []
  let row = margin
  let taken = margin.length
  for (const { gap, text } of piecesOf(line.slice(margin.length), width - margin.length)) {
    const more = gap.length + columns(text)
    if (taken + more <= width || row === margin) {
      row += gap + text
      taken += more
    } else {
      rows.push(row)
      row = indent + text
      taken = indent.length + more - gap.length
    }
  }
  return [...rows, row].join('\n')
}

/** The units that a row can begin with: words, and the characters of a word that is too long for a row. */
function piecesOf(text: string, room: number): { readonly gap: string; readonly text: string }[] {
  return text.split(' ').flatMap((word, index) => {
    const gap = index === 0 ? '' : ' '
    const isOfWideCharacters = !ASCII.test(word) && columns(word) > Math.max(room, word.length)
    if (!isOfWideCharacters || word.includes('\u001b')) return [{ gap, text: word }]
    const characters = [...new Intl.Segmenter().segment(word)].map(({ segment }) => segment)
    return characters.map((character, place) => ({ gap: place === 0 ? gap : '', text: character }))
  })
}
