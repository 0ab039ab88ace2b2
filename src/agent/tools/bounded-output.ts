import { withoutBrokenEnd, withoutBrokenStart } from '../../text/cut-text.ts'

/**
 * Returns a text of at most `max` characters as it is. A longer one is cut to its head and tail, at line ends where
 * possible, with a line between them that says how much is missing.
 */
export function boundText(text: string, max: number): string {
  if (text.length <= max) return text
  const head = cutHead(text.slice(0, Math.floor(max / 4)))
  const tail = cutTail(text.slice(text.length - Math.floor((max * 3) / 4)))
  return joinCut({ head, tail, missing: `${text.length - head.length - tail.length} characters left out` })
}

/** Joins the head and tail of a longer text by a line that says what is missing. */
export function joinCut({ head, tail, missing }: { head: string; tail: string; missing: string }): string {
  return `${head.replace(/\n$/, '')}\n[… ${missing} …]\n${tail}`
}

/** Drops the incomplete last line of a head, or only the incomplete last word if the head is one line. */
export function cutHead(text: string): string {
  const end = text.lastIndexOf('\n')
  return end <= 0 ? withoutBrokenEnd(text) : text.slice(0, end + 1)
}

/** Drops the incomplete first line of a tail, or only the incomplete first word if the tail is one line. */
export function cutTail(text: string): string {
  const start = text.indexOf('\n')
  return start < 0 || start === text.length - 1 ? withoutBrokenStart(text) : text.slice(start + 1)
}

const MAX_LINE_CHARACTERS = 2000

/**
 * Numbers lines like `cat -n`, as many whole lines as fit into `max` characters but at least one. A very long line is
 * cut, with a mark that says so.
 */
export function numberLines(
  lines: readonly string[],
  { first, max = Number.POSITIVE_INFINITY }: { first: number; max?: number },
): { readonly text: string; readonly count: number } {
  const shown: string[] = []
  let size = 0
  for (const [index, line] of lines.entries()) {
    const cut =
      line.length > MAX_LINE_CHARACTERS
        ? `${line.slice(0, MAX_LINE_CHARACTERS)} [… ${line.length - MAX_LINE_CHARACTERS} more characters]`
        : line
    const numbered = `${String(first + index).padStart(6)}\t${cut}`
    size += numbered.length + 1
    if (size > max && shown.length > 0) break
    shown.push(numbered)
  }
  return { text: shown.join('\n'), count: shown.length }
}
