import { readDiff } from '../text/read-diff.ts'
import type { VerifiedFile } from './verified-file.ts'

/** A part of a change that can be reverted alone. */
export interface Hunk {
  readonly file: VerifiedFile
  /** First and last line in the changed file; both are 0 if the file is deleted. */
  readonly from: number
  readonly to: number
  /** Unified diff of the hunk, bounded. */
  readonly diff: string
  /** Added and removed lines. */
  readonly size: number
  /** Position of its lines; undefined if the hunk is the whole file. */
  readonly place?: HunkPlace | undefined
}

/** Line numbers count from 1. On a side without lines, the start is the line before the hunk, or 0. */
interface HunkPlace {
  readonly oldStart: number
  readonly oldLines: number
  readonly newStart: number
  readonly newLines: number
}

/** The content of a path after something was reverted. */
export interface FileState {
  readonly path: string
  /** Null if there is no file. */
  readonly bytes: Uint8Array | null
  /** File mode; not used if there is no file. */
  readonly mode: string
}

const MOST_DIFF = 4000
/** Bytes; larger files are data and are not split. */
const MOST_BYTES = 1024 * 1024
const PLACE = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/

/**
 * The hunks of a file's diff. A file that was added, deleted or renamed, that is binary or large, or whose diff was cut
 * counts as one hunk.
 */
export function hunksOf(file: VerifiedFile): readonly Hunk[] {
  const isLarge = (file.bytes?.length ?? 0) > MOST_BYTES || (file.before?.length ?? 0) > MOST_BYTES
  const [read, ...more] = file.status === 'modified' && !isLarge ? readDiff(file.diff) : []
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
  const { length = 0 } = file.bytes ?? []
  const lines = file.bytes === null || length > MOST_BYTES ? Math.min(1, length) : countLines(file.bytes)
  const changed = file.diff.split('\n').filter((line) => /^[+-](?![+-]{2} )/.test(line)).length
  return { file, from: Math.min(1, lines), to: lines, diff: bounded(file.diff), size: Math.max(1, changed) }
}

/** The first and last new line; if lines were only deleted, the line before them. */
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
 * Reverts hunks of one file and returns the resulting files. Lines are copied as bytes from both sides, so that line ends
 * and a missing last newline stay the same.
 *
 * @returns undefined if the bytes before the change are not known.
 */
export function takeBack(hunks: readonly Hunk[]): readonly FileState[] | undefined {
  const [first] = hunks
  if (first === undefined) return []
  const { file } = first
  const { path, mode, bytes, before } = file
  if (before === undefined) return undefined
  if (hunks.some(({ place }) => place === undefined) || bytes === null || before === null)
    return asBefore(file)
  const starts = lineStarts(bytes)
  const earlier = lineStarts(before)
  const places = hunks.flatMap(({ place }) => place ?? []).sort((a, b) => a.newStart - b.newStart)
  const parts: Uint8Array[] = []
  let next = 0
  for (const { oldStart, oldLines, newStart, newLines } of places) {
    const [at, from] = [Math.max(0, newStart - 1), Math.max(0, oldStart - 1)]
    parts.push(linesFrom(bytes, starts, { from: next, to: at }))
    parts.push(linesFrom(before, earlier, { from, to: from + oldLines }))
    next = at + newLines
  }
  parts.push(linesFrom(bytes, starts, { from: next, to: starts.length }))
  return [{ path, bytes: Buffer.concat(parts), mode }]
}

/** The file before the change; undefined if that is not known. */
export function asBefore({
  path,
  previousPath,
  mode,
  before,
}: VerifiedFile): readonly FileState[] | undefined {
  if (before === undefined) return undefined
  const gone = previousPath === undefined ? [] : [{ path, bytes: null, mode }]
  return [...gone, { path: previousPath ?? path, bytes: before, mode: mode === '000000' ? '100644' : mode }]
}

const LINE_FEED = 0x0a

/** The offset of each line. Numbers in an array, because a file may have as many lines as bytes. */
export function lineStarts(bytes: Uint8Array): Uint32Array {
  const starts = new Uint32Array(countLines(bytes))
  let count = 0
  for (let at = 0; at < bytes.length; at++) {
    if (at === 0 || bytes[at - 1] === LINE_FEED) starts[count++] = at
  }
  return starts
}

function countLines(bytes: Uint8Array): number {
  let count = bytes.length > 0 && bytes.at(-1) !== LINE_FEED ? 1 : 0
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === LINE_FEED) count++
  return count
}

/** The bytes of some lines with their line ends. Lines count from 0. */
function linesFrom(
  bytes: Uint8Array,
  starts: Uint32Array,
  { from, to }: { readonly from: number; readonly to: number },
): Uint8Array {
  return bytes.subarray(starts[from] ?? bytes.length, starts[to] ?? bytes.length)
}

/** The file after the change, with the deleted path of a rename. */
export function onChange({ path, previousPath, mode, bytes }: VerifiedFile): readonly FileState[] {
  const gone = previousPath === undefined ? [] : [{ path: previousPath, bytes: null, mode }]
  return [...gone, { path, bytes, mode }]
}
