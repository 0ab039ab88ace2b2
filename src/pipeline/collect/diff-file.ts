import { type StructuredPatchHunk, structuredPatch } from 'diff'
import type { ChangedFile } from './change-list.ts'

const MAX_DIFF_CHARACTERS = 64 * 1024
/** Beyond this many changed lines the search for the shortest diff takes too long for one process. */
const MAX_EDIT_LENGTH = 4000

export type DiffableFile = Pick<ChangedFile, 'path' | 'previousPath' | 'mode' | 'bytes'> & {
  /** Null for an addition; undefined when the bytes are not known. */
  readonly before: Uint8Array | null | undefined
  /** Mode at the base commit; `000000` for an addition. */
  readonly oldMode: string
}

/** What people see of a changed file: its diff, and how many lines were added and removed. Made on the host. */
export function diffFile(
  file: DiffableFile,
): Pick<ChangedFile, 'binary' | 'additions' | 'deletions' | 'diff'> {
  const before = file.before === undefined ? undefined : toText(file.before)
  const after = toText(file.bytes)
  if (after === undefined || (file.before !== undefined && before === undefined)) {
    return { binary: true, additions: 0, deletions: 0, diff: '' }
  }
  const head = header(file)
  if (before === undefined) return { binary: false, additions: countLines(after), deletions: 0, diff: head }
  const hunks = before === '' || after === '' ? wholeFile(before, after) : findHunks(before, after)
  if (hunks === undefined) {
    return { binary: false, additions: countLines(after), deletions: countLines(before), diff: head }
  }
  const lines = hunks.flatMap((hunk) => hunk.lines)
  return {
    binary: false,
    additions: lines.filter((line) => line.startsWith('+')).length,
    deletions: lines.filter((line) => line.startsWith('-')).length,
    diff: cutText(head + body(file, hunks)),
  }
}

/** Text when the bytes are UTF-8 without NUL; undefined for binary files. */
function toText(bytes: Uint8Array | null): string | undefined {
  if (bytes === null) return ''
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function findHunks(before: string, after: string): readonly StructuredPatchHunk[] | undefined {
  const options = { context: 3, maxEditLength: MAX_EDIT_LENGTH }
  return structuredPatch('', '', before, after, undefined, undefined, options)?.hunks
}

/** A new or a deleted file needs no search. */
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

function countLines(text: string): number {
  return text === '' ? 0 : text.replace(/\n$/, '').split('\n').length
}

/** Cut at the end of a line, with a last line that says so. */
function cutText(diff: string): string {
  if (diff.length <= MAX_DIFF_CHARACTERS) return diff
  const end = diff.lastIndexOf('\n', MAX_DIFF_CHARACTERS)
  const left = countLines(diff.slice(end + 1))
  return `${diff.slice(0, end + 1)}(${left} more lines of this diff are not shown)\n`
}
