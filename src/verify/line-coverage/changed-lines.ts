import { roleOf } from '../../checks/file-roles.ts'
import { testMarks } from '../../checks/test-marks.ts'
import { readDiff } from '../../text/read-diff.ts'
import { testsBegin } from '../source-hunks.ts'
import type { VerifiedFile } from '../verified-file.ts'

/** What a change adds or edits in one file of source. */
export interface ChangedLines {
  readonly path: string
  /** Lines that may hold code, counted from 1, ascending. Undefined if the diff was cut off. */
  readonly lines: readonly number[] | undefined
  /** Lines of the file, with the empty one behind its last newline: a report that names more is of another file. */
  readonly total: number
}

/** Languages without test marks of their own whose tools write coverage. */
const ALSO_CODE = /\.(?:c|cc|cpp|cxx|h|hh|hpp|mm?|lua|p[lm])$/i
/** Brackets and comments: some tools count these as executed. */
const NO_CODE = /^(?:[^\p{L}\p{N}_'"`$]*|\/\/.*|\*(?:\s.*)?|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?)$/u
/** Beyond this a line is data. */
const MAX_LINE = 2_000

/** The changed lines of source, file by file; files of a kind that no tool measures are left out. */
export function changedLinesOf(files: readonly VerifiedFile[]): readonly ChangedLines[] {
  return files.flatMap((file) => {
    const { path, bytes } = file
    const isCode = testMarks(path) !== undefined || ALSO_CODE.test(path)
    if (bytes === null || !isCode || roleOf(path) !== 'source') return []
    const texts = new TextDecoder().decode(bytes).split('\n')
    const begin = testsBegin(file) ?? Number.POSITIVE_INFINITY
    const lines = addedLines(file, texts.length)?.filter(
      (line) => line < begin && mayBeCode(texts[line - 1] ?? ''),
    )
    return lines?.length === 0 ? [] : [{ path, lines, total: texts.length }]
  })
}

function mayBeCode(text: string): boolean {
  return text.length > MAX_LINE || !NO_CODE.test(text.trim())
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
