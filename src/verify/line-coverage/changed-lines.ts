import { roleOf } from '../../checks/file-roles.ts'
import { testMarks } from '../../checks/test-marks.ts'
import { readDiff } from '../../text/read-diff.ts'
import { lineStarts } from '../source-hunks.ts'
import { testLines } from '../test-lines.ts'
import type { VerifiedFile } from '../verified-file.ts'

/** What a change adds or edits in one file of source. */
export interface ChangedLines {
  readonly path: string
  /** Lines that may hold code, counted from 1, ascending. Undefined if the diff was cut off, or the file is large. */
  readonly lines: readonly number[] | undefined
  /** Lines of the file, with the empty one behind its last newline: a report that names more is of another file. */
  readonly total: number
}

/** Languages without test marks of their own whose tools write coverage. */
const ALSO_CODE = /\.(?:c|cc|cpp|cxx|h|hh|hpp|mm?|lua|p[lm])$/i
/** Brackets and comments: some tools count these as executed. */
const NO_CODE = /^(?:[^\p{L}\p{N}_'"`$]*|\/\/.*|\*(?:\s.*)?|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?)$/u
/** Beyond these bytes a line is data. */
const MAX_LINE = 2_000

/** The changed lines of source, file by file; files of a kind that no tool measures are left out. */
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

/** Larger ones are no text that the gate lets through. */
const MAX_FILE = 1024 * 1024
/** Of all files together: what is beyond is not measured. */
const MAX_BYTES = 8 * MAX_FILE
const LINE_FEED = 0x0a

/** A file may have a line in every byte, so only those that are asked for become strings. */
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
