import { mayHoldTests } from '../checks/test-marks.ts'
import { readDiff } from '../text/read-diff.ts'
import type { VerifiedFile } from './verified-file.ts'

/** One part of a change that can be taken back alone. */
export interface Hunk {
  readonly file: VerifiedFile
  /** Lines in the file on the change; 0 and 0 where the file is gone. */
  readonly from: number
  readonly to: number
  /** Unified diff of the hunk, bounded. */
  readonly diff: string
  /** Added and removed lines. */
  readonly size: number
  /** Where its lines are; undefined if it is the file as a whole. */
  readonly place?: HunkPlace | undefined
}

/** Line numbers count from 1; a hunk without lines on a side begins at 0. */
interface HunkPlace {
  readonly oldStart: number
  readonly oldLines: number
  readonly newStart: number
  readonly newLines: number
}

/** What a path holds when something is taken back. */
export interface FileState {
  readonly path: string
  /** Null if there is no file. */
  readonly bytes: Uint8Array | null
  /** Of the file; not used if there is none. */
  readonly mode: string
}

const MOST_DIFF = 4000
const PLACE = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/

/**
 * The hunks of a file, as its diff has them. Files that were added, removed or renamed, that are not text, or whose diff was
 * cut off count as one hunk.
 */
export function hunksOf(file: VerifiedFile): readonly Hunk[] {
  const [read, ...more] = file.status === 'modified' ? readDiff(file.diff) : []
  const isWhole = read !== undefined && more.length === 0 && read.notes.length === 0 && hasBytes(file)
  if (!isWhole || read.hunks.length === 0) return [wholeFile(file)]
  const hunks = read.hunks.map(({ header, lines }) => {
    const [, oldStart, oldLines = '1', newStart, newLines = '1'] = PLACE.exec(header) ?? []
    if (oldStart === undefined || newStart === undefined) return undefined
    const place = {
      oldStart: Number(oldStart),
      oldLines: Number(oldLines),
      newStart: Number(newStart),
      newLines: Number(newLines),
    }
    return {
      file,
      ...changedRange(lines, place.newStart),
      diff: bounded(`${header}\n${lines.join('\n')}`),
      size: lines.filter((line) => /^[+-]/.test(line)).length,
      place,
    }
  })
  return hunks.every((hunk) => hunk !== undefined) ? hunks : [wholeFile(file)]
}

function hasBytes({ bytes, before }: VerifiedFile): boolean {
  return bytes !== null && before !== null && before !== undefined
}

function wholeFile(file: VerifiedFile): Hunk {
  const lines = file.bytes === null ? 0 : linesOf(file.bytes).length
  const changed = file.diff.split('\n').filter((line) => /^[+-](?![+-]{2} )/.test(line)).length
  return { file, from: Math.min(1, lines), to: lines, diff: bounded(file.diff), size: Math.max(1, changed) }
}

/** The first and the last line that is new; where lines only went away, the one before them. */
function changedRange(
  lines: readonly string[],
  newStart: number,
): { readonly from: number; readonly to: number } {
  const added: number[] = []
  const removedAt: number[] = []
  let at = newStart - 1
  for (const line of lines) {
    if (line.startsWith('\\')) continue
    if (line.startsWith('-')) removedAt.push(Math.max(1, at))
    else at++
    if (line.startsWith('+')) added.push(at)
  }
  const places = added.length > 0 ? added : removedAt
  return { from: places[0] ?? newStart, to: places.at(-1) ?? newStart }
}

function bounded(diff: string): string {
  if (diff.length <= MOST_DIFF) return diff
  return `${diff.slice(0, diff.lastIndexOf('\n', MOST_DIFF)).toWellFormed()}\n(the rest of this hunk is not shown)`
}

/**
 * The files as they are on the change with these hunks of one file taken back: the bytes of the lines come from both sides,
 * so line ends and a missing newline at the end stay what they are.
 *
 * @returns undefined if the bytes before the change are not known.
 */
export function takeBack(hunks: readonly Hunk[]): readonly FileState[] | undefined {
  const [first] = hunks
  if (first === undefined) return []
  const { file } = first
  const { path, previousPath, mode, bytes, before } = file
  if (before === undefined) return undefined
  if (hunks.some(({ place }) => place === undefined) || bytes === null || before === null) {
    const earlier = previousPath ?? path
    const gone = previousPath === undefined ? [] : [{ path, bytes: null, mode }]
    return [...gone, { path: earlier, bytes: before, mode: mode === '000000' ? '100644' : mode }]
  }
  const oldLines = linesOf(before)
  let lines = linesOf(bytes)
  const places = hunks.flatMap(({ place }) => place ?? []).sort((a, b) => b.newStart - a.newStart)
  for (const place of places) {
    const from = Math.max(0, place.oldStart - 1)
    const earlier = oldLines.slice(from, from + place.oldLines)
    const at = Math.max(0, place.newStart - 1)
    lines = [...lines.slice(0, at), ...earlier, ...lines.slice(at + place.newLines)]
  }
  return [{ path, bytes: Buffer.concat(lines), mode }]
}

/** Each with its line end. */
function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(0x0a, start)
    const end = found === -1 ? bytes.length : found + 1
    lines.push(bytes.subarray(start, end))
    start = end
  }
  return lines
}

/** Where the tests begin in a file that holds both: by custom, at the end. Lines count from 1. */
export function testsBegin({ path, bytes }: Pick<VerifiedFile, 'path' | 'bytes'>): number | undefined {
  if (bytes === null || !mayHoldTests(path)) return undefined
  const lines = new TextDecoder().decode(bytes).split('\n')
  const found = lines.findIndex((line) => /^\s*#\[cfg\((?:all\(|any\()?\s*test\b/.test(line))
  return found === -1 ? undefined : found + 1
}

/** What a file holds on the change. */
export function onChange({ path, previousPath, mode, bytes }: VerifiedFile): readonly FileState[] {
  const gone = previousPath === undefined ? [] : [{ path: previousPath, bytes: null, mode }]
  return [...gone, { path, bytes, mode }]
}
