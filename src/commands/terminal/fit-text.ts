import { stripVTControlCharacters } from 'node:util'

/** Cuts one line without colours to at most `width` columns; what was cut shows as `…`. */
export function cutLine(line: string, width: number): string {
  const plain = line.replaceAll('\t', '    ')
  return plain.length <= width ? plain : `${[...plain].slice(0, Math.max(1, width - 1)).join('')}…`
}

/**
 * Breaks lines between words, so that each has at most `width` columns; a longer word, such as a URL, stays whole.
 * Colours take no columns.
 */
export function wrapText(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => (columns(line) <= width ? line : wrapLine(line, width)))
    .join('\n')
}

/** What a list item goes on with stands under its text. */
function wrapLine(line: string, width: number): string {
  const margin = /^\s*(?:[-•☐☑] )?/.exec(line)?.[0] ?? ''
  const [first = '', ...words] = line.slice(margin.length).split(' ')
  const rows = [`${margin}${first}`]
  for (const word of words) {
    const longer = `${rows.at(-1)} ${word}`
    if (columns(longer) <= width) rows[rows.length - 1] = longer
    else rows.push(`${' '.repeat(margin.length)}${word}`)
  }
  return rows.join('\n')
}

function columns(text: string): number {
  return stripVTControlCharacters(text).length
}
