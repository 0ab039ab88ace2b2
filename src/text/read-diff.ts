import { parsePatch, type StructuredPatch } from 'diff'

/** One file of a unified diff. */
export interface FileDiff {
  /** The new path, or the old one of a deleted file. */
  readonly path: string
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed'
  /** Git's header lines about mode, rename and binary content, without those that only repeat the path. */
  readonly header: readonly string[]
  readonly hunks: readonly DiffHunk[]
  /** Lines after the hunks that do not belong to the diff: `(12 more lines of this diff are not shown)`. */
  readonly notes: readonly string[]
  readonly binary: boolean
}

interface DiffHunk {
  /** `@@ -1,2 +1,3 @@`, unchanged. */
  readonly header: string
  /** Number of its first line in the new file. */
  readonly newStart: number
  /** Each with its sign: `+`, `-`, a space, or `\` for Git's remark on a missing newline. */
  readonly lines: readonly string[]
}

/** Splits git's diff into the parts of its files; a diff without `diff --git` lines is one part. */
export function splitDiff(diff: string): readonly string[] {
  // Lines of a hunk have a sign in front, so these words begin a line only where a file begins.
  return diff.split(/^(?=diff --git )/m)
}

/** Reads a unified diff. Text that is no diff has no files; a diff that was cut off has those that are left. */
export function readDiff(diff: string): readonly FileDiff[] {
  return splitDiff(diff).flatMap(readPart)
}

/** The lines that these files add, or remove, without their sign. */
export function changedLines(files: readonly FileDiff[], sign: '+' | '-'): readonly string[] {
  return files
    .flatMap(({ hunks }) => hunks.flatMap(({ lines }) => lines))
    .filter((line) => line.startsWith(sign))
    .map((line) => line.slice(1))
}

/**
 * jsdiff refuses a hunk whose lines are not those that its header counts: some may be cut off, or masked as a secret. It
 * also refuses names that it cannot make out; the changed lines matter even then.
 */
function parse(text: string): readonly StructuredPatch[] {
  try {
    return parsePatch(text)
  } catch {
    const [header = '', ...hunks] = text.split(/^(?=@@ )/m)
    const counted = hunks.map(recount).join('')
    try {
      return parsePatch(header + counted)
    } catch {
      return parsePatch(counted)
    }
  }
}

function recount(hunk: string): string {
  const [header = '', ...rest] = hunk.split('\n')
  const starts = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(header)
  if (!starts) return ''
  const end = rest.findIndex((line) => !/^[ +\-\\]/.test(line))
  const lines = end === -1 ? rest : rest.slice(0, end)
  const count = (signs: RegExp) => lines.filter((line) => signs.test(line)).length
  const counted = `@@ -${starts[1]},${count(/^[ -]/)} +${starts[2]},${count(/^[ +]/)} @@`
  return [counted, ...lines, ''].join('\n')
}

function readPart(text: string): readonly FileDiff[] {
  const files = parse(text)
  const start = text.search(/^(?:--- |@@ )/m)
  const header = notesIn(start === -1 ? text : text.slice(0, start))
  const notes = start === -1 ? [] : notesIn(text.slice(start))
  const isGitBinary = header.includes('GIT binary patch')
  // jsdiff drops what git writes behind the numbers: the function that a hunk is in.
  const hunkHeaders = text.match(/^@@ .*$/gm)?.values()
  return files
    .map((file, index) => ({
      path: pathOf(file),
      status: statusOf(file),
      // The encoded bytes tell a reader nothing.
      header: isGitBinary
        ? header.slice(0, header.indexOf('GIT binary patch') + 1)
        : index === 0
          ? header
          : [],
      hunks: file.hunks
        .map(({ newStart, lines }) => ({ header: hunkHeaders?.next().value ?? '', newStart, lines }))
        .filter(({ newStart }) => !Number.isNaN(newStart)),
      notes: index === files.length - 1 ? notes : [],
      binary: isGitBinary || file.isBinary === true,
    }))
    .filter(({ path, hunks }, index) => hunks.length > 0 || (path !== '' && files[index]?.isGit === true))
}

/** Lines that are neither names of files nor of a hunk. */
function notesIn(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !/^(?:diff |index |Index: |=+$|[ +\-\\@])/.test(line))
}

function statusOf(file: StructuredPatch): FileDiff['status'] {
  const { isCreate, isDelete, isRename, oldFileName, newFileName } = file
  if (isCreate || oldFileName === '/dev/null') return 'added'
  if (isDelete || newFileName === '/dev/null') return 'deleted'
  return isRename ? 'renamed' : 'modified'
}

function pathOf({ oldFileName = '', newFileName = '' }: StructuredPatch): string {
  return (newFileName === '/dev/null' ? oldFileName : newFileName).replace(/^[ab]\//, '')
}
