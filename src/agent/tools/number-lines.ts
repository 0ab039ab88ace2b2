const MAX_LINE_CHARACTERS = 2000

/**
 * Lines as `cat -n` shows them, as many whole ones as fit into `max` characters (but at least one); a very long
 * line is cut and says so.
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
