// Nothing in this file splits the text, since a file of 10 MiB may have ten million lines.

const NEWLINE = 0x0a

/** The number of the line that holds an offset; the first line is 1. */
export function lineNumber(text: string, offset: number): number {
  let line = 1
  for (let at = 0; at < offset && at < text.length; at++) if (text.charCodeAt(at) === NEWLINE) line++
  return line
}

/** How many lines a text has. A last line without a line end counts. */
export function lineTotal(text: string): number {
  return lineNumber(text, text.length) - (text === '' || text.endsWith('\n') ? 1 : 0)
}

/** At most `most` lines, without line ends, from line `first` on; the first line of the text is 1. */
export function linesFrom(
  text: string,
  { first, most }: { readonly first: number; readonly most: number },
): string[] {
  const lines: string[] = []
  let start = startOfLine(text, first)
  while (lines.length < most && start < text.length) {
    const newline = text.indexOf('\n', start)
    const end = newline === -1 ? text.length : newline
    lines.push(text.slice(start, text[end - 1] === '\r' && newline !== -1 && end > start ? end - 1 : end))
    start = end + 1
  }
  return lines
}

function startOfLine(text: string, line: number): number {
  let at = 0
  for (let left = line - 1; left > 0 && at < text.length; at++) if (text.charCodeAt(at) === NEWLINE) left--
  return at
}
