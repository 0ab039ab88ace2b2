import { parsePatch, type StructuredPatch } from 'diff'

/** One file of a unified diff. */
export interface FileDiff {
  /** The new path; for a deleted file the old one. */
  readonly path: string
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed'
  /** Git's header lines about mode, rename and binary content. Those that only repeat the path are left out. */
  readonly header: readonly string[]
  readonly hunks: readonly DiffHunk[]
  /** Lines after the hunks that are not part of the diff: `(12 more lines of this diff are not shown)`. */
  readonly notes: readonly string[]
  readonly binary: boolean
}

interface DiffHunk {
  /** `@@ -1,2 +1,3 @@`, unchanged. */
  readonly header: string
  /** Number of the hunk's first line in the new file. */
  readonly newStart: number
  /** Each line with its sign: `+`, `-`, a space, or `\` for Git's remark about a missing newline. */
  readonly lines: readonly string[]
}

/** Splits git's diff into the parts of its files; a diff without `diff --git` lines is one part. */
export function splitDiff(diff: string): readonly string[] {
  // Inside a hunk every line has a sign in front, so only the beginning of a file can begin with these words.
  return diff.split(/^(?=diff --git )/m)
}

/** Reads a unified diff. A text that is not a diff has no files; a diff that was cut off has those before the cut. */
export function readDiff(diff: string): readonly FileDiff[] {
  return splitDiff(diff).flatMap(readPart)
}

/** The lines that these files add or remove, without the sign. */
export function changedLines(files: readonly FileDiff[], sign: '+' | '-'): readonly string[] {
  return files
    .flatMap(({ hunks }) => hunks.flatMap(({ lines }) => lines))
    .filter((line) => line.startsWith(sign))
    .map((line) => line.slice(1))
}

/**
 * jsdiff rejects a hunk whose lines do not match the counts in its header: some may be cut off, or masked as secrets.
 * It also rejects names that it cannot read. The changed lines matter even then.
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
  // jsdiff drops what git writes after the numbers: the function that the hunk is in.
  const hunkHeaders = text.match(/^@@ .*$/gm)?.values()
  return files
    .map((file, index) => ({
      path: pathOf(file),
      status: statusOf(file),
      // The encoded bytes mean nothing to a reader.
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

/** Lines that name neither a file nor a hunk. */
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
