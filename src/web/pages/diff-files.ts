export interface DiffFile {
  readonly path: string
  readonly lines: readonly DiffLine[]
  readonly additions: number
  readonly deletions: number
}

export interface DiffLine {
  readonly kind: 'add' | 'delete' | 'context' | 'hunk' | 'note'
  /** With its sign. */
  readonly text: string
  /** Number of the line in the new file, for lines that stand in it. */
  readonly number: number | undefined
}

interface Open {
  path: string
  lines: DiffLine[]
  hunks: number
}

/**
 * Splits a unified diff into files. Lines are counted as the hunk headers say, so a removed line that reads `-- a`
 * is not taken for a header. A diff that was cut off gives what is there.
 */
export function diffFiles(diff: string): readonly DiffFile[] {
  const files: Open[] = []
  let left = { old: 0, new: 0 }
  let number = 0
  const open = (path: string) => files.push({ path, lines: [], hunks: 0 })
  for (const line of diff.replace(/\n$/, '').split('\n')) {
    const file = files.at(-1)
    const inHunk = left.old > 0 || left.new > 0
    if (file && inHunk && /^[ +-]|^$/.test(line)) {
      const kind = line.startsWith('+') ? 'add' : line.startsWith('-') ? 'delete' : 'context'
      file.lines.push({ kind, text: line, number: kind === 'delete' ? undefined : number })
      if (kind !== 'add') left = { ...left, old: left.old - 1 }
      if (kind !== 'delete') {
        left = { ...left, new: left.new - 1 }
        number += 1
      }
    } else if (line.startsWith('diff --git ')) {
      open(/ b\/(.*)$/.exec(line)?.[1] ?? line.slice(11))
    } else if (line.startsWith('--- ')) {
      if (!file || file.hunks > 0) open(pathOf(line))
    } else if (line.startsWith('+++ ')) {
      if (file && !line.startsWith('+++ /dev/null')) file.path = pathOf(line)
    } else if (file && line.startsWith('@@ ')) {
      const [, oldCount, start, newCount] = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line) ?? []
      left = { old: Number(oldCount ?? 1), new: Number(newCount ?? 1) }
      number = Number(start ?? 1)
      file.hunks += 1
      file.lines.push({ kind: 'hunk', text: line, number: undefined })
    } else if (file && !/^(?:index |Index: |=+$)/.test(line)) {
      file.lines.push({ kind: 'note', text: line, number: undefined })
    }
  }
  return files.map(({ path, lines }) => ({
    path,
    lines,
    additions: lines.filter(({ kind }) => kind === 'add').length,
    deletions: lines.filter(({ kind }) => kind === 'delete').length,
  }))
}

function pathOf(header: string): string {
  return header
    .slice(4)
    .replace(/\t.*$/, '')
    .replace(/^[ab]\//, '')
}
