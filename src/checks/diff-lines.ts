/** What a line is judged by: nobody writes code beyond, and expressions take their time on what is generated. */
const MAX_LINE = 2000

/** Lines that a unified diff adds, without their `+`. */
export function addedLines(diff: string): readonly string[] {
  return changedLines(diff, '+')
}

/** Lines that a unified diff removes, without their `-`. */
export function removedLines(diff: string): readonly string[] {
  return changedLines(diff, '-')
}

/** A removed `-- x` looks like the header `--- x`: only what stands in a hunk counts. */
function changedLines(diff: string, sign: '+' | '-'): readonly string[] {
  const lines: string[] = []
  let inHunk = false
  for (const line of diff.split('\n')) {
    if (line.startsWith('@@')) inHunk = true
    else if (/^(?:diff |index |Index: |=== )/.test(line)) inHunk = false
    else if (inHunk && line.startsWith(sign)) lines.push(line.slice(1, MAX_LINE))
  }
  return lines
}
