/** A part of a text, inside or outside of a code span. */
export interface TextPiece {
  readonly isCode: boolean
  readonly text: string
}

/**
 * Splits one line of Markdown at its code spans, as GitHub reads them: a span ends at the next run of exactly as many
 * backticks as began it; backticks without such an end are text. Linear in the length of the text.
 */
export function codeSpanParts(text: string): readonly TextPiece[] {
  const runs = [...text.matchAll(/`+/g)].map(({ 0: { length }, index }) => ({ length, index }))
  const closers = closersOf(runs)
  const parts: TextPiece[] = []
  let end = 0
  for (const [at, run] of runs.entries()) {
    const closer = closers[at]
    if (run.index < end || closer === undefined) continue
    if (run.index > end) parts.push({ isCode: false, text: text.slice(end, run.index) })
    parts.push({ isCode: true, text: withoutPadding(text.slice(run.index + run.length, closer)) })
    end = closer + run.length
  }
  return end < text.length ? [...parts, { isCode: false, text: text.slice(end) }] : parts
}

/** For each run of backticks, the start of the next run of the same length. */
function closersOf(
  runs: readonly { readonly length: number; readonly index: number }[],
): (number | undefined)[] {
  const next = new Map<number, number>()
  const closers = runs.toReversed().map(({ length, index }) => {
    const closer = next.get(length)
    next.set(length, index)
    return closer
  })
  return closers.reverse()
}

/** A space on both sides is not part of the code; it separates the code's own backticks from those of the span. */
function withoutPadding(code: string): string {
  return code.startsWith(' ') && code.endsWith(' ') && code.trim() !== '' ? code.slice(1, -1) : code
}
