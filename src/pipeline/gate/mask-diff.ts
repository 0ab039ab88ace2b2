import type { SecretFinding } from '../../secrets/find-secrets.ts'
import { maskRanges } from '../../secrets/redact.ts'

type SecretPlace = Pick<SecretFinding, 'start' | 'end'>
type SecretRange = Pick<SecretFinding, 'start' | 'end' | 'line'>

/** Sorts ranges and joins those that overlap. */
function merged(ranges: readonly SecretRange[]): readonly SecretRange[] {
  const joined: { readonly start: number; end: number; readonly line: number }[] = []
  for (const { start, end, line } of [...ranges].sort((one, other) => one.start - other.start)) {
    const last = joined.at(-1)
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end)
    else joined.push({ start, end, line })
  }
  return joined
}

/**
 * Masks secrets in the unified diff of one file by their positions in the new file. So every line of a key is masked,
 * although the signs at the start of a diff's lines would hide its shape.
 *
 * @param text the new file that the diff was made from.
 * @param ranges where its secrets are.
 */
export function maskDiff(
  diff: string,
  { text, ranges }: { readonly text: string; readonly ranges: readonly SecretRange[] },
): string {
  const places = placesByLine(text, ranges)
  let line = 0
  const shown = diff.split('\n').map((whole) => {
    const start = /^@@ -\d+(?:,\d+)? \+(\d+)/.exec(whole)?.[1]
    if (start !== undefined) line = Number(start)
    // Before the first hunk there are only file names, and removed lines are not in the new file.
    if (start !== undefined || line === 0 || !/^[+ ]/.test(whole)) return whole
    const masked = maskRanges(whole.slice(1), places.get(line) ?? [])
    line++
    return whole.slice(0, 1) + masked
  })
  return shown.join('\n')
}

/** The ranges as offsets in the lines that they cover, by line number from 1. */
function placesByLine(text: string, ranges: readonly SecretRange[]): ReadonlyMap<number, SecretPlace[]> {
  const places = new Map<number, SecretPlace[]>()
  // The last line is remembered, since one line of megabytes may hold thousands of secrets.
  let lineStart = 0
  let lineEnd = -1
  for (const range of merged(ranges)) {
    // Lines between two ranges are skipped, since there may be millions.
    let number = range.line
    if (range.start > lineEnd) lineStart = startOfLine(text, { before: range.start, after: lineEnd + 1 })
    for (;;) {
      if (lineEnd < lineStart) lineEnd = endOfLine(text, lineStart)
      const place = {
        start: Math.max(range.start, lineStart) - lineStart,
        end: Math.min(range.end, lineEnd) - lineStart,
      }
      if (place.end > place.start) {
        const there = places.get(number)
        if (there) there.push(place)
        else places.set(number, [place])
      }
      if (lineEnd >= range.end || lineEnd === text.length) break
      lineStart = lineEnd + 1
      number++
    }
  }
  return places
}

/** The start of the line that holds the index `before`; the line starts at `after` or later. */
function startOfLine(
  text: string,
  { before, after }: { readonly before: number; readonly after: number },
): number {
  return after + text.slice(after, before).lastIndexOf('\n') + 1
}

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf('\n', from)
  return newline === -1 ? text.length : newline
}
