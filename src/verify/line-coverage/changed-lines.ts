import { roleOf } from '../../checks/file-roles.ts'
import { testMarks } from '../../checks/test-marks.ts'
import { readDiff } from '../../text/read-diff.ts'
import { lineStarts } from '../source-hunks.ts'
import { testLines } from '../test-lines.ts'
import type { VerifiedFile } from '../verified-file.ts'

/** The added and edited lines of one source file. */
export interface ChangedLines {
  readonly path: string
  /** Numbers of changed lines that may hold code, from 1, ascending. Undefined if the diff was cut or the file is large. */
  readonly lines: readonly number[] | undefined
  /** Number of lines in the file, with the empty one after its last newline. A report with more lines is of another file. */
  readonly total: number
}

/** More languages whose tools write coverage, besides those with test marks. */
const ALSO_CODE = /\.(?:c|cc|cpp|cxx|h|hh|hpp|mm?|lua|p[lm])$/i
/** Lines with only brackets or comments, which some tools count as executed. */
const NO_CODE = /^(?:[^\p{L}\p{N}_'"`$]*|\/\/.*|\*(?:\s.*)?|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?)$/u
/** Bytes; a longer line is data. */
const MAX_LINE = 2_000

/** The changed lines of source by file, without kinds of files that no tool measures. */
export function changedLinesOf(files: readonly VerifiedFile[]): readonly ChangedLines[] {
  let left = MAX_BYTES
  return files.flatMap((file) => {
    const { path, bytes } = file
    const isCode = testMarks(path) !== undefined || ALSO_CODE.test(path)
    if (bytes === null || !isCode || roleOf(path) !== 'source') return []
    left -= bytes.length
    if (bytes.length > MAX_FILE || left < 0) return [{ path, lines: undefined, total: 0 }]
    const lineAt = readLines(bytes)
    const isTest = testLines(file)
    const lines = addedLines(file, lineAt.total)?.filter((line) => !isTest(line) && mayBeCode(lineAt(line)))
    return lines?.length === 0 ? [] : [{ path, lines, total: lineAt.total }]
  })
}

/** Bytes of a file; the gate lets no larger text pass. */
const MAX_FILE = 1024 * 1024
/** Bytes of all files together; files beyond that are not measured. */
const MAX_BYTES = 8 * MAX_FILE
const LINE_FEED = 0x0a

/** Reads lines on demand, since a file may have as many lines as bytes. */
function readLines(bytes: Uint8Array): ((line: number) => Uint8Array) & { readonly total: number } {
  const starts = lineStarts(bytes)
  const hasEmptyEnd = bytes.length === 0 || bytes.at(-1) === LINE_FEED
  const lineAt = (line: number) =>
    bytes.subarray(starts[line - 1] ?? bytes.length, starts[line] ?? bytes.length)
  return Object.assign(lineAt, { total: starts.length + (hasEmptyEnd ? 1 : 0) })
}

function mayBeCode(line: Uint8Array): boolean {
  return line.length > MAX_LINE || !NO_CODE.test(Buffer.from(line).toString().trim())
}

function addedLines({ status, diff }: VerifiedFile, total: number): readonly number[] | undefined {
  if (status === 'added') return Array.from({ length: total }, (_, index) => index + 1)
  const added: number[] = []
  for (const { hunks, notes } of readDiff(diff)) {
    if (notes.length > 0) return undefined
    for (const { newStart, lines } of hunks) {
      let at = newStart
      for (const line of lines) {
        if (line.startsWith('+')) added.push(at)
        if (line.startsWith('+') || line.startsWith(' ')) at++
      }
    }
  }
  return added
}
