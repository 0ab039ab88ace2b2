const GIT_HEADER = /^diff --git \S/
const OLD_FILE = /^--- \S/
const NEW_FILE = /^\+\+\+ \S/
const HUNK = /^@@ -/
const DIFF_LINE =
  /^(?:[-+ \\@]|diff --git |index [0-9a-f]|(?:old|new|deleted file|new file) mode |similarity index |rename |copy )/

/**
 * Diffs that were pasted as they are, without a block of code around them: from their first header to the last line
 * that belongs to a diff.
 *
 * @param isSkipped whether a line, counted from 0, belongs to something else, such as a block of code or a quotation.
 */
export function findBareDiffs(markdown: string, isSkipped: (line: number) => boolean): readonly string[] {
  const lines = markdown.split('\n')
  const diffs: string[] = []
  for (let at = 0; at < lines.length; at++) {
    if (isSkipped(at) || !begins(lines, at)) continue
    let end = at + 1
    while (end < lines.length && !isSkipped(end) && belongs(lines, end)) end++
    diffs.push(lines.slice(at, end).join('\n'))
    at = end - 1
  }
  return diffs
}

function begins(lines: readonly string[], at: number): boolean {
  const [line = '', next = '', third = ''] = lines.slice(at, at + 3)
  return GIT_HEADER.test(line) || (OLD_FILE.test(line) && NEW_FILE.test(next) && HUNK.test(third))
}

/** Editors drop the space of an empty context line; an empty line at the end belongs to the text after the diff. */
function belongs(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? ''
  return line === '' ? DIFF_LINE.test(lines[at + 1] ?? '') : DIFF_LINE.test(line)
}
