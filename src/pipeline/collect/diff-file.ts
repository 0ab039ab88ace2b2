import { type StructuredPatchHunk, structuredPatch } from 'diff'
import { decodeFile, encodingText, findEncoding, UTF8 } from '../../text/file-encoding.ts'
import type { ChangedFile } from './change-list.ts'

const MAX_DIFF_CHARACTERS = 64 * 1024
/** Changed lines; with more, the search for the shortest diff takes longer than people wait. */
const MAX_EDIT_LENGTH = 4000

export type DiffableFile = Pick<ChangedFile, 'path' | 'previousPath' | 'mode' | 'bytes'> & {
  /** Null for an addition; undefined when the bytes are not known. */
  readonly before: Uint8Array | null | undefined
  /** Mode at the base commit; `000000` for an addition. */
  readonly oldMode: string
}

/** What people see of a changed file: its diff, and the number of added and removed lines. */
export type FileDiffFacts = Pick<ChangedFile, 'binary' | 'additions' | 'deletions' | 'diff'>

/**
 * Compares a file line by line. The time grows with the square of `maxEditLength` and with the size of the file, so
 * only `createComparison` decides where this runs.
 *
 * @param maxEditLength the most changed lines that are searched for.
 * @returns undefined if more lines differ.
 */
export function diffFile(given: DiffableFile, maxEditLength = MAX_EDIT_LENGTH): FileDiffFacts | undefined {
  const file = asUtf8(given)
  if (file === undefined) return BINARY
  if (file.before === undefined) return withoutDiff(file)
  const [before, after] = [toText(file.before), toText(file.bytes)]
  const hunks =
    before === '' || after === '' ? wholeFile(before, after) : findHunks(before, after, maxEditLength)
  if (hunks === undefined) return undefined
  const lines = hunks.flatMap((hunk) => hunk.lines)
  return {
    binary: false,
    additions: lines.filter((line) => line.startsWith('+')).length,
    deletions: lines.filter((line) => line.startsWith('-')).length,
    diff: cutDiff(header(file) + body(file, hunks)) + file.note,
  }
}

/** Like `diffFile`, but in linear time, without a search: every line counts as replaced, and only the first are shown. */
export function replacedFile(given: DiffableFile): FileDiffFacts {
  const file = asUtf8(given)
  if (file === undefined) return BINARY
  if (file.before === undefined) return withoutDiff(file)
  const [deletions, additions] = [countLines(file.before), countLines(file.bytes)]
  const shown = [...firstLines(file.before, '-'), ...firstLines(file.bytes, '+')]
  const removed = shown.filter((line) => line.startsWith('-')).length
  const hunk = {
    oldStart: removed && 1,
    oldLines: removed,
    newStart: shown.length > removed ? 1 : 0,
    newLines: shown.length - removed,
    lines: shown,
  }
  const left = deletions + additions - shown.length
  const note = `(too different to compare line by line: every line is shown as replaced${left > 0 ? `; ${left} more are not shown` : ''})\n`
  return { binary: false, additions, deletions, diff: header(file) + body(file, [hunk]) + note + file.note }
}

const BINARY: FileDiffFacts = { binary: true, additions: 0, deletions: 0, diff: '' }

/** Bytes. Larger files in other encodings count as binary, since decoding takes time. */
const MOST_DECODED = 2 * 1024 * 1024

/**
 * Converts both sides of a file to UTF-8, with a line for people that names their encodings.
 *
 * @returns undefined if a side is not text.
 */
function asUtf8(file: DiffableFile): (DiffableFile & { readonly note: string }) | undefined {
  const before = sideOf(file.before)
  const after = sideOf(file.bytes, before?.encoding)
  if (before === undefined || after === undefined) return undefined
  const names = [...new Set([before.name, after.name])].filter((name) => name !== '')
  // Without the earlier bytes no diff is shown, so no note is needed.
  const note =
    names.length === 0 || file.before === undefined ? '' : `(shown as text from ${names.join(' and ')})\n`
  return { ...file, before: before.bytes, bytes: after.bytes, note }
}

interface Side<Nothing> {
  readonly bytes: Uint8Array | Nothing
  /** Empty for UTF-8. */
  readonly name: string
  readonly encoding?: string | undefined
}

function sideOf<Nothing extends null | undefined>(
  bytes: Uint8Array | Nothing,
  likely?: string,
): Side<Nothing> | undefined {
  if (bytes === null || bytes === undefined) return { bytes, name: '' }
  const encoding = findEncoding(bytes, likely)
  if (encoding === undefined) return undefined
  if (encoding === UTF8 || (encoding.name === 'UTF-8' && encoding.bom)) return { bytes, name: '' }
  if (bytes.length > MOST_DECODED) return undefined
  const text = decodeFile(bytes, encoding)
  return {
    bytes: Buffer.from(text),
    name: encodingText({ ...encoding, source: 'bytes' }),
    encoding: encoding.name,
  }
}

function toText(bytes: Uint8Array | null): string {
  return bytes === null ? '' : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

/** The facts of a file whose earlier version was too large to read. */
function withoutDiff(file: DiffableFile): FileDiffFacts {
  return { binary: false, additions: countLines(file.bytes), deletions: 0, diff: header(file) }
}

/** As many whole lines as fit into a third of a diff, each marked with the sign. */
function firstLines(bytes: Uint8Array | null, sign: '-' | '+'): string[] {
  if (bytes === null || bytes.length === 0) return []
  const most = MAX_DIFF_CHARACTERS / 3
  const isCut = bytes.length > most
  const lines = toText(bytes.subarray(0, most)).split('\n')
  // The part after the last line end is empty or an incomplete line.
  if (isCut || lines.at(-1) === '') lines.pop()
  return lines.map((line) => sign + line)
}

function findHunks(
  before: string,
  after: string,
  maxEditLength: number,
): readonly StructuredPatchHunk[] | undefined {
  const options = { context: 3, maxEditLength }
  return structuredPatch('', '', before, after, undefined, undefined, options)?.hunks
}

/** The hunk of a new or deleted file, for which no search is needed. */
function wholeFile(before: string, after: string): StructuredPatchHunk[] {
  const text = before || after
  if (text === '') return []
  const lines = text.replace(/\n$/, '').split('\n')
  const marked = lines.map((line) => (before ? '-' : '+') + line)
  if (!text.endsWith('\n')) marked.push('\\ No newline at end of file')
  const added = before ? 0 : lines.length
  const removed = before ? lines.length : 0
  return [
    {
      oldStart: removed && 1,
      oldLines: removed,
      newStart: added && 1,
      newLines: added,
      lines: marked,
    },
  ]
}

function header({ path, previousPath, mode, oldMode }: DiffableFile): string {
  const lines = [`diff --git a/${previousPath ?? path} b/${path}`]
  if (oldMode === '000000') lines.push(`new file mode ${mode}`)
  else if (mode === '000000') lines.push(`deleted file mode ${oldMode}`)
  else if (mode !== oldMode) lines.push(`old mode ${oldMode}`, `new mode ${mode}`)
  if (previousPath !== undefined) lines.push(`rename from ${previousPath}`, `rename to ${path}`)
  return `${lines.join('\n')}\n`
}

function body(
  { path, previousPath, mode, oldMode }: DiffableFile,
  hunks: readonly StructuredPatchHunk[],
): string {
  if (hunks.length === 0) return ''
  const from = oldMode === '000000' ? '/dev/null' : `a/${previousPath ?? path}`
  const to = mode === '000000' ? '/dev/null' : `b/${path}`
  const parts = hunks.map(
    ({ oldStart, oldLines, newStart, newLines, lines }) =>
      `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@\n${lines.join('\n')}\n`,
  )
  return `--- ${from}\n+++ ${to}\n${parts.join('')}`
}

/** Counts lines in the bytes, without splitting a text that may have ten million lines. */
function countLines(bytes: Uint8Array | null): number {
  if (bytes === null || bytes.length === 0) return 0
  let count = bytes.at(-1) === 0x0a ? 0 : 1
  // Calling `indexOf` for each line would take many times as long.
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === 0x0a) count++
  return count
}

/** Cuts a diff at the end of a line, and adds a line that says so. */
function cutDiff(diff: string): string {
  if (diff.length <= MAX_DIFF_CHARACTERS) return diff
  const end = diff.lastIndexOf('\n', MAX_DIFF_CHARACTERS)
  const left = countLines(Buffer.from(diff.slice(end + 1)))
  return `${diff.slice(0, end + 1)}(${left} more lines of this diff are not shown)\n`
}
