import { mayHoldTests } from '../checks/test-marks.ts'
import { lineStarts } from './source-hunks.ts'
import type { VerifiedFile } from './verified-file.ts'

/** Bytes; larger files are data and are not split. */
const MOST_BYTES = 1024 * 1024
/** Bytes that are read of a line. */
const MOST_LINE = 400
/** The most lines of a declaration before its body. */
const MOST_SIGNATURE = 50

const TEST_MARK = /^#(!?)\[cfg\((?:all\(|any\()?\s*test\b.*?\)\](.*)$/

/**
 * Finds the lines of a Rust file that belong to tests: each item that is compiled for tests only, up to its closing brace
 * as formatters write it. A module that is only declared (`mod tests;`) is in another file.
 *
 * @returns whether a line is one of a test.
 */
export function testLines({ path, bytes }: Pick<VerifiedFile, 'path' | 'bytes'>): (line: number) => boolean {
  const marked = bytes === null || bytes.length > MOST_BYTES || !mayHoldTests(path) ? undefined : mark(bytes)
  return (line) => marked?.[line] === 1
}

/** An array with a 1 at the number of each line that belongs to a test. */
function mark(bytes: Uint8Array): Uint8Array | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!file.includes('[cfg(')) return undefined
  const starts = lineStarts(bytes)
  const total = starts.length
  const lineAt = (line: number) => {
    const start = starts[line - 1] ?? bytes.length
    return file.toString('latin1', start, Math.min(starts[line] ?? bytes.length, start + MOST_LINE)).trimEnd()
  }
  const marked = new Uint8Array(total + 1)
  for (let line = 1; line <= total; line++) {
    const text = lineAt(line)
    const [found, inner, after = ''] = TEST_MARK.exec(text.trimStart()) ?? []
    if (found === undefined) continue
    if (inner === '!') return marked.fill(1)
    const indent = text.slice(0, text.length - text.trimStart().length)
    const to = endOfItem(lineAt, { line, after, indent, total })
    marked.fill(1, line, to + 1)
    line = to
  }
  return marked
}

function endOfItem(
  lineAt: (line: number) => string,
  item: { readonly line: number; readonly after: string; readonly indent: string; readonly total: number },
): number {
  const { indent, total } = item
  let { line } = item
  let text = item.after.trim()
  for (let left = MOST_SIGNATURE; left > 0 && line <= total; left--) {
    if (text.endsWith(';') || /\{.*\}$/.test(text)) return line
    if (text.endsWith('{')) {
      for (line++; line <= total; line++) if (lineAt(line).startsWith(`${indent}}`)) return line
      return total
    }
    line++
    text = lineAt(line).trim()
  }
  return Math.min(line, total)
}
